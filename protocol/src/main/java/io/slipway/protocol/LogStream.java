package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a piece of a build's log came from. */
public enum LogStream {
    @JsonProperty("stdout")
    STDOUT,
    @JsonProperty("stderr")
    STDERR,
    /** Said by Slipway itself. */
    @JsonProperty("system")
    SYSTEM
}
