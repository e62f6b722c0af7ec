package io.slipway.api.log;

import io.slipway.db.build.LogEntry;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the escape sequences of terminals (ECMA-48: control sequences such as colours, control strings such as window titles, and the short ones) out of
 * output. A sequence may go on in the next piece of the same step and stream. Used by one thread.
 */
final class AnsiStripper {
    private static final int ESCAPE = 0x1b;
    private static final int BELL = 0x07;

    private final Map<Source, State> states = new HashMap<>();

    private record Source(@Nullable Integer step, String stream) {}

    /** What the bytes before belong to. */
    private enum State {
        TEXT,
        /** ESC was seen. */
        ESCAPED,
        /** ESC and intermediate bytes (0x20 to 0x2F): one more ends it. */
        SHORT,
        /** Up to its final byte (0x40 to 0x7E). */
        CONTROL_SEQUENCE,
        /** Up to BEL or ESC \. */
        CONTROL_STRING,
        /** ESC was seen in a control string. */
        STRING_ESCAPED
    }

    /** The same entry; of output, without escape sequences. */
    LogEntry strip(LogEntry entry) {
        return entry instanceof LogEntry.Output output
                ? new LogEntry.Output(output.seq(), output.at(), output.step(), output.stream(), stripped(output))
                : entry;
    }

    private byte[] stripped(LogEntry.Output output) {
        Source source = new Source(output.step(), output.stream());
        State state = states.getOrDefault(source, State.TEXT);
        byte[] data = output.data();
        ByteArrayOutputStream text = new ByteArrayOutputStream(data.length);
        for (byte b : data) {
            if (state == State.TEXT && b != ESCAPE) {
                text.write(b);
            }
            state = next(state, b & 0xff);
        }
        states.put(source, state);
        return text.toByteArray();
    }

    private static State next(State state, int b) {
        return switch (state) {
            case TEXT -> b == ESCAPE ? State.ESCAPED : State.TEXT;
            case ESCAPED ->
                switch (b) {
                    case '[' -> State.CONTROL_SEQUENCE;
                    case ']', 'P', 'X', '^', '_' -> State.CONTROL_STRING;
                    case ESCAPE -> State.ESCAPED;
                    default -> b >= 0x20 && b <= 0x2f ? State.SHORT : State.TEXT;
                };
            case SHORT -> b >= 0x20 && b <= 0x2f ? State.SHORT : State.TEXT;
            case CONTROL_SEQUENCE -> b == ESCAPE ? State.ESCAPED : b >= 0x40 ? State.TEXT : State.CONTROL_SEQUENCE;
            case CONTROL_STRING -> b == BELL || b == '\n' ? State.TEXT : b == ESCAPE ? State.STRING_ESCAPED : state;
            case STRING_ESCAPED -> b == '\\' ? State.TEXT : State.CONTROL_STRING;
        };
    }
}
