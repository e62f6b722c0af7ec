package io.slipway.api.testing;

import io.slipway.api.testing.ApiClient.Answer;
import io.slipway.image.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Entries on their way into the manifest of a context. */
public final class Manifest {
    private final String project;
    private final List<Map<String, Object>> entries = new ArrayList<>();

    /** One of the default project. */
    public Manifest() {
        this("default");
    }

    /** One of a project. */
    public Manifest(String project) {
        this.project = project;
    }

    /** Adds a file. */
    public Manifest file(String path, String text, String mode) {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        entries.add(Map.of(
                "path",
                path,
                "mode",
                mode,
                "size",
                content.length,
                "sha256",
                Digest.of(content).hex(),
                "mtime",
                5));
        return this;
    }

    /** Adds a file. */
    public Manifest file(String path, byte[] content) {
        entries.add(Map.of(
                "path",
                path,
                "size",
                content.length,
                "sha256",
                Digest.of(content).hex()));
        return this;
    }

    /** Adds an entry of any type; without a path if that is null. */
    public Manifest entry(@Nullable String path, String type, Map<String, String> more) {
        Map<String, Object> entry = new LinkedHashMap<>(more);
        if (path != null) {
            entry.put("path", path);
        }
        entry.put("type", type);
        entries.add(entry);
        return this;
    }

    /** What was added so far. */
    public List<Map<String, Object>> entries() {
        return List.copyOf(entries);
    }

    /** Sends it. */
    public Answer post(ApiClient client) throws IOException {
        return client.postJson(
                "/v1/contexts", JsonMapper.shared().writeValueAsString(Map.of("project", project, "entries", entries)));
    }
}
