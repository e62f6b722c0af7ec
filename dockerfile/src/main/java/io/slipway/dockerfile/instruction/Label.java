package io.slipway.dockerfile.instruction;

import java.util.List;

/**
 * {@code LABEL KEY=VALUE …}: adds labels to the image.
 *
 * @param legacy whether it is written in the old form {@code LABEL KEY VALUE}, which holds one pair
 */
public record Label(Origin origin, List<KeyValue> pairs, boolean legacy) implements Instruction {

    public Label {
        pairs = List.copyOf(pairs);
    }
}
