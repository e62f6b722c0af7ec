package io.slipway.api.secret;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in two sentences that there is no key. Named in {@code META-INF/spring.factories}. */
final class SecretKeyFailureAnalyzer extends AbstractFailureAnalyzer<SecretKeyException> {
    @Override
    protected FailureAnalysis analyze(Throwable failure, SecretKeyException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Each line must be a key: 32 random bytes in base64, as `head -c 32 /dev/urandom | base64` makes them. The first one encrypts,"
                        + " and all of them decrypt (docs/operating.md, keys).",
                cause);
    }
}
