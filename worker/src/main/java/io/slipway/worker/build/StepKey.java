package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.worker.cache.CachedStep;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.remote.Once;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a step's result is remembered by.
 *
 * @param step the instruction with all that it reads beside the root file system
 * @param on the content that it runs on
 * @param kind the kind of step, with the version of how such layers are made
 * @param description what {@code step} is made of
 * @param byContent what it is remembered by as well; null for a step that reads nothing from another stage
 */
record StepKey(
        Digest step,
        Lineage on,
        String kind,
        Description description,
        @Nullable ByContent byContent) {

    /** Says what a step depends on: to a key, and again to people when it was not found. */
    @FunctionalInterface
    interface Description {
        void addTo(KeyHash key) throws IOException;
    }

    static StepKey of(String kind, Lineage on, Description description) throws IOException {
        return new StepKey(digest(kind, description), on, kind, description, null);
    }

    /**
     * The same for a step that reads from other stages. Its own key has how these came about, which is known without looking; this one is
     * for when that has changed and what the step reads there may not have.
     *
     * @param instruction what the key is made of, but for the other stages
     * @param read adds what the step reads there; may have to read all of it
     */
    StepKey orByContent(Description instruction, Description read) throws IOException {
        Digest without = digest(kind + " by content", instruction);
        return new StepKey(step, on, kind, description, new ByContent(without, () -> {
            KeyHash hash = new KeyHash("content").add(on.digest().hex());
            read.addTo(hash);
            return hash.digest();
        }));
    }

    private static Digest digest(String kind, Description description) throws IOException {
        KeyHash hash = new KeyHash(kind);
        description.addTo(hash);
        return hash.digest();
    }

    /** A key whose second half is worked out once, and only if somebody asks for it. Thread-safe. */
    static final class ByContent {
        private final Digest step;
        private final Once<Digest> content;

        private ByContent(Digest step, Once.Maker<Digest> content) {
            this.step = step;
            this.content = new Once<>(content);
        }

        /** The instruction without what it reads from other stages. */
        Digest step() {
            return step;
        }

        /** What it reads there, and what it runs on. */
        Digest content() throws IOException {
            return content.get();
        }
    }

    /** {@link #byContent} as it is kept with a result; null if there is none. */
    CachedStep.@Nullable ByContent nameByContent() throws IOException {
        return byContent == null ? null : new CachedStep.ByContent(byContent.step(), byContent.content());
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
