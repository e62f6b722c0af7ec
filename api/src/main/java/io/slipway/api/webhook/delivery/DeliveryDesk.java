package io.slipway.api.webhook.delivery;

import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.webhook.decision.Refusal;
import io.slipway.api.webhook.decision.Rule;
import io.slipway.api.webhook.decision.Rules;
import io.slipway.api.webhook.decision.Verdict;
import io.slipway.api.webhook.host.HookHeaders;
import io.slipway.api.webhook.host.Host;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.host.Payload;
import io.slipway.api.webhook.host.Reading;
import io.slipway.api.webhook.trigger.SealedTriggers;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.audit.Actor;
import io.slipway.db.base.NewerBuildException;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.Deliveries;
import io.slipway.db.webhook.Deliveries.Unbuilt;
import io.slipway.db.webhook.DeliveryBuild;
import io.slipway.db.webhook.DeliveryState;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Works one delivery off: reads it, decides, submits builds, and writes down what came of it. Thread-safe. */
@Component
final class DeliveryDesk {
    private static final TypeReference<Map<String, List<String>>> HEADERS = new TypeReference<>() {};

    /** Who begins for the so-manieth time and never comes to an end is ended. */
    private static final int MOST_BEGINNINGS = 12;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(4);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(4);

    private final Triggers triggers;
    private final SealedTriggers sealed;
    private final Deliveries deliveries;
    private final EventBuilds builds;
    private final RebuildRules rebuilds;
    private final Replays replays;
    private final MeterRegistry meters;

    DeliveryDesk(
            Triggers triggers,
            SealedTriggers sealed,
            Deliveries deliveries,
            EventBuilds builds,
            RebuildRules rebuilds,
            Replays replays,
            MeterRegistry meters) {
        this.triggers = triggers;
        this.sealed = sealed;
        this.deliveries = deliveries;
        this.builds = builds;
        this.rebuilds = rebuilds;
        this.replays = replays;
        this.meters = meters;
    }

    /**
     * Works a delivery off, or gives it back for a later attempt.
     *
     * @throws io.slipway.db.webhook.ClaimLostException if somebody else has it by now
     */
    void workOff(ClaimedDelivery claim) throws IOException {
        if (claim.delivery().attempts() > MOST_BEGINNINGS) {
            end(claim, DeliveryState.FAILED, null, "The service could not come to an end with it; its log says more.");
            return;
        }
        Optional<Trigger> trigger = triggers.find(claim.delivery().triggerId());
        if (trigger.isEmpty()) {
            end(claim, DeliveryState.IGNORED, null, "The trigger was deleted.");
            return;
        }
        TriggerSettings settings = sealed.settings(trigger.get());
        MovedBases moved = MovedBases.of(claim);
        if (moved != null) {
            Reading rebuild = new Reading(settings.repository().fullName(), List.of(moved.asEvent()), null);
            new Round(claim, trigger.get().project(), settings, rebuild, moved).run();
            return;
        }
        Reading reading;
        try {
            reading = read(claim, settings);
        } catch (ProblemException e) {
            end(claim, DeliveryState.IGNORED, null, "The body can't be read: " + e.getMessage());
            return;
        }
        if (reading.nothing() != null) {
            end(claim, DeliveryState.IGNORED, reading.repository(), "Nothing to build: " + reading.nothing() + ".");
            return;
        }
        new Round(claim, trigger.get().project(), settings, reading, null).run();
    }

    /** Notes that an attempt has failed for a reason of the service's own, which is not the host's or the user's to know. */
    void failed(ClaimedDelivery claim) {
        giveBack(claim, "Something went wrong inside Slipway; its log says more.");
    }

    private void giveBack(ClaimedDelivery claim, String reason) {
        deliveries.giveBack(
                claim,
                pause(claim.delivery().attempts()),
                JsonMapper.shared().writeValueAsString(Decision.nothing(null, "It is tried again. " + reason)));
        count("again");
    }

    private void count(String outcome) {
        meters.counter("slipway.webhooks.deliveries", "outcome", outcome).increment();
    }

    private void end(ClaimedDelivery claim, DeliveryState state, @Nullable String repository, String reason) {
        deliveries.decide(
                claim,
                state,
                JsonMapper.shared().writeValueAsString(Decision.nothing(repository, reason)),
                List.of(),
                _ -> {});
        count(state.wireName());
    }

    private static Reading read(ClaimedDelivery claim, TriggerSettings settings) {
        Host host = settings.host().host(settings.payload());
        HookHeaders headers =
                new HookHeaders(JsonMapper.shared().readValue(claim.content().headers(), HEADERS));
        return host.read(
                claim.delivery().event(), Payload.of(headers, claim.content().body()));
    }

    /** All events of one delivery, once. */
    private final class Round {
        private final ClaimedDelivery claim;
        private final String project;
        private final TriggerSettings trigger;
        private final Reading reading;
        private final @Nullable MovedBases moved;
        private final Set<Integer> done;
        private final List<Decision.Event> decided = new ArrayList<>();
        private final Map<Integer, ProblemException> problems = new LinkedHashMap<>();
        private int built;

