package io.slipway.api.webhook.delivery;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.Delivery;
import io.slipway.db.webhook.DeliveryBuild;
import io.slipway.db.webhook.DeliveryContent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A delivery as the API shows it. What does not apply (yet) is left out of the JSON.
 *
 * @param hostDeliveryId the host's id
 * @param event what the host calls it
 * @param state pending, built, ignored or failed
 * @param reason why nothing was decided on any event
 * @param events what has happened, and what was decided about each
 * @param repeats the delivery that had the same body, where that makes this one suspect
 * @param duplicates how often the same came again
 * @param headers without signatures; only of one delivery, not in lists
 * @param body as it came, as UTF-8; only of one delivery, not in lists
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DeliveryResource(
        String id,
        String trigger,
        @Nullable String hostDeliveryId,
        String event,
        String state,
        @Nullable String reason,
        @Nullable String repository,
        List<Event> events,
        @Nullable String repeats,
        int duplicates,
        int attempts,
        @Nullable String redeliveryOf,
        Instant receivedAt,
        @Nullable Instant decidedAt,
        @Nullable Map<String, List<String>> headers,
        @Nullable String body) {
    private static final TypeReference<Map<String, List<String>>> HEADERS = new TypeReference<>() {};

    /**
     * One event, and what was decided about it.
     *
     * @param refusals rules that said no
     * @param build id of its build
     * @param problem why there is none although no rule said no
     * @param statuses what the host is told of the commit; only of one delivery, not in lists
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Event(
            String kind,
            String ref,
            String commit,
            @Nullable String pullRequest,
            List<Decision.Refused> refusals,
            List<String> notes,
            @Nullable String build,
            @Nullable JsonNode problem,
            List<Status> statuses) {}

    /**
     * What the host is told of the event's commit.
     *
     * @param sent what it was told last, in its own words
     * @param error why it could not be told
     * @param attempts how often it was tried in vain for what is to be told now
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            String context, @Nullable String sent, @Nullable String error, int attempts) {
        static Status of(CommitStatus status) {
            return new Status(status.context(), status.sentState(), status.error(), status.attempts());
        }
    }

    /**
     * A delivery.
     *
     * @param builds what became of its events
     * @param statuses of its commits; none in lists
     * @param content null in lists
     */
    static DeliveryResource of(
            Delivery delivery,
            List<DeliveryBuild> builds,
            List<CommitStatus> statuses,
            @Nullable DeliveryContent content) {
        String stored = delivery.decision();
        Decision decision = stored == null ? null : JsonMapper.shared().readValue(stored, Decision.class);
        return new DeliveryResource(
                delivery.id(),
                delivery.triggerId(),
                delivery.hostId(),
                delivery.event(),
                delivery.state().wireName(),
                decision == null ? null : decision.reason(),
                decision == null ? null : decision.repository(),
                decision == null ? List.of() : events(decision, builds, statuses),
                delivery.repeats(),
                delivery.duplicates(),
                delivery.attempts(),
                delivery.redeliveryOf(),
                delivery.receivedAt(),
                delivery.decidedAt(),
                content == null ? null : JsonMapper.shared().readValue(content.headers(), HEADERS),
                content == null ? null : new String(content.body(), StandardCharsets.UTF_8));
    }

    /** The commits that a delivery is about. */
    static List<String> commits(Delivery delivery) {
        String stored = delivery.decision();
        return stored == null
                ? List.of()
                : JsonMapper.shared().readValue(stored, Decision.class).events().stream()
                        .map(Decision.Event::commit)
                        .toList();
    }

    private static List<Event> events(Decision decision, List<DeliveryBuild> builds, List<CommitStatus> statuses) {
        List<Event> events = new ArrayList<>();
        for (Decision.Event event : decision.events()) {
            int position = events.size();
            DeliveryBuild build = builds.stream()
                    .filter(candidate -> candidate.position() == position)
                    .findFirst()
                    .orElse(null);
            String problem = build == null ? null : build.problem();
            events.add(new Event(
                    event.kind(),
                    event.ref(),
                    event.commit(),
                    event.pullRequest(),
                    event.refusals(),
                    event.notes(),
                    build == null ? null : build.buildId(),
                    problem == null ? null : JsonMapper.shared().readTree(problem),
                    statuses.stream()
                            .filter(status -> status.commitId().equals(event.commit()))
                            .map(Status::of)
                            .toList()));
        }
        return events;
    }
}
