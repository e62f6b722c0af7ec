package io.slipway.db.build;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Why a build failed.
 *
 * @param code the error code's name on the wire
 * @param message one sentence for people
 * @param instruction the instruction to blame, as written, or null
 * @param line its 1-based line, or null
 * @param exitCode exit status of a RUN, or null
 * @param hint what to try, or null
 */
public record Failure(
        String code,
        String message,
        @Nullable String instruction,
        @Nullable Integer line,
        @Nullable Integer exitCode,
        @Nullable String hint) {

    private static final String CANCELLED = "cancelled";
    private static final String SUPERSEDED = "superseded";

    static Failure cancelled() {
        return new Failure(CANCELLED, "The build was cancelled.", null, null, null, null);
    }

    static Failure superseded(BuildId newer) {
        return new Failure(SUPERSEDED, "A newer build has taken its place: " + newer + ".", null, null, null, null);
    }

    /** Whether the build did not fail, but was cancelled, by whatever. */
    boolean isCancellation() {
        return code.equals(CANCELLED) || code.equals(SUPERSEDED);
    }

    static Failure workerLost(int attempts) {
        return new Failure(
                "worker_lost",
                attempts == 1
                        ? "The worker died or stopped answering."
                        : "The worker died or stopped answering, in each of " + attempts + " attempts.",
                null,
                null,
                null,
                "If it happens again with the same build, look at the service's log and at the machine's memory.");
    }

    /** @param seenAt when the service was last there whose home has the build's context */
    static Failure homeLost(Instant seenAt) {
        return new Failure(
                "home_lost",
                "The service that had its context has been away since " + seenAt.truncatedTo(ChronoUnit.SECONDS) + ".",
                null,
                null,
                null,
                "Submit it again: its context was there only.");
    }

    /** The failure of a row of {@code builds}, or null if it has none. */
    public static @Nullable Failure from(io.slipway.db.Row row) {
        String code = row.textOrNull("error_code");
        return code == null
                ? null
                : new Failure(
                        code,
                        row.text("error_message"),
                        row.textOrNull("error_instruction"),
                        row.integerOrNull("error_line"),
                        row.integerOrNull("error_exit_code"),
                        row.textOrNull("error_hint"));
    }
}
