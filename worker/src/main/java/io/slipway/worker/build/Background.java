package io.slipway.worker.build;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/** The parts of a build that go on at the same time. The first that fails is the failure of all who wait. Thread-safe. */
final class Background {
    private final ExecutorService executor;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /** @param executor threads of the build */
    Background(ExecutorService executor) {
        this.executor = executor;
    }

    @FunctionalInterface
    interface Task {
        void run() throws IOException, InterruptedException, BuildFailure;
    }

    /** Runs a part on a thread of its own. */
    void start(Task task) {
        var _ = executor.submit(() -> {
            try {
                task.run();
            } catch (Throwable t) {
                fail(t);
            }
        });
    }

    /** Tells all who wait of a failure, unless there was one before. */
    void fail(Throwable why) {
        failed.completeExceptionally(why);
    }

    /** Waits for what some part makes, or for the first failure of any. */
    <T> T await(CompletableFuture<T> made) throws InterruptedException, BuildFailure {
        try {
            CompletableFuture.anyOf(failed, made).get();
            return made.join();
        } catch (ExecutionException e) {
            throw Failures.of(e, null);
        }
    }
}
