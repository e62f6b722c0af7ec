package io.slipway.db.build;

import io.slipway.db.Row;

/** A build that is running, and who runs it. */
public record RunningBuild(BuildId id, String worker, int attempt, long fencingToken) {
    static RunningBuild from(Row row) {
        return new RunningBuild(
                new BuildId(row.text("id")), row.text("worker"), row.integer("attempt"), row.number("fencing_token"));
    }
}
