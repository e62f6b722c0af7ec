package io.slipway.api.webhook.delivery;

import io.slipway.api.webhook.decision.Refusal;
import io.slipway.api.webhook.decision.Rule;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.webhook.ClaimedDelivery;
import io.slipway.db.webhook.Deliveries;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Whether a delivery that has the body of an earlier one is news. A branch may go back and forth, which is told in the same words each time; but whoever
 * has seen a body that is signed, where the id is not, can send it again, and would move a branch's image back. Thread-safe.
 */
@Component
final class Replays {
    private final Deliveries deliveries;
    private final EventBuilds builds;

    Replays(Deliveries deliveries, EventBuilds builds) {
        this.deliveries = deliveries;
        this.builds = builds;
    }

    /**
     * What says no, or null: of a body that came before, only what is so now and was not built last is built.
     *
     * @throws io.slipway.api.problem.ProblemException if the repository can't be asked
     */
    @Nullable
    Refusal refusal(ClaimedDelivery claim, String project, TriggerSettings trigger, HostEvent event)
            throws IOException {
        String earlier = claim.delivery().repeats();
        if (earlier == null) {
            return null;
        }
        boolean last = deliveries
                .newestCommit(claim.delivery().triggerId(), event.ref())
                .filter(event.commit()::equals)
                .isPresent();
        if (!last && event.commit().equals(builds.commitNow(project, trigger, event.ref()))) {
            return null;
        }
        return new Refusal(
                Rule.REPLAY,
                "The same came before, in " + earlier + ", and "
                        + (last
                                ? "this commit is what was built last of " + event.ref() + "."
                                : event.ref() + " is not at this commit."));
    }
}
