package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What keeps a cache outside of the machine's own store. */
public enum CacheKind {
    /** An artifact of its own in a registry. */
    @JsonProperty("registry")
    REGISTRY,
    /** The image itself. */
    @JsonProperty("inline")
    INLINE,
    /** A directory, as an OCI layout. */
    @JsonProperty("local")
    LOCAL
}
