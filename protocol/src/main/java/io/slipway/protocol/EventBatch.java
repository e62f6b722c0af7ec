package io.slipway.protocol;

import java.util.List;

/**
 * Events on their way from a worker to the API: {@code POST /internal/v1/builds/{id}/events}. An empty batch is a
 * heartbeat. A batch that was not acknowledged is sent again; the API ignores what it already has.
 *
 * @param fencingToken from {@link BuildSpec#fencingToken()}
 * @param firstSequence sequence number of the first event; a build's events are numbered from 1 in each attempt
 * @param events the events, consecutively numbered
 */
public record EventBatch(long fencingToken, long firstSequence, List<BuildEvent> events) {
    public EventBatch {
        events = List.copyOf(events);
    }
}
