package io.slipway.worker.build;

import io.slipway.protocol.StepBudget;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Lets the commands of one build run side by side as far as its budget goes; the others wait for their turn. Thread-safe. */
final class CommandTurns {
    /** How soon it is seen that others, for instance other builds, have given memory back. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private final StepBudget budget;
    private final Memory memory;
    private int running;

    /** Tells how much memory is available. */
    @FunctionalInterface
    interface Memory {
        /** In bytes. */
        long available() throws IOException;
    }

    CommandTurns(StepBudget budget, Memory memory) {
        this.budget = budget;
        this.memory = memory;
    }

    /** Does {@code work}, when it is its turn; the time until then does not count as the step's. */
    <T> T within(StepLog.Running step, StepLimit.Work<T> work) throws IOException, InterruptedException, BuildFailure {
        Instant asked = Instant.now();
        begin();
        step.waited(Duration.between(asked, Instant.now()));
        try {
            return work.run();
        } finally {
            end();
        }
    }

    private synchronized void begin() throws IOException, InterruptedException {
        while (running > 0 && (running >= budget.commands() || memory.available() < budget.freeMemoryBytes())) {
            wait(LOOK.toMillis());
        }
        running++;
    }

    private synchronized void end() {
        running--;
        notifyAll();
    }
}
