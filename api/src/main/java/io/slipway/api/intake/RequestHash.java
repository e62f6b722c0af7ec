package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.db.build.BuildId;
import io.slipway.image.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import tools.jackson.databind.json.JsonMapper;

/**
 * What makes two requests the same request: their options and their context. Not their bytes: a client that sends a multipart
 * body again chooses another boundary.
 */
final class RequestHash {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private RequestHash() {}

    /** Of a request that brought its context, and perhaps named ones: their uncompressed tars count. */
    static byte[] of(BuildOptions options, RequestContexts contexts) {
        return of(options, "sha256", contexts.fingerprint());
    }

    /** Of a request that says where its context is. A branch may move between two tries: it is the same request. */
    static byte[] of(BuildOptions options, ContextSource context) {
        return switch (context) {
            case ContextSource.Git git -> of(options, "git", MAPPER.writeValueAsString(git.source()));
            case ContextSource.Uploaded(String id) -> of(options, "context", id);
            case ContextSource.Http http -> of(options, "http", MAPPER.writeValueAsString(http.source()));
        };
    }

    /** Of a request to do a build once more. */
    static byte[] ofRetry(BuildId build) {
        return Digest.sha256().digest(("retry " + build).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] of(BuildOptions options, String kind, String context) {
        MessageDigest hash = Digest.sha256();
        hash.update(MAPPER.writeValueAsBytes(options)); // an object, so its end is plain
        hash.update(kind.getBytes(StandardCharsets.UTF_8));
        hash.update((byte) 0);
        hash.update(context.getBytes(StandardCharsets.UTF_8));
        return hash.digest();
    }
}
