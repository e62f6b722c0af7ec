package io.slipway.api.testing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds a log to the document line by line as it is read: each NDJSON object, each server-sent event, is a LogEntry. Used by one thread. */
final class LogLines {
    private static final String NDJSON = "application/x-ndjson";
    private static final String EVENTS = "text/event-stream";

    private final OpenApi contract;
    private final String what;
    private final String type;
    private final List<String> event = new ArrayList<>();

    /**
     * @param what the answer, for messages
     * @param type its media type; text may be anything
     */
    LogLines(OpenApi contract, String what, String type) {
        this.contract = contract;
        this.what = what;
        this.type = type;
    }

    /** Whether the media type is one of entries. */
    static boolean areIn(String type) {
        return type.equals(NDJSON) || type.equals(EVENTS);
    }

    /** Takes the next line; with the empty one an event is whole. */
    void read(String line) {
        if (type.equals(NDJSON)) {
            contract.checkEntry(line, what);
        } else if (type.equals(EVENTS) && !line.isEmpty()) {
            event.add(line);
        } else if (type.equals(EVENTS)) {
            checkEvent();
            event.clear();
        }
    }

    /** Nothing comes any more, and nothing was cut off. */
    void end() {
        if (!event.isEmpty()) {
            throw new AssertionError(what + " ends within an event: " + event);
        }
    }

    private void checkEvent() {
        String data = field("data");
        if (data == null) {
            if (!event.stream().allMatch(line -> line.startsWith(":") || line.matches("retry: \\d+"))) {
                throw new AssertionError(what + " has an event without data: " + event);
            }
            return;
        }
        contract.checkEntry(data, what);
        JsonNode entry = JsonMapper.shared().readTree(data);
        if (!entry.path("seq").asString().equals(field("id"))
                || !entry.path("type").asString().equals(field("event"))) {
            throw new AssertionError(what + " has an event that is not named by its data: " + event);
        }
    }

    /** A field's value, or null; the service gives each in one line. */
    private @Nullable String field(String name) {
        List<String> values = event.stream()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .toList();
        if (values.size() > 1) {
            throw new AssertionError(what + " has an event with several " + name + ": " + event);
        }
        return values.isEmpty() ? null : values.getFirst();
    }
}
