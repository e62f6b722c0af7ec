package io.slipway.api.webhook.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about a delivery, as it is stored and shown.
 *
 * @param repository the payload's
 * @param reason if there was nothing to decide on, or it could not be: why
 * @param events in the payload's order
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Decision(@Nullable String repository, @Nullable String reason, List<Event> events) {
    Decision {
        events = List.copyOf(events);
    }

    static Decision nothing(@Nullable String repository, String reason) {
        return new Decision(repository, reason, List.of());
    }

    /**
     * What was decided about one event.
     *
     * @param kind push, tag or pull_request
     * @param refusals rules that said no; none: it was to be built
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Event(
            String kind,
            String ref,
            String commit,
            @Nullable String pullRequest,
            List<Refused> refusals,
            List<String> notes) {}

    /** A rule that said no. */
    record Refused(String rule, String detail) {}
}
