package io.slipway.worker.build;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What another thread makes. */
final class Awaited {
    private Awaited() {}

    /** Waits for it; its failure is the caller's, as it was thrown there. */
    static <T> T of(CompletableFuture<T> future) throws IOException {
        try {
            return future.join();
        } catch (CompletionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw e;
            }
        }
    }
}
