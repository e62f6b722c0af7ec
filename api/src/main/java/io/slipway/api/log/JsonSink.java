package io.slipway.api.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.db.build.BuildState;
import io.slipway.db.build.LogEntry;
import java.io.IOException;
import java.io.OutputStream;
import tools.jackson.databind.json.JsonMapper;

/** The log as newline-delimited JSON, or as server-sent events whose ids are the entries' positions. */
final class JsonSink implements LogSink {
    /** After so long a client of server-sent events connects again. */
    private static final int RETRY_MILLIS = 2000;

    private final OutputStream out;
    private final JsonMapper json;
    private final boolean events;

    /** @param events server-sent events (WHATWG HTML, section 9.2) instead of plain lines */
    JsonSink(OutputStream out, JsonMapper json, boolean events) {
        this.out = out;
        this.json = json;
        this.events = events;
    }

    @Override
    public void begin() throws IOException {
        if (events) {
            out.write(("retry: " + RETRY_MILLIS + "\n\n").getBytes(UTF_8));
        }
    }

    @Override
    public void write(LogEntry entry) throws IOException {
        LogRecord record = LogRecord.of(entry);
        byte[] data = json.writeValueAsBytes(record); // has no line breaks: JSON escapes them
        if (events) {
            out.write(("id: " + record.seq() + "\nevent: " + record.type() + "\ndata: ").getBytes(UTF_8));
            out.write(data);
            out.write('\n');
        } else {
            out.write(data);
        }
        out.write('\n');
    }

    @Override
    public void keepAlive() throws IOException {
        if (events) {
            out.write(":\n\n".getBytes(UTF_8));
        }
    }

    @Override
    public void breakOff(BuildState state) {
        // The last record is not `ended`: that says it.
    }
}
