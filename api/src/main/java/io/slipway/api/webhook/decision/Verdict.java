package io.slipway.api.webhook.decision;

import java.util.ArrayList;
import java.util.List;

/**
 * What was decided about one event.
 *
 * @param refusals all rules that said no
 * @param notes what could not be looked at, for people
 */
public record Verdict(List<Refusal> refusals, List<String> notes) {
    public Verdict {
        refusals = List.copyOf(refusals);
        notes = List.copyOf(notes);
    }

    /** Whether the event is to be built. */
    public boolean isBuild() {
        return refusals.isEmpty();
    }

    /** The same with one more rule that said no. */
    public Verdict with(Refusal refusal) {
        List<Refusal> all = new ArrayList<>(refusals);
        all.add(refusal);
        return new Verdict(all, notes);
    }
}
