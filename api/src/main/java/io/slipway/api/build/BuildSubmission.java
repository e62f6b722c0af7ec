package io.slipway.api.build;

import io.slipway.api.access.Caller;
import io.slipway.api.limit.LimitProblems;
import io.slipway.api.secret.SecretBox;
import io.slipway.api.trace.Tracing;
import io.slipway.db.Transaction;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.QueueFullException;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildQueue;
import io.slipway.protocol.WireJson;
import java.util.function.BiConsumer;
import org.springframework.stereotype.Service;

/** The one door through which builds enter the queue. Thread-safe. */
@Service
public final class BuildSubmission {
    private final BuildQueue queue;
    private final BuildResources resources;
    private final SecretBox secrets;
    private final Tracing tracing;

    BuildSubmission(BuildQueue queue, BuildResources resources, SecretBox secrets, Tracing tracing) {
        this.queue = queue;
        this.resources = resources;
        this.secrets = secrets;
        this.tracing = tracing;
    }

    /**
     * Queues a build: one transaction, and workers are notified after its commit. Called while a request is served (the
     * resource's links are made from it).
     *
     * @param also runs in the same transaction (for {@code IdempotencyKeys.answer})
     * @throws io.slipway.api.problem.ProblemException when the project does not exist, or its queue is full
     */
    public BuildResource submit(NewBuild build, BiConsumer<Transaction, BuildResource> also) {
        BuildDraft draft = new BuildDraft(
                build.id(),
                build.project(),
                WireJson.MAPPER.writeValueAsString(build.settings()),
                build.confidential().sealed(secrets, build.id()),
                build.settings().tags(),
                build.supersedes(),
                build.priority(),
                build.timeout().toMillis(),
                build.dockerfile(),
                build.context(),
                build.retryOf(),
                tracing.submission(),
                build.warnings());
        BuildResource[] submitted = new BuildResource[1];
        try {
            queue.submit(draft, (transaction, stored) -> {
                BuildResource resource = resources.submitted(stored, build.warnings());
                also.accept(transaction, resource);
                submitted[0] = resource;
            });
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(build.project());
        } catch (QueueFullException e) {
            throw LimitProblems.queueFull(build.project(), e);
        }
        return submitted[0];
    }
}
