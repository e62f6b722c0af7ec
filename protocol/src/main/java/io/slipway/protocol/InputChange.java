package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How an input of a step differs. */
public enum InputChange {
    @JsonProperty("added")
    ADDED,
    @JsonProperty("removed")
    REMOVED,
    @JsonProperty("modified")
    MODIFIED,
    /** Of a file: mode, owner or extended attributes only. */
    @JsonProperty("attributes")
    ATTRIBUTES
}
