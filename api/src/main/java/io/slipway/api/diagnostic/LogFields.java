package io.slipway.api.diagnostic;

import io.slipway.db.build.BuildId;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Fields of lines of the log (SLF4J's mapped diagnostic context, docs/operating.md). They belong to the thread: whoever sets one closes it, on the
 * same thread, and what is then done elsewhere has to set it there.
 */
public final class LogFields implements AutoCloseable {
    /** The id of a request. */
    static final String REQUEST = "request";

    /** The id of a build. */
    static final String BUILD = "build";

    /** The id of a worker. */
    static final String WORKER = "worker";

    private final String name;
    private final @Nullable String before;

    private LogFields(String name, String value) {
        this.name = name;
        this.before = MDC.get(name);
        MDC.put(name, value);
    }

    /** Until it is closed, what this thread logs is about a request. */
    static LogFields request(String id) {
        return new LogFields(REQUEST, id);
    }

    /** Until it is closed, what this thread logs is about a build. */
    public static LogFields build(BuildId id) {
        return build(id.value());
    }

    /** Until it is closed, what this thread logs is about a build. */
    public static LogFields build(String id) {
        return new LogFields(BUILD, id);
    }

    /** Until it is closed, what this thread logs is about a worker. */
    public static LogFields worker(String id) {
        return new LogFields(WORKER, id);
    }

    @Override
    public void close() {
        if (before == null) {
            MDC.remove(name);
        } else {
            MDC.put(name, before);
        }
    }
}
