package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a step was not in the cache. */
public enum MissReason {
    /** No step at this place of the Dockerfile was ever done in the project. */
    @JsonProperty("first")
    FIRST,
    /** Something that the step reads is not as it was. */
    @JsonProperty("changed")
    CHANGED,
    /** The step reads the same, but on other content: the base image or a layer below is another one. */
    @JsonProperty("content_below")
    CONTENT_BELOW,
    /** The result was there once, and is gone from the store. */
    @JsonProperty("collected")
    COLLECTED,
    /** The build was not to look into the cache. */
    @JsonProperty("no_cache")
    NO_CACHE
}
