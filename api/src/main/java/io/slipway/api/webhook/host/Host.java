package io.slipway.api.webhook.host;

import io.slipway.db.webhook.SameBody;
import org.jspecify.annotations.Nullable;

/** A kind of git host: how it proves who it is, and what its payloads say. Stateless, thread-safe. */
public interface Host {
    /**
     * Whether a request was sent by somebody who knows the secret. Takes as long for one secret as for another, in constant time where bytes
     * are compared.
     *
     * @param secret what the host and the service both know
     */
    boolean isProven(HookRequest request, String secret);

    /** The host's own id of a delivery, the same when it is sent again; null if there is none. */
    @Nullable
    String deliveryId(HookHeaders headers);

    /** What a body means that comes again under another {@link #deliveryId}. */
    default SameBody sameBody() {
        return SameBody.ANOTHER;
    }

    /** What the host calls the event, by its header fields alone; empty if they do not say. */
    String event(HookHeaders headers);

    /** Whether the host sends this without a proof, and it means nothing but "are you there?". */
    default boolean isUnsignedPing(HookHeaders headers) {
        return false;
    }

    /**
     * What a payload says.
     *
     * @param event of {@link #event}
     */
    Reading read(String event, Payload payload);

    /** What is wrong with a secret that somebody wants to use, or null. */
    default @Nullable String faultOf(String secret) {
        return null;
    }

    /** A new secret. */
    default String newSecret() {
        return NewSecrets.text();
    }
}
