package io.slipway.api.webhook.host;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a payload says.
 *
 * @param repository full name of the repository that it is about, or null if it says none
 * @param events what has happened, in the payload's order
 * @param nothing if nothing has happened that could be built: what it was instead
 */
public record Reading(
        @Nullable String repository,
        List<HostEvent> events,
        @Nullable String nothing) {
    public Reading {
        events = List.copyOf(events);
    }

    static Reading of(@Nullable String repository, @Nullable HostEvent event, String otherwise) {
        return event == null ? nothing(repository, otherwise) : new Reading(repository, List.of(event), null);
    }

    static Reading of(@Nullable String repository, List<HostEvent> events, String otherwise) {
        return events.isEmpty() ? nothing(repository, otherwise) : new Reading(repository, events, null);
    }

    static Reading nothing(@Nullable String repository, String why) {
        return new Reading(repository, List.of(), why);
    }
}
