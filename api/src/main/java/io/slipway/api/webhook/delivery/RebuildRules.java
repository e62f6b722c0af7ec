package io.slipway.api.webhook.delivery;

import io.slipway.api.webhook.decision.Refusal;
import io.slipway.api.webhook.decision.Rule;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.base.BaseRebuilds;
import io.slipway.db.webhook.ClaimedDelivery;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What beside a trigger can say that a build is not done again although bases of it have moved. Thread-safe. */
@Component
final class RebuildRules {
    private final BaseRebuilds rebuilds;
    private final EventBuilds builds;

    RebuildRules(BaseRebuilds rebuilds, EventBuilds builds) {
        this.rebuilds = rebuilds;
        this.builds = builds;
    }

    /**
     * What says no, or null. Whoever asks for it by hand, by a redelivery, gets it also where the image is among what its base was built again
     * for.
     *
     * @throws io.slipway.api.problem.ProblemException if the repository can't be asked whether the branch or tag is still there
     */
    @Nullable
    Refusal refusal(ClaimedDelivery claim, String project, TriggerSettings trigger, HostEvent event, MovedBases moved)
            throws IOException {
        String triggerId = claim.delivery().triggerId();
        if (claim.delivery().redeliveryOf() == null) {
            List<MovedBases.Moved> others = moved.bases().stream()
                    .filter(base -> !rebuilds.isLoop(triggerId, event.ref(), List.of(base.to())))
                    .toList();
            if (others.isEmpty()) {
                return new Refusal(
                        Rule.LOOP,
                        moved.bases().getFirst().reference()
                                + " was built from this image, or because of it: they would build each other for ever.");
            }
        }
        if (builds.commitNow(project, trigger, event.ref()) == null) {
            rebuilds.forget(triggerId, event.ref());
            return new Refusal(Rule.DELETION, event.ref() + " is gone.");
        }
        return null;
    }

    /** Lets the build be done again after all if the newer one, which has not ended, comes to nothing. */
    void takeBack(MovedBases moved) {
        Map<String, String> digests = new HashMap<>();
        moved.bases().forEach(base -> digests.put(base.reference(), base.to()));
        rebuilds.takeBack(moved.build(), digests);
    }
}
