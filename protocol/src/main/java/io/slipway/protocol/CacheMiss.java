package io.slipway.protocol;

import java.util.List;

/**
 * Why a step was done and not found in the cache, compared with the nearest that was done at its place before.
 *
 * @param inputs what differs, the first {@link #MOST_INPUTS} of it
 * @param more how much else differs
 */
public record CacheMiss(MissReason reason, List<ChangedInput> inputs, int more) {
    /** How many inputs are named at most. */
    public static final int MOST_INPUTS = 20;

    public CacheMiss {
        inputs = List.copyOf(inputs);
    }

    /** A reason that needs no inputs to be named. */
    public static CacheMiss of(MissReason reason) {
        return new CacheMiss(reason, List.of(), 0);
    }
}