        Round(
                ClaimedDelivery claim,
                String project,
                TriggerSettings trigger,
                Reading reading,
                @Nullable MovedBases moved) {
            this.claim = claim;
            this.project = project;
            this.trigger = trigger;
            this.reading = reading;
            this.moved = moved;
            this.done = deliveries.builds(List.of(claim.delivery().id())).stream()
                    .map(DeliveryBuild::position)
                    .collect(Collectors.toSet());
        }

        void run() throws IOException {
            for (int position = 0; position < reading.events().size(); position++) {
                event(position, reading.events().get(position));
            }
            Optional<ProblemException> passing = problems.values().stream()
                    .filter(problem ->
                            EventBuilds.isPassing(problem, claim.delivery().attempts()))
                    .findFirst();
            if (passing.isPresent()) {
                giveBack(claim, String.valueOf(passing.get().getMessage()));
                return;
            }
            DeliveryState state = !problems.isEmpty()
                    ? DeliveryState.FAILED
                    : built > 0 ? DeliveryState.BUILT : DeliveryState.IGNORED;
            deliveries.decide(
                    claim,
                    state,
                    JsonMapper.shared().writeValueAsString(new Decision(reading.repository(), null, decided)),
                    unbuilt(),
                    transaction -> problems.forEach((position, problem) -> EventBuilds.note(
                            transaction, claim, trigger, reading.events().get(position), null, problem)));
            count(state.wireName());
        }

        private void event(int position, HostEvent event) throws IOException {
            Verdict verdict =
                    moved == null ? Rules.verdict(trigger, reading.repository(), event) : Rules.rebuild(trigger, event);
            HostEvent shown = event;
            if (done.contains(position)) {
                built++; // by an attempt that did not come to its end; whatever the trigger says by now
                verdict = new Verdict(List.of(), verdict.notes());
            } else if (verdict.isBuild()) {
                try {
                    HostEvent whole = whole(event);
                    if (whole != null && !whole.equals(event) && moved == null) {
                        verdict = Rules.verdict(trigger, reading.repository(), whole);
                    }
                    Refusal refusal = whole == null || verdict.isBuild() ? refusal(event, whole) : null;
                    if (refusal != null) {
                        verdict = verdict.with(refusal);
                    } else if (whole != null && verdict.isBuild()) {
                        shown = whole;
                        int here = position;
                        Actor.as(host(), () -> {
                            builds.submit(claim, here, project, trigger, whole, moved);
                            return true;
                        });
                        built++;
                    }
                } catch (NewerBuildException e) {
                    verdict = verdict.with(new Refusal(
                            Rule.NEWER, "There is a newer build of " + event.ref() + ": " + e.build() + "."));
                    if (moved != null && !e.isMade()) {
                        rebuilds.takeBack(moved);
                    }
                } catch (ProblemException e) {
                    problems.put(position, e);
                }
            }
            decided.add(shown(shown, verdict));
        }

        /** What beside the trigger's rules says no, or null. */
        private @Nullable Refusal refusal(HostEvent event, @Nullable HostEvent whole) throws IOException {
            if (whole == null) {
                return new Refusal(
                        Rule.COMMIT,
                        event.ref() + " is not at " + event.commit()
                                + " any more: another delivery tells where it is.");
            }
            return moved == null
                    ? replays.refusal(claim, project, trigger, whole)
                    : rebuilds.refusal(claim, project, trigger, event, moved);
        }

        /** The event with what only the repository tells; null if the ref has moved on. */
        private @Nullable HostEvent whole(HostEvent event) throws IOException {
            HostEvent whole = builds.whole(project, trigger, event);
            return whole != null && moved == null && Rules.asksForPaths(trigger, whole)
                    ? builds.withPaths(project, trigger, whole, claim.delivery().attempts())
                    : whole;
        }

        /** For the audit log it is the trigger that submits builds; the delivery stands for the request. */
        private Actor host() {
            return new Actor(
                    Actor.Kind.TRIGGER,
                    claim.delivery().triggerId(),
                    null,
                    null,
                    claim.delivery().id());
        }

        private List<Unbuilt> unbuilt() {
            return problems.entrySet().stream()
                    .map(problem -> new Unbuilt(problem.getKey(), DeliveryProblem.of(problem.getValue())))
                    .toList();
        }
    }

    private static Duration pause(int attempts) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts - 1, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private static Decision.Event shown(HostEvent event, Verdict verdict) {
        HostEvent.@Nullable PullRequest request = event.pullRequest();
        return new Decision.Event(
                event.kind().wireName(),
                event.ref(),
                event.commit(),
                request == null ? null : request.number(),
                verdict.refusals().stream()
                        .map(refusal -> new Decision.Refused(refusal.rule().wireName(), refusal.detail()))
                        .toList(),
                verdict.notes());
    }
}
