package io.slipway.image.registry;

import io.slipway.image.ImageReference;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A registry did not do what was asked. The message is one sentence for people that names the image, the host and, where
 * it gave one, the registry's own reason; it never contains credentials.
 */
public final class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** The registry answered and does not have it. */
        NOT_FOUND,
        /** The image exists, but not for the platform that was asked for. */
        PLATFORM_NOT_FOUND,
        /** The registry wants to know who asks, or does not accept the credentials. */
        UNAUTHORIZED,
        /** The registry knows who asks and does not allow it. */
        DENIED,
        /** What came is not what the digest or size promised. */
        DIGEST_MISMATCH,
        /** What came is no image that Slipway can read, or not what the protocol prescribes. */
        INVALID,
        /** No answer, or after several attempts only 429 and 5xx; or it is where we don't connect to. */
        UNREACHABLE,
        /** Any other refusal. */
        REFUSED
    }

    /** What was asked for. */
    public enum Operation {
        RESOLVE("resolve"),
        PULL("pull"),
        PUSH("push to");

        private final String verb;

        Operation(String verb) {
            this.verb = verb;
        }
    }

    private final Kind kind;
    private final Operation operation;
    private final ImageReference reference;
    private final String host;
    private final String reason;

    RegistryException(
            Kind kind,
            Operation operation,
            ImageReference reference,
            String host,
            String reason,
            @Nullable Throwable cause) {
        super("can't " + operation.verb + " " + reference.familiarName() + ": " + reason, cause);
        this.kind = kind;
        this.operation = operation;
        this.reference = reference;
        this.host = host;
        this.reason = reason;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** What was asked for. */
    public Operation operation() {
        return operation;
    }

    /** The image it was about. */
    public ImageReference reference() {
        return reference;
    }

    /** The host that was asked, with its port if there is one: a mirror, or the reference's own. */
    public String host() {
        return host;
    }

    /** The message without what it was for. */
    String reason() {
        return reason;
    }
}
