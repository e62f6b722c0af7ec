package io.slipway.api.conditional;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A plain GET of another request's address by the same caller: without its body, query and header fields. What is set at it, the other request does not get. */
final class TagRequest extends HttpServletRequestWrapper {
    private final Map<String, @Nullable Object> own = new HashMap<>();

    TagRequest(HttpServletRequest changing) {
        super(changing);
    }

    @Override
    public String getMethod() {
        return "GET";
    }

    @Override
    public @Nullable String getQueryString() {
        return null;
    }

    @Override
    public @Nullable String getParameter(String name) {
        return null;
    }

    @Override
    public Map<String, String[]> getParameterMap() {
        return Map.of();
    }

    @Override
    public Enumeration<String> getParameterNames() {
        return Collections.emptyEnumeration();
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
        return null;
    }

    /** Only what addresses in the answer are made of. */
    private static boolean isAddress(String header) {
        String name = header.toLowerCase(Locale.ROOT);
        return name.equals("host") || name.equals("forwarded") || name.startsWith("x-forwarded-");
    }

    @Override
    public @Nullable String getHeader(String name) {
        return isAddress(name) ? super.getHeader(name) : null;
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
        return isAddress(name) ? super.getHeaders(name) : Collections.emptyEnumeration();
    }

    @Override
    public Enumeration<String> getHeaderNames() {
        return Collections.enumeration(Collections.list(super.getHeaderNames()).stream()
                .filter(TagRequest::isAddress)
                .toList());
    }

    @Override
    public @Nullable String getContentType() {
        return null;
    }

    @Override
    public int getContentLength() {
        return -1;
    }

    @Override
    public long getContentLengthLong() {
        return -1;
    }

    @Override
    public void setAttribute(String name, @Nullable Object value) {
        own.put(name, value);
    }

    @Override
    public void removeAttribute(String name) {
        own.put(name, null);
    }

    @Override
    public @Nullable Object getAttribute(String name) {
        return own.containsKey(name) ? own.get(name) : super.getAttribute(name);
    }

    @Override
    public Enumeration<String> getAttributeNames() {
        Set<String> names = new HashSet<>(Collections.list(super.getAttributeNames()));
        own.forEach((name, value) -> {
            if (value == null) {
                names.remove(name);
            } else {
                names.add(name);
            }
        });
        return Collections.enumeration(names);
    }
}
