package io.slipway.api.webhook.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Payloads of hosts; where they are from stands beside them. */
public final class Payloads {
    static final Path FOLDER = Path.of("../acceptance/src/test/resources/webhooks");

    private Payloads() {}

    /** The bytes of a recorded or documented payload, such as {@code github/push-branch}. */
    public static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(FOLDER.resolve(name + ".json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Payload of(String name) {
        return Payload.of(headers(), bytes(name));
    }

    static HookHeaders headers(String... namesAndValues) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.computeIfAbsent(namesAndValues[i], _ -> new ArrayList<>()).add(namesAndValues[i + 1]);
        }
        return new HookHeaders(values);
    }
}
