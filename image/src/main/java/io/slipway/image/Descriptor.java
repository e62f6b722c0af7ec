package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a piece of content is and how to find it (OCI image specification 1.1, descriptor.md).
 *
 * @param mediaType the content's type
 * @param digest the content's digest
 * @param size the content's size in bytes
 * @param annotations free-form properties, or null
 * @param platform in an index: what the image runs on, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable Map<String, String> annotations,
        @Nullable Platform platform) {

    /** A descriptor without annotations or platform. */
    public Descriptor(String mediaType, Digest digest, long size) {
        this(mediaType, digest, size, null, null);
    }
}
