package io.slipway.db.build;

import io.slipway.db.Row;
import io.slipway.db.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Why a trigger has submitted a build.
 *
 * @param triggerId the trigger, which may be gone by now
 * @param deliveryId what was delivered to it, which may be gone as well
 * @param event {@code push}, {@code tag} or {@code pull_request}
 * @param ref full name of the branch, tag or head
 * @param commitId the whole id of the commit that is built
 * @param serviceUrl where the service is reached
 * @param rebuildOf the build that is done again since a base of it has moved, or null
 * @param moved JSON: which have moved, as an array of objects with {@code reference}, {@code from} and {@code to}; null exactly when
 *     {@code rebuildOf} is
 */
public record BuildCause(
        String triggerId,
        String deliveryId,
        String event,
        String ref,
        String commitId,
        String serviceUrl,
        @Nullable String rebuildOf,
        @Nullable String moved) {

    private static BuildCause from(Row row) {
        return new BuildCause(
                row.text("trigger_id"),
                row.text("delivery_id"),
                row.text("event"),
                row.text("ref"),
                row.text("commit_id"),
                row.text("service_url"),
                row.textOrNull("rebuild_of"),
                row.textOrNull("moved"));
    }

    static @Nullable BuildCause of(Transaction transaction, BuildId build) {
        // Index: primary key.
        return transaction
                .first("select * from build_causes where build_id = ?", BuildCause::from, build.value())
                .orElse(null);
    }

    /** Notes, within the transaction that queues it, why a build is there. Of one ref it is noted by one at a time. */
    public void note(Transaction transaction, BuildId build) {
        transaction.first("select pg_advisory_xact_lock(hashtextextended(?, 0))", _ -> true, triggerId + " " + ref);
        transaction.update(
                """
                insert into build_causes
                    (build_id, trigger_id, delivery_id, event, ref, commit_id, service_url, rebuild_of, moved)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb)
                """, build.value(), triggerId, deliveryId, event, ref, commitId, serviceUrl, rebuildOf, moved);
    }

    /** Notes, within the transaction that queues it, that a build is there for the same reason as the one that it does once more. */
    static void copy(Transaction transaction, BuildId retried, BuildId build) {
        transaction.update("""
                insert into build_causes
                    (build_id, trigger_id, delivery_id, event, ref, commit_id, service_url, rebuild_of, moved)
                select ?, trigger_id, delivery_id, event, ref, commit_id, service_url, rebuild_of, moved
                from build_causes where build_id = ?
                """, build.value(), retried.value());
    }
}
