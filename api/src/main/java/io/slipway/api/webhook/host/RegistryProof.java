package io.slipway.api.webhook.host;

/**
 * How a registry proves who it is. The distribution project's registry can send a header field that is always the same (its configuration's
 * {@code notifications.endpoints[].headers}): {@code Authorization: Bearer SECRET}. Others sign as Standard Webhooks says.
 */
public final class RegistryProof {
    private static final String BEARER = "Bearer ";

    private RegistryProof() {}

    /** A new secret, in the form of Standard Webhooks. */
    public static String newSecret() {
        return NewSecrets.standard();
    }

    /** Whether a request comes from somebody who knows the secret. Both ways are tried whatever comes, in constant time. */
    public static boolean isProven(HookRequest request, String secret) {
        String authorization = request.headers().value("Authorization");
        boolean signed = StandardWebhooks.isProven(request, secret);
        boolean known = Hmac.same(BEARER + secret, authorization == null ? "" : authorization);
        return signed || known;
    }
}
