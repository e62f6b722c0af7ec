package io.slipway.image.registry;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Does many things at once on virtual threads, and lets only so many of them use the network. Thread-safe. */
final class Transfers {
    private final Semaphore permits;

    Transfers(int limit) {
        this.permits = new Semaphore(limit);
    }

    /** Something that uses the network. */
    interface Transfer<T> {
        T run() throws IOException;
    }

    /** Something to do with each of several things. */
    interface Work<A, T> {
        T on(A item) throws IOException;
    }

    /** Runs the transfer when it is its turn. Must not be called from within a transfer. */
    <T> T run(Transfer<T> transfer) throws IOException {
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        try {
            return transfer.run();
        } finally {
            permits.release();
        }
    }

    /**
     * Does the work on every item at the same time and waits for all of them. The first failure interrupts the others and is
     * thrown when they have ended.
     */
    <A, T> List<T> all(Collection<A> items, Work<A, T> work) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletionService<T> done = new ExecutorCompletionService<>(threads);
            for (A item : items) {
                done.submit(() -> work.on(item));
            }
            List<T> results = new ArrayList<>();
            try {
                for (int i = 0; i < items.size(); i++) {
                    Future<T> next = done.take();
                    results.add(next.get());
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw rethrow(e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw interrupted(e);
            }
            return results;
        }
    }

    /** Waits for what another thread does; its failure is ours. */
    static <T> T await(Future<T> other) throws IOException {
        try {
            return other.get();
        } catch (ExecutionException e) {
            throw rethrow(e.getCause());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IOException rethrow(@Nullable Throwable cause) {
        return switch (cause) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> new IOException(cause);
        };
    }

    private static InterruptedIOException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(cause);
        return interrupted;
    }
}
