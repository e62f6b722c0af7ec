package io.slipway.api.claim;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * What a {@link ClaimLoop} works off. A claim holds for a while by the database's clock, and is due again after it; whoever has lost it writes nothing any more.
 * Called by many threads at once.
 *
 * @param <C> a claim
 */
public interface ClaimedWork<C> {
    /**
     * Claims what is due, longest due first, for this service alone ({@code for update skip locked}).
     *
     * @param limit at most so many
     */
    List<C> claim(int limit);

    /** What the log may call a claim. */
    String nameOf(C claim);

    /**
     * Does the work of a claim, and notes what came of it.
     *
     * @throws IOException if it could not be done and nothing was noted, as with every other exception
     * @throws io.slipway.db.webhook.ClaimLostException if somebody else has it by now
     * @throws io.slipway.db.DatabaseException if nothing could be noted: it is due again when the claim ends
     */
    void workOff(C claim) throws IOException;

    /** Notes that {@link #workOff} has failed in a way that nobody has foreseen. */
    void failed(C claim);

    /** Keeps claims for longer, where work may take longer than a claim holds. */
    default void renew(Collection<C> claims) {
        // Work that takes less than a claim holds needs none.
    }

    /** Gives a claim back that the service, which stops, has interrupted; otherwise it is due again when it ends. */
    default void giveBack(C claim) {
        // It is due again soon.
    }
}
