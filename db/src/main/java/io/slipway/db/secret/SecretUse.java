package io.slipway.db.secret;

import io.slipway.db.Row;
import java.time.Instant;

/**
 * That a build was given a secret.
 *
 * @param number greater than that of every earlier use
 * @param version of the secret
 * @param build the build's id, {@code bld_…}; the build may be gone
 * @param attempt which of the build's attempts
 */
public record SecretUse(long number, int version, String build, int attempt, Instant usedAt) {
    static SecretUse from(Row row) {
        return new SecretUse(
                row.number("number"),
                row.integer("version"),
                row.text("build_id"),
                row.integer("attempt"),
                row.time("used_at"));
    }
}
