package io.slipway.remote;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Values of the header {@code Authorization} (RFC 9110, 11.6.2). */
public final class Authorization {
    private Authorization() {}

    /** User name and password (RFC 7617). */
    public static String basic(String username, String password) {
        byte[] pair = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** A token (RFC 6750). */
    public static String bearer(String token) {
        return "Bearer " + token;
    }
}
