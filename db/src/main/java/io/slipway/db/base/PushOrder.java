package io.slipway.db.base;

import io.slipway.db.Transaction;
import io.slipway.db.build.BuildCause;
import io.slipway.db.build.BuildId;

/** In which order the builds of a branch, tag or pull request may take each other's places. */
public final class PushOrder {
    private PushOrder() {}

    /**
     * Sees to it, behind {@link BuildCause#note}, that a build takes the place of older ones only: deliveries are worked off side by side, and again after a failure, so the older
     * commit of a branch may come to its build last. What was delivered again by hand is wanted whatever came later, and rebuilds have an order of their own.
     *
     * @param cause of this one
     * @param build this one
     * @throws NewerBuildException if there is a build already, with the same key, of what was told later
     */
    public static void requireNewest(Transaction transaction, BuildCause cause, BuildId build) {
        // Index: build_causes_by_ref, of which the last few are read; primary keys.
        transaction
                .first(
                        """
                        select c.build_id, b.state = 'succeeded' as made
                        from (select build_id, delivery_id, event, rebuild_of from build_causes
                              where trigger_id = ? and ref = ? and build_id <> ? order by build_id desc limit 50) c
                        join deliveries later on later.id = c.delivery_id
                        join deliveries own on own.id = ?
                        join builds mine on mine.id = ?
                        join builds b on b.id = c.build_id and b.supersedes = mine.supersedes
                        where c.event = ? and c.rebuild_of is null and later.redelivery_of is null and own.redelivery_of is null
                          and later.received_at > own.received_at
                        limit 1
                        """,
                        row -> new NewerBuildException(row.text("build_id"), row.flag("made")),
                        cause.triggerId(),
                        cause.ref(),
                        build.value(),
                        cause.deliveryId(),
                        build.value(),
                        cause.event())
                .ifPresent(newer -> {
                    throw newer;
                });
    }
}
