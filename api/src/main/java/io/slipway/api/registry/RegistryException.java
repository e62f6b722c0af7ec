package io.slipway.api.registry;

import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;

/** Ends a request of a registry client with an error in the form that such clients read (distribution specification, "Error Codes"). */
final class RegistryException extends RuntimeException {
    private final HttpStatus status;
    private final Code code;

    /** The codes of the specification that a read-only registry needs. */
    enum Code {
        NAME_UNKNOWN,
        MANIFEST_UNKNOWN,
        BLOB_UNKNOWN,
        DIGEST_INVALID,
        /** Not of the specification, which lets registries have codes of their own. */
        UNAVAILABLE,
        UNSUPPORTED
    }

    RegistryException(HttpStatus status, Code code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    HttpStatus status() {
        return status;
    }

    /** {@code {"errors":[{"code":…,"message":…}]}} as a map. */
    Map<String, List<Map<String, String>>> body() {
        return Map.of("errors", List.of(Map.of("code", code.name(), "message", String.valueOf(getMessage()))));
    }
}
