package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which media types a result carries. */
public enum ImageFormat {
    /** OCI image specification 1.1. */
    @JsonProperty("oci")
    OCI,
    /** Docker image manifest V2, schema 2. */
    @JsonProperty("docker")
    DOCKER
}
