package io.slipway.api.log;

import io.slipway.api.access.Caller;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One answer with a build's log, which is written as fast as it is read at the other end (Jakarta Servlet 6.1, section 5.7): nobody waits for a client, and
 * of a slow one no more is in memory than a page and what is rendered of it. A client that takes nothing for as long as the web server's connection
 * timeout is cut off by the web server. Thread-safe.
 */
final class LogFollower implements WriteListener, AsyncListener {
    private static final Logger LOG = LoggerFactory.getLogger(LogFollower.class);
    private static final int PIECE_BYTES = 32 * 1024;

    /** After so much it is another's turn. */
    private static final int TURN_BYTES = 256 * 1024;

    private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);

    private final Build build;
    private final LogQuery query;
    private final LogRange range;
    private final Caller caller;
    private final LogFollowers owner;
    private final BuildLog log;
    private final @Nullable LogFeed feed;
    private final AsyncContext async;
    private final ServletOutputStream out;
    private final ByteArrayOutputStream rendered = new ByteArrayOutputStream();
    private final LogSink sink;
    private final @Nullable AnsiStripper stripper;
    private final SerialTask writing;

    // From here on guarded by this.
    private BuildLog.Page page;
    private Iterator<LogEntry> entries;
    private long position;
    private int skipped;
    private byte[] piece;
    private int written;
    /** At first: the header is to be sent. */
    private boolean unflushed = true;

    private boolean possible;
    private boolean ended;
    private boolean closed;
    private boolean stopping;
    private boolean cutOff;
    private long quietSince = System.nanoTime();

    /**
     * @param feed of the build, or null if only what is there is wanted
     * @param page the first one
     */
    LogFollower(
            Build build,
            LogQuery query,
            LogRange range,
            BuildLog.Page page,
            Caller caller,
            LogFollowers owner,
            BuildLog log,
            @Nullable LogFeed feed,
            Executor executor,
            AsyncContext async)
            throws IOException {
        this.build = build;
        this.query = query;
        this.range = range;
        this.caller = caller;
        this.owner = owner;
        this.log = log;
        this.feed = feed;
        this.async = async;
        this.out = async.getResponse().getOutputStream();
        this.page = page;
        this.entries = page.entries().iterator();
        this.position = range.after();
        this.skipped = range.skipped();
        this.sink = query.sink(rendered, build.id());
        this.stripper = query.ansi() ? null : new AnsiStripper();
        this.writing = new SerialTask(executor, this::write);
        sink.begin();
        this.piece = rendered.toByteArray();
    }

    Build build() {
        return build;
    }

    Caller caller() {
        return caller;
    }

    @Nullable
    LogFeed feed() {
        return feed;
    }

    /** Begins to write, when the web server says that it may. */
    void begin() {
        async.setTimeout(0);
        async.addListener(this);
        out.setWriteListener(this);
    }

    /** Has it look for what is new. */
    void wake() {
        writing.wake();
    }

    /** Ends it where the log ends now. */
    void stop() {
        synchronized (this) {
            stopping = true;
        }
        wake();
    }

    /** Ends it where it is. */
    void cutOff() {
        synchronized (this) {
            cutOff = true;
        }
        wake();
    }

    private synchronized void write() {
        if (!possible || closed) {
            return;
        }
        try {
            int turn = TURN_BYTES;
            while (out.isReady()) {
                if (cutOff || (ended && written == piece.length)) {
                    close();
                    return;
                }
                if (written < piece.length) {
                    int length = Math.min(PIECE_BYTES, piece.length - written);
                    out.write(piece, written, length);
                    written += length;
                    unflushed = true;
                    quietSince = System.nanoTime();
                    turn -= length;
                    if (turn <= 0) {
                        wake();
                        return;
                    }
                } else if (!render()) {
                    if (!unflushed) {
                        return;
                    }
                    out.flush();
                    unflushed = false;
                }
            }
            // Not ready: the web server says when it is again.
        } catch (IOException e) {
            LOG.debug("A reader of the log of {} has gone", build.id(), e);
            close();
        } catch (RuntimeException e) {
            try (LogFields _ = LogFields.build(build.id())) {
                LOG.warn("The log of {} could not be written", build.id(), e);
            }
            close();
        }
    }

    private void close() {
        closed = true;
        complete();
    }

    private void complete() {
        try {
            async.complete();
        } catch (IllegalStateException e) {
            LOG.debug("The web server has ended an answer by itself", e);
        }
    }

    /** Makes the next piece; returns false if there is nothing (yet). */
    private boolean render() throws IOException {
        rendered.reset();
        while (rendered.size() < PIECE_BYTES && !ended) {
            if (entries.hasNext()) {
                LogEntry entry = entries.next();
                if (range.endsWith(entry.seq() - 1)) {
                    ended = true;
                    break;
                }
                position = entry.seq();
                sink.write(stripper == null ? first(entry) : stripper.strip(first(entry)));
                ended = entry instanceof LogEntry.Ended;
            } else if (!turnPage()) {
                break;
            }
        }
        piece = rendered.toByteArray();
        written = 0;
        return piece.length > 0 || ended;
    }

    /** Of the first entry the end, if so it was asked for. */
    private LogEntry first(LogEntry entry) {
        int left = query.format() == LogFormat.TEXT ? skipped : 0;
        skipped = 0;
        return left > 0 && entry instanceof LogEntry.Output output
                ? new LogEntry.Output(
                        output.seq(),
                        output.at(),
                        output.step(),
                        output.stream(),
                        Arrays.copyOfRange(output.data(), left, output.data().length))
                : entry;
    }

    /** Goes on to what follows; returns false if there is nothing (yet). */
    private boolean turnPage() throws IOException {
        position = Math.max(position, page.through());
        if (range.endsWith(position)) {
            ended = true;
            return false;
        }
        try {
            page = next();
        } catch (DatabaseException e) {
            LOG.debug("The log of {} can't be read at the moment", build.id(), e);
            return false; // it is tried again soon
        }
        entries = page.entries().iterator();
        if (entries.hasNext() || page.through() > position) {
            return true;
        }
        if (feed == null || stopping) {
            BuildState state = owner.state(build);
            if (!state.isFinished()) {
                sink.breakOff(state);
            }
            ended = true;
        } else if (System.nanoTime() - quietSince > KEEP_ALIVE.toNanos() && rendered.size() == 0) {
            sink.keepAlive();
            quietSince = System.nanoTime();
        }
        return false;
    }

    private BuildLog.Page next() {
        BuildLog.Page recent = feed == null ? null : feed.after(position);
        if (recent == null) {
            return log.page(build.id(), position, query.filter());
        }
        List<LogEntry> wanted =
                recent.entries().stream().filter(query.filter()::admits).toList();
        return new BuildLog.Page(wanted, recent.through());
    }

    @Override
    public void onWritePossible() {
        synchronized (this) {
            possible = true;
        }
        wake();
    }

    @Override
    public void onError(Throwable failure) {
        LOG.debug("A reader of the log of {} has gone or takes nothing", build.id(), failure);
        gone();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        gone();
    }

    /** Without the end the web server would write a page about the error into what is left of the answer. */
    @Override
    public void onError(AsyncEvent event) {
        gone();
        complete();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        gone();
        complete();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // It is not started anew.
    }

    /** Nothing may be written from now on: the web server uses the response for another request. */
    private void gone() {
        synchronized (this) {
            closed = true;
        }
        owner.remove(this);
    }
}
