package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a build whose image would have a secret. */
public enum SecretPolicy {
    /** A warning says so. */
    @JsonProperty("warn")
    WARN,
    /** The build fails before the layer is pushed. */
    @JsonProperty("fail")
    FAIL,
    /** Nothing. */
    @JsonProperty("off")
    OFF
}
