package io.slipway.api.log;

import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import java.io.IOException;

/** Writes a log in one format. Used by one thread. */
interface LogSink {
    /** What comes before the first entry. */
    void begin() throws IOException;

    /** Writes an entry; it may stay in a buffer until the caller flushes the stream. */
    void write(LogEntry entry) throws IOException;

    /** Called when nothing was written for a while, so that proxies and clients see that the connection lives. */
    void keepAlive() throws IOException;

    /** Called at the end when the build had not ended, and the caller does not follow, or the service stops. */
    void breakOff(BuildState state) throws IOException;
}
