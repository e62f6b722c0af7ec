package io.slipway.db.webhook;

import io.slipway.db.Row;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Failure;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The build that a status tells of, as it is now.
 *
 * @param startedAt null before it was claimed
 * @param finishedAt null before its end
 * @param failure why it has failed or was cancelled, or null
 * @param dockerfile path of its Dockerfile within the context, or null if it has none there: it came as an option
 */
public record ToldBuild(
        String id,
        BuildState state,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Failure failure,
        @Nullable String dockerfile) {
    /** Of the table {@code builds b}; a build with an ignore file of its own has its Dockerfile from an option. */
    static final String COLUMNS = """
            b.state as build_state, b.started_at, b.finished_at, b.error_code, b.error_message, b.error_instruction, b.error_line, b.error_exit_code, b.error_hint,
            case when b.options ->> 'ignore' is null then b.dockerfile_name end as build_dockerfile""";

    static @Nullable ToldBuild from(Row row) {
        String state = row.textOrNull("build_state");
        return state == null
                ? null
                : new ToldBuild(
                        row.text("build_id"),
                        BuildState.parse(state).orElseThrow(),
                        row.timeOrNull("started_at"),
                        row.timeOrNull("finished_at"),
                        Failure.from(row),
                        row.textOrNull("build_dockerfile"));
    }
}
