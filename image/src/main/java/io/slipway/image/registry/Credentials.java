package io.slipway.image.registry;

import org.jspecify.annotations.Nullable;

/**
 * What a registry host wants to know about us. Sent to that host and, if the host asks for tokens, to the token server that
 * it names; never anywhere else.
 *
 * @param username the user name
 * @param password the password or access token
 * @param identityToken an OAuth2 refresh token to use instead of the password with token servers, or null
 */
public record Credentials(
        String username, String password, @Nullable String identityToken) {

    /** User name and password. */
    public Credentials(String username, String password) {
        this(username, password, null);
    }

    /**
     * What somebody has written down.
     *
     * @param identityToken an OAuth2 refresh token, which goes before a user name and a password, or null
     * @return null if there is neither a token nor both of the others
     */
    public static @Nullable Credentials of(
            @Nullable String username, @Nullable String password, @Nullable String identityToken) {
        if (identityToken != null) {
            // The user name that Docker's clients have with a token.
            return new Credentials("<token>", identityToken, identityToken);
        }
        return username == null || password == null ? null : new Credentials(username, password);
    }

    /** The user name only: this ends up in logs. */
    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
