package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How new layers are compressed. */
public enum LayerCompression {
    @JsonProperty("gzip")
    GZIP,
    @JsonProperty("zstd")
    ZSTD,
    @JsonProperty("none")
    NONE
}
