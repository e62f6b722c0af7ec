package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The network of RUN steps. */
public enum NetworkMode {
    /** A private network namespace with a way out: DNS and outgoing connections, nothing of the host's loopback. */
    @JsonProperty("default")
    DEFAULT,
    /** A private network namespace with loopback only. */
    @JsonProperty("none")
    NONE
}
