package io.slipway.dockerfile.instruction;

import java.util.List;

/**
 * {@code ENV KEY=VALUE …}: sets environment variables of the image and of later instructions.
 *
 * @param legacy whether it is written in the old form {@code ENV KEY VALUE}, which holds one pair
 */
public record Env(Origin origin, List<KeyValue> pairs, boolean legacy) implements Instruction {

    public Env {
        pairs = List.copyOf(pairs);
    }
}
