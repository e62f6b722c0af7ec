package io.slipway.image.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP request that can be sent again.
 *
 * @param method GET, HEAD, POST, PUT or DELETE
 * @param uri where to
 * @param headers header fields by name
 * @param body the body, or null
 */
record HttpRequest(
        String method,
        URI uri,
        Map<String, String> headers,
        @Nullable Body body) {

    /** A body of known size that can be opened any number of times. */
    interface Body {
        long size();

        InputStream open() throws IOException;

        /** A small body in memory. */
        static Body of(byte[] content) {
            return new Body() {
                @Override
                public long size() {
                    return content.length;
                }

                @Override
                public InputStream open() {
                    return new ByteArrayInputStream(content);
                }
            };
        }
    }

    static HttpRequest of(String method, URI uri) {
        return new HttpRequest(method, uri, Map.of(), null);
    }

    HttpRequest with(String header, String value) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.put(header, value);
        return new HttpRequest(method, uri, changed, body);
    }

    HttpRequest without(String header) {
        Map<String, String> changed = new LinkedHashMap<>(headers);
        changed.remove(header);
        return new HttpRequest(method, uri, changed, body);
    }

    HttpRequest to(URI other) {
        return new HttpRequest(method, other, headers, body);
    }

    HttpRequest with(Body content) {
        return new HttpRequest(method, uri, headers, content);
    }
}
