package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a step ended. */
public enum StepOutcome {
    @JsonProperty("executed")
    EXECUTED,
    @JsonProperty("cached")
    CACHED,
    @JsonProperty("failed")
    FAILED,
    @JsonProperty("cancelled")
    CANCELLED
}
