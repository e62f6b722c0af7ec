package io.slipway.api.log;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** Work that is done whenever somebody asks for it, on an executor's threads, never twice at a time. Thread-safe. */
final class SerialTask {
    private final Executor executor;
    private final Runnable work;
    private final AtomicInteger wishes = new AtomicInteger();

    SerialTask(Executor executor, Runnable work) {
        this.executor = executor;
        this.work = work;
    }

    /** Has the work done, once more if it is just being done: what was true before this call is seen by it. */
    void wake() {
        if (wishes.getAndIncrement() == 0) {
            execute();
        }
    }

    private void execute() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException e) {
            // The service has stopped, and the web server has ended the responses before.
        }
    }

    private void run() {
        int granted = wishes.get();
        try {
            work.run();
        } finally {
            if (!wishes.compareAndSet(granted, 0)) {
                execute();
            }
        }
    }
}
