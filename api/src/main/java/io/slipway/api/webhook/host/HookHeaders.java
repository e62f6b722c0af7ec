package io.slipway.api.webhook.host;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The header fields of what a host has sent, by name in lower case. Immutable. */
public final class HookHeaders {
    /** What instead of a value is kept of those that prove something, or would let somebody in. */
    public static final String MASK = "***";

    private static final Set<String> CONFIDENTIAL = Set.of(
            "authorization",
            "proxy-authorization",
            "cookie",
            "webhook-signature",
            "x-hub-signature",
            "x-hub-signature-256",
            "x-gitlab-token",
            "x-gitea-signature",
            "x-gogs-signature",
            "x-forgejo-signature");

    private final Map<String, List<String>> values;

    /** @param values all values of each name; names in any case */
    public HookHeaders(Map<String, List<String>> values) {
        TreeMap<String, List<String>> lower = new TreeMap<>();
        values.forEach((name, all) -> lower.computeIfAbsent(name.toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                .addAll(all));
        lower.replaceAll((_, all) -> List.copyOf(all));
        this.values = Collections.unmodifiableMap(lower);
    }

    /** Those of a request. */
    public static HookHeaders of(HttpServletRequest request) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            values.put(name, Collections.list(request.getHeaders(name)));
        }
        return new HookHeaders(values);
    }

    /** The value of a field that is there once and not empty; otherwise null. */
    public @Nullable String value(String name) {
        List<String> all = values.get(name.toLowerCase(Locale.ROOT));
        return all == null || all.size() != 1 || all.getFirst().isBlank()
                ? null
                : all.getFirst().strip();
    }

    /** Whether a field is there, whatever its value. */
    public boolean has(String name) {
        return values.containsKey(name.toLowerCase(Locale.ROOT));
    }

    /** All of them, without the values that nobody may read. */
    public Map<String, List<String>> masked() {
        TreeMap<String, List<String>> masked = new TreeMap<>(values);
        masked.replaceAll((name, all) -> CONFIDENTIAL.contains(name) ? List.of(MASK) : all);
        return masked;
    }
}
