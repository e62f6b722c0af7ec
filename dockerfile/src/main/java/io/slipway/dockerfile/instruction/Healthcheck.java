package io.slipway.dockerfile.instruction;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code HEALTHCHECK [options] CMD …} or {@code HEALTHCHECK NONE}.
 *
 * @param command the check, or null for {@code NONE}; its shell form is stored as {@code CMD-SHELL}, whatever SHELL says
 * @param interval time between checks; zero inherits, as for the others
 * @param timeout time that a check may take
 * @param startPeriod time after the start in which failures do not count
 * @param startInterval time between checks in that period
 * @param retries failures in a row that make it unhealthy; 0 inherits
 * @param ignoredFlags flags of {@code NONE}, as they are written: the reference does not look at them
 */
public record Healthcheck(
        Origin origin,
        @Nullable CommandLine command,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries,
        List<String> ignoredFlags)
        implements Instruction {

    public Healthcheck {
        ignoredFlags = List.copyOf(ignoredFlags);
    }
}
