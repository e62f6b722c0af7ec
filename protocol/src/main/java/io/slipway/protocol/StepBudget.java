package io.slipway.protocol;

/**
 * How many commands (RUN) of one build may run side by side. The first always may; each further one while there are fewer, and the machine has
 * memory to spare. What goes on beside them (copying, compressing, downloading) has bounds of its own that depend on neither.
 *
 * @param commands the most, at least 1
 * @param freeMemoryBytes what has to be available before another one begins
 */
public record StepBudget(int commands, long freeMemoryBytes) {
    private static final int LEAST_COMMANDS = 4;
    private static final long FREE_MEMORY_BYTES = 256L << 20;

    public StepBudget {
        if (commands < 1 || freeMemoryBytes < 0) {
            throw new IllegalArgumentException(
                    "no budget: %d commands, %d bytes of free memory".formatted(commands, freeMemoryBytes));
        }
    }

    /** Two for each processor, since many wait for the network, and 256 MiB. */
    public static StepBudget ofMachine() {
        return new StepBudget(defaultCommands(), FREE_MEMORY_BYTES);
    }

    /** How many commands there may be unless somebody says otherwise. */
    public static int defaultCommands() {
        return Math.max(LEAST_COMMANDS, 2 * Runtime.getRuntime().availableProcessors());
    }
}
