package io.slipway.api.access;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.TimeBox;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fetches the keys that an OpenID provider signs with: from where it says that they are (OpenID Connect Discovery 1.0, section 4). Over
 * {@link HttpURLConnection}, as everything that is fetched for others (docs/decisions/0008-one-room-for-fetching.md); redirects are not
 * followed, since a provider is where its name says. Whoever keeps the keys is Nimbus: this asks anew each time. Thread-safe.
 */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int WAIT_MILLIS = 5_000;
    private static final int MOST_BYTES = 1 << 20;

    private final String issuer;
    private final @Nullable URI keys;
    private final @Nullable AddressPolicy policy;

    /**
     * @param issuer the provider's name, a URL
     * @param keys where its keys are, or null: where it says
     * @param policy where connections may go, with TLS only, or null if the operator has named the provider
     */
    IssuerKeys(String issuer, @Nullable URI keys, @Nullable AddressPolicy policy) {
        this.issuer = issuer;
        this.keys = keys;
        this.policy = policy;
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator evaluator, long now, @Nullable SecurityContext context)
            throws KeySourceException {
        try {
            return TimeBox.run("fetching the keys of " + issuer, LIMIT, () -> null, this::fetch);
        } catch (IOException | SourceException | IllegalArgumentException e) {
            throw new JWKSetUnavailableException("the keys of " + issuer + " can't be had: " + e.getMessage(), e);
        }
    }

    private JWKSet fetch() throws IOException {
        try {
            return JWKSet.parse(get(keys != null ? keys : discovered()));
        } catch (ParseException e) {
            throw new IOException("it has no JSON Web Key Set", e);
        }
    }

    private URI discovered() throws IOException {
        String address = issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration";
        Discovery discovery;
        try {
            discovery = JsonMapper.shared().readValue(get(URI.create(address)), Discovery.class);
        } catch (JacksonException e) {
            throw new IOException("its description is not JSON", e);
        }
        if (!issuer.equals(discovery.issuer()) || discovery.keys() == null) {
            throw new IOException("its description is another issuer's, or names no keys");
        }
        return URI.create(discovery.keys());
    }

    @com.fasterxml.jackson.annotation.JsonIgnoreProperties(ignoreUnknown = true)
    private record Discovery(
            @Nullable String issuer,

            @com.fasterxml.jackson.annotation.JsonProperty("jwks_uri") @Nullable
            String keys) {}

    private String get(URI address) throws IOException {
        if (policy != null) {
            if (!"https".equals(address.getScheme())) {
                throw new IOException(address + " is not https");
            }
            policy.pin(String.valueOf(address.getHost()));
        }
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(WAIT_MILLIS);
        connection.setReadTimeout(WAIT_MILLIS);
        connection.setRequestProperty("User-Agent", "slipway");
        connection.setRequestProperty("Accept", "application/json");
        try {
            if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
                throw new IOException(address + " answers with status " + connection.getResponseCode());
            }
            try (InputStream body = connection.getInputStream()) {
                byte[] bytes = body.readNBytes(MOST_BYTES + 1);
                if (bytes.length > MOST_BYTES) {
                    throw new IOException(address + " answers with more than " + MOST_BYTES + " bytes");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } finally {
            connection.disconnect();
        }
    }

    @Override
    public void close() {}
}
