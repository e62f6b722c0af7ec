package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import java.io.IOException;

/**
 * What a step's result is remembered by.
 *
 * @param step the instruction with all that it reads beside the root file system
 * @param on the content that it runs on
 * @param kind the kind of step, with the version of how such layers are made
 * @param description what {@code step} is made of
 */
record StepKey(Digest step, Lineage on, String kind, Description description) {

    /** Says what a step depends on: to a key, and again to people when it was not found. */
    @FunctionalInterface
    interface Description {
        void addTo(KeyHash key) throws IOException;
    }

    static StepKey of(String kind, Lineage on, Description description) throws IOException {
        KeyHash hash = new KeyHash(kind);
        description.addTo(hash);
        return new StepKey(hash.digest(), on, kind, description);
    }

    /** What the step depends on, by name. */
    Inputs inputs() throws IOException {
        Inputs inputs = new Inputs();
        description.addTo(new KeyHash(kind, inputs));
        return inputs.ended();
    }

    /** Names the step by how its content came about: known, and the same for all who do the same, before anything is committed. */
    Digest chain() {
        return new KeyHash("chain").add(on.chain().hex()).add(step.hex()).digest();
    }
}
