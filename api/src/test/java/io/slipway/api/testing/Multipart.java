package io.slipway.api.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A multipart/form-data body in the making (RFC 7578). Not thread-safe. */
public final class Multipart {
    private final String boundary = "----" + UUID.randomUUID();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    /** Adds a part with a file name, as browsers and curl send files. */
    public Multipart file(String name, String type, byte[] content) {
        return part(
                "Content-Disposition: form-data; name=\"" + name + "\"; filename=\"f\"\r\nContent-Type: " + type,
                content);
    }

    /** Adds a part without a file name. */
    public Multipart field(String name, String value) {
        return part("Content-Disposition: form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    private Multipart part(String head, byte[] content) {
        text("--" + boundary + "\r\n" + head + "\r\n\r\n");
        body.writeBytes(content);
        text("\r\n");
        return this;
    }

    private void text(String text) {
        body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The body; nothing can be added after it. */
    public byte[] bytes() {
        text("--" + boundary + "--\r\n");
        return body.toByteArray();
    }

    /** The value of {@code Content-Type}. */
    public String contentType() {
        return "multipart/form-data; boundary=" + boundary;
    }
}
