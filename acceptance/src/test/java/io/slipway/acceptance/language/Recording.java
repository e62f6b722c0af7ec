package io.slipway.acceptance.language;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Puts down what the reference made of a case, in the lines of {@code expect} that {@code language/README.md} describes. */
final class Recording {
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final Pattern REFUSED_AT = Pattern.compile("(?m)^\\S*Dockerfile:(\\d+)$");
    private static final Pattern REFUSAL = Pattern.compile("(?m)^ERROR: (?:failed to \\w+: )*(.*)$");
    /** {@code RULE: MESSAGE (line N)}. */
    private static final Pattern WARNING = Pattern.compile("(\\w+): (.*) \\(line (\\d+)\\)");

    private final UnaryOperator<String> addresses;
    private final boolean times;
    private final boolean platform;
    private final List<String> lines = new ArrayList<>();

    /**
     * @param addresses puts {@code {{http}}} and its like where the addresses of the test's servers stand
     * @param times whether times are recorded
     * @param platform whether the platform is recorded
     */
    Recording(UnaryOperator<String> addresses, boolean times, boolean platform) {
        this.addresses = addresses;
        this.times = times;
        this.platform = platform;
    }

    /** The lines. */
    List<String> lines() {
        return lines;
    }

    /** Puts down a refusal that the client printed. */
    void refusal(String output) {
        Matcher line = REFUSED_AT.matcher(output);
        Matcher message = REFUSAL.matcher(output);
        if (!message.find()) {
            throw new AssertionError("no refusal, but no image either:\n" + output);
        }
        lines.add("refused " + (line.find() ? line.group(1) : "0") + " " + json(addresses.apply(message.group(1))));
    }

    /** Puts down the build checks in the client's metadata. */
    void warnings(String metadata) {
        TreeSet<String> warnings = new TreeSet<>();
        for (JsonNode warning : MAPPER.readTree(metadata).path("buildx.build.warnings")) {
            String text =
                    new String(Base64.getDecoder().decode(warning.path("short").asString()), StandardCharsets.UTF_8);
            Matcher parts = WARNING.matcher(text);
            if (!parts.matches()) {
                throw new AssertionError("a warning of another kind: " + text);
            }
            warnings.add("warning " + parts.group(3) + " " + parts.group(1) + " " + json(parts.group(2)));
        }
        lines.addAll(warnings);
    }

    /** Puts down an image: config, history and the files that the base has not. */
    void image(ContentStore store, Descriptor image, FlatImage files, FlatImage base) throws IOException {
        Manifest manifest =
                ImageDocuments.readManifest(store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
        byte[] json = store.readSmall(manifest.config().digest(), ImageDocuments.MAX_CONFIG_BYTES);
        MAPPER.readTree(json)
                .path("config")
                .properties()
                .forEach(field -> lines.add("config " + field.getKey() + " " + field.getValue()));
        ImageConfig config = ImageDocuments.readConfig(json);
        if (config.author() != null) {
            lines.add("author " + json(config.author()));
        }
        if (platform) {
            lines.add("platform " + new Platform(config.os(), config.architecture(), config.variant()));
        }
        if (times) {
            lines.add("created " + config.created());
        }
        for (ImageConfig.History line : config.history() == null ? List.<ImageConfig.History>of() : config.history()) {
            if ("buildkit.dockerfile.v0".equals(line.comment())) {
                lines.add("history " + (Boolean.TRUE.equals(line.emptyLayer()) ? "empty " : "layer ")
                        + json(addresses.apply(String.valueOf(line.createdBy()))));
                if (line.author() != null) {
                    throw new AssertionError("the format has no place for an author in the history: " + line);
                }
            }
        }
        boolean onBase = files.files().containsKey("/bin/busybox");
        files.files().forEach((path, file) -> {
            boolean ofBase =
                    path.equals("/") || (onBase && file.equals(base.files().get(path)));
            if (!ofBase && !isOfSubmodule(path, file)) {
                lines.add("+ " + json(path) + " " + file(file, files.links().get(path))
                        + (times ? " mtime=" + files.times().get(path) : ""));
            }
        });
        if (onBase) {
            TreeSet<String> gone = new TreeSet<>(base.files().keySet());
            gone.removeAll(files.files().keySet());
            gone.forEach(path -> lines.add("- " + json(path)));
        }
    }

    /** Whether a file is the {@code .git} of a submodule, which names a directory that only BuildKit has, another one each time. */
    private static boolean isOfSubmodule(String path, String file) {
        return path.endsWith("/.git") && file.contains(" gitdir: ");
    }

    /** From {@code KIND MODE UID:GID CONTENT} with a bare content to one with JSON, or with the first name of a hard link. */
    private static String file(String line, @Nullable String first) {
        String[] words = line.split(" ", 4);
        String head = words[0] + " " + "0".repeat(4 - words[1].length()) + words[1] + " " + words[2];
        if (first != null) {
            return head + " = " + json(first);
        }
        return switch (words[0]) {
            case "file" -> head + " " + json(words[3]);
            case "link" -> head + " -> " + json(words[3].substring("-> ".length()));
            default -> head;
        };
    }

    private static String json(String text) {
        return MAPPER.writeValueAsString(text);
    }
}
