package io.slipway.api.webhook.delivery;

import io.slipway.api.webhook.host.HostEvent;
import io.slipway.db.webhook.ClaimedDelivery;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the service has delivered to itself: bases of a build have moved. The body of such a delivery.
 *
 * @param event push or tag
 * @param ref the branch or tag
 * @param commit the commit that was built
 * @param build the build that is to be done again
 * @param bases which have moved
 */
record MovedBases(String event, String ref, String commit, String build, List<Moved> bases) {
    /** A base that has moved, from what the build has found to what its registry has told. */
    record Moved(String reference, String from, String to) {}

    MovedBases {
        bases = List.copyOf(bases);
    }

    /** What a delivery says, or null if a host has delivered it. */
    static @Nullable MovedBases of(ClaimedDelivery claim) {
        return claim.delivery().rebuildOf() == null
                ? null
                : JsonMapper.shared().readValue(claim.content().body(), MovedBases.class);
    }

    /** The branch or tag at its commit, as if it had been pushed. */
    HostEvent asEvent() {
        return Objects.requireNonNull(
                HostEvent.push(ref, commit, false, null, null), "only branches and tags are built again");
    }

    /** The bases as they are noted with the build. */
    String json() {
        return JsonMapper.shared().writeValueAsString(bases);
    }
}
