package io.slipway.worker.build;

import java.io.IOException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Ends a build of which a step takes too long. What counts is the time in which the step is done: not that in which it waits for others, to
 * be looked up, or for somebody who does the same already. Thread-safe.
 */
final class StepLimit {
    private final @Nullable Long millis;
    private final IntConsumer overrun;

    /**
     * @param millis how long a step may take, or null: any time
     * @param overrun ends the build, given the number of a step that takes longer; interrupts what the step does
     */
    StepLimit(@Nullable Long millis, IntConsumer overrun) {
        this.millis = millis;
        this.overrun = overrun;
    }

    /** Does a step. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException, InterruptedException, BuildFailure;
    }

    /** Does {@code work}, which is all or most of a step. */
    <T> T within(StepLog.Running step, Work<T> work) throws IOException, InterruptedException, BuildFailure {
        if (millis == null) {
            return work.run();
        }
        Thread watch = Thread.ofVirtual().name("step-limit").start(() -> {
            try {
                Thread.sleep(millis);
                overrun.accept(step.number());
            } catch (InterruptedException e) {
                // The step was done in time.
            }
        });
        try {
            return work.run();
        } finally {
            watch.interrupt();
        }
    }
}
