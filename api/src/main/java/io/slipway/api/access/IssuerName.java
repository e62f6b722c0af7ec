package io.slipway.api.access;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** Names of OpenID providers, which are URLs (OpenID Connect Core 1.0, section 2, "iss"). */
public final class IssuerName {
    private static final int LONGEST = 500;

    private IssuerName() {}

    /** What is wrong with a name, or null if it can be one. */
    public static @Nullable String fault(String issuer) {
        URI uri;
        try {
            uri = new URI(issuer);
        } catch (URISyntaxException e) {
            return "is not a URL";
        }
        if (issuer.length() > LONGEST) {
            return "is longer than " + LONGEST + " characters";
        }
        boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
        if (!http || uri.getHost() == null) {
            return "is not an https URL";
        }
        return uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null
                ? "has a user, a query or a fragment"
                : null;
    }

    static void requireValid(String issuer, String setting) {
        String fault = fault(issuer);
        if (fault != null) {
            throw new IllegalArgumentException(setting + " " + fault + ": " + issuer);
        }
    }
}
