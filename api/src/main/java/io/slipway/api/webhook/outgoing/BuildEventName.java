package io.slipway.api.webhook.outgoing;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.UnknownName;
import io.slipway.db.build.BuildState;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The names of what projects are told of: {@code build.} and a state that a build comes to. */
final class BuildEventName {
    static final List<String> ALL = Arrays.stream(BuildState.values())
            .map(state -> "build." + state.wireName())
            .toList();

    private BuildEventName() {}

    /**
     * The events that somebody wants to hear of.
     *
     * @param given null: all
     * @throws io.slipway.api.problem.ProblemException if one is unknown or there twice, or there is none
     */
    static List<String> checked(@Nullable List<String> given) {
        if (given == null) {
            return ALL;
        }
        if (given.isEmpty()) {
            throw BodyFields.invalid(
                    "events", "The field events must name one event at least.", "leave it out for all");
        }
        for (String name : given) {
            if (!ALL.contains(name)) {
                UnknownName unknown = UnknownName.of("event", name, ALL);
                throw BodyFields.invalid("events", "The field events: " + unknown.message(), unknown.hint());
            }
        }
        if (given.stream().distinct().count() < given.size()) {
            throw BodyFields.invalid("events", "The field events names an event twice.", null);
        }
        return given;
    }
}
