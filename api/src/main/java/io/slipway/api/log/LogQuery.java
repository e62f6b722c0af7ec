package io.slipway.api.log;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.QueryTime;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildLog;
import io.slipway.db.build.LogFilter;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a caller wants of a log. Immutable.
 *
 * @param follow whether it goes on until the build ends
 * @param ansi whether escape sequences of terminals stay
 * @param timestamps whether lines of text begin with their time
 * @param after where to begin: behind this position; null if it is said otherwise
 * @param since where to begin: with the first entry that is not older, or null
 * @param tail where to begin: so many lines before the end, or null
 * @param before where to end: before this position; null if it is said otherwise
 * @param until where to end: before the first entry that is not older, or null
 */
record LogQuery(
        LogFormat format,
        boolean follow,
        LogFilter filter,
        boolean ansi,
        boolean timestamps,
        @Nullable Long after,
        @Nullable Instant since,
        @Nullable Integer tail,
        @Nullable Long before,
        @Nullable Instant until) {
    private static final int MOST_LINES = 100_000;
    private static final int MOST_STEPS = 1_000_000;

    /**
     * Reads the parameters of a request.
     *
     * @param formats the forms that there are, the usual one first
     * @param output whether output is part of it
     * @param lastEventId where a client of server-sent events goes on, or null; it says so in a request that is otherwise the same as the first, so it wins
     * @throws ProblemException {@link ProblemType#PARAMETER_INVALID} or {@link ProblemType#NOT_ACCEPTABLE}
     */
    static LogQuery of(
            Map<String, String> parameters,
            List<LogFormat> formats,
            boolean output,
            @Nullable String lastEventId,
            @Nullable String accept) {
        LogFormat format = LogFormat.of(formats, parameters.get("format"), accept);
        boolean timestamps = flag(parameters, "timestamps");
        if (timestamps && format != LogFormat.TEXT) {
            throw invalid("timestamps", "`timestamps` is for text: every other form has the time of each entry.");
        }
        requireOne(parameters, "begin", "tail", "after", "since");
        requireOne(parameters, "end", "before", "until");
        boolean follow = flag(parameters, "follow");
        for (String end : List.of("before", "until")) {
            if (follow && parameters.containsKey(end)) {
                throw invalid(
                        end,
                        "`follow` goes on until the build ends, and `" + end
                                + "` ends before: only one of them can be given.");
            }
        }
        Long after = position("after", parameters.get("after"));
        Long resumed = position("after", lastEventId == null || lastEventId.isEmpty() ? null : lastEventId);
        Integer step = number(parameters, "step", MOST_STEPS);
        boolean ansi = switch (parameters.getOrDefault("ansi", "keep")) {
            case "keep" -> true;
            case "strip" -> false;
            default -> throw invalid("ansi", "`ansi` must be keep or strip, but is `" + parameters.get("ansi") + "`.");
        };
        Instant since = QueryTime.of("since", parameters.get("since"));
        Integer tail = number(parameters, "tail", MOST_LINES);
        return new LogQuery(
                format,
                follow,
                new LogFilter(step, output),
                ansi,
                timestamps,
                resumed != null ? resumed : after,
                resumed != null ? null : since,
                resumed != null ? null : tail,
                position("before", parameters.get("before")),
                QueryTime.of("until", parameters.get("until")));
    }

    private static void requireOne(Map<String, String> parameters, String what, String... names) {
        if (Stream.of(names).filter(parameters::containsKey).count() > 1) {
            throw invalid(
                    names[0],
                    "`" + String.join("`, `", names) + "` all say where to " + what
                            + ": only one of them can be given.");
        }
    }

    /** Which part of the log of a build that is. */
    LogRange range(BuildLog log, BuildId id) {
        long end = before != null ? before : until != null ? log.since(id, until) + 1 : LogRange.OPEN;
        if (tail != null) {
            return LogRange.tail(log, id, filter, tail, end);
        }
        return new LogRange(since != null ? log.since(id, since) : after != null ? after : 0, 0, end);
    }

    /** What writes it. */
    LogSink sink(OutputStream out, BuildId id) {
        return switch (format) {
            case TEXT -> new TextSink(out, id, timestamps);
            case NDJSON -> new JsonSink(out, JsonMapper.shared(), false);
            case SSE -> new JsonSink(out, JsonMapper.shared(), true);
        };
    }

    private static boolean flag(Map<String, String> parameters, String name) {
        String value = parameters.get(name);
        if (value == null) {
            return false;
        }
        return switch (value) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw invalid(name, "`" + name + "` must be true or false, but is `" + value + "`.");
        };
    }

    private static @Nullable Long position(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw invalid(
                    name,
                    (name.equals("after") ? "`after` and Last-Event-ID" : "`" + name + "`")
                            + " must be the position of a log entry, but is `" + text + "`.");
        }
        return Long.parseLong(text);
    }

    private static @Nullable Integer number(Map<String, String> parameters, String name, int most) {
        String text = parameters.get(name);
        if (text == null) {
            return null;
        }
        int value = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
        if (value < 1 || value > most) {
            throw invalid(name, "`" + name + "` must be a number from 1 to " + most + ", but is `" + text + "`.");
        }
        return value;
    }

    static ProblemException invalid(String parameter, String detail) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail).with("parameter", parameter);
    }
}
