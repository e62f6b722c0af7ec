package io.slipway.db;

/** What a notification is about. The channel's name in Postgres is the constant's in lower case. */
public enum Channel {
    /** A build can be claimed, or another one of its project because it has ended; the payload is its id. */
    BUILD_QUEUED,
    /** Something about a build changed (state, steps, log, cancel requested); the payload is its id. */
    BUILD_EVENTS,
    /** A git host has delivered something; the payload is the delivery's id. */
    DELIVERIES,
    /** A registry has told that bases have moved; the payload says nothing. */
    BASES
}
