package io.slipway.db;

import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether the database answers, as the last attempt found. Everybody who asks fails while it is away, many times a second: the log gets one
 * line when that begins and one when it is over. Thread-safe.
 */
final class Reachability {
    private static final System.Logger LOG = System.getLogger(Reachability.class.getName());

    /** {@link System#nanoTime} of the first failure, or null while the database answers. */
    private @Nullable Long awaySince;

    /** Notes that something was committed. */
    synchronized void reached() {
        Long since = awaySince;
        if (since != null) {
            awaySince = null;
            Duration away = Duration.ofNanos(System.nanoTime() - since);
            LOG.log(System.Logger.Level.WARNING, "The database answers again, after {0} s.", away.toSeconds());
        }
    }

    /** Notes that the database could not be reached. */
    synchronized void failed(SQLException reason) {
        if (awaySince == null) {
            awaySince = System.nanoTime();
            LOG.log(
                    System.Logger.Level.WARNING,
                    "The database can''t be reached: {0} Until it answers, requests are answered 503 and running builds wait.",
                    sentence(innermost(reason)));
        }
    }

    /** A pool says that it has no connection; what it wraps says why. */
    private static Throwable innermost(SQLException reason) {
        Throwable innermost = reason;
        while (innermost.getCause() instanceof SQLException cause) {
            innermost = cause;
        }
        return innermost;
    }

    private static String sentence(Throwable reason) {
        String message = String.valueOf(reason.getMessage()).strip();
        return message.endsWith(".") ? message : message + ".";
    }
}
