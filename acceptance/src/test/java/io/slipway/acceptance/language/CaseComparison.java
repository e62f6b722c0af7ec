package io.slipway.acceptance.language;

import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compares what was built with what is recorded. Differences are sentences; there are none where nothing differs.
 *
 * @param base the base image of the cases
 * @param http what {@code {{http}}} stands for
 * @param git what {@code {{git}}} stands for
 * @param scratch a directory for temporary files
 */
record CaseComparison(FlatImage base, String http, String git, Path scratch) {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** Compares config, history and files. */
    List<String> image(LanguageCase.Expectation expected, ContentStore store, Descriptor image) throws IOException {
        List<String> differences = new ArrayList<>();
        compareConfig(expected, store, image, differences);
        compareFiles(expected, FlatImage.of(store, image, scratch), differences);
        return differences;
    }

    /**
     * Compares the warnings: lines and rules, of cases of our own the messages, too. The reference has no rules of ours.
     *
     * @param found each, line 0 where there is none
     */
    List<String> warnings(LanguageCase one, List<LanguageCase.Warning> found) {
        boolean ours = one.isOurs();
        TreeSet<String> wanted = new TreeSet<>();
        one.expectation().warnings().forEach(warning -> wanted.add(text(warning, ours)));
        TreeSet<String> is = new TreeSet<>();
        for (LanguageCase.Warning warning : found) {
            if (ours || !Rule.of(warning.rule()).orElseThrow().isOurs()) {
                is.add(text(warning, ours));
            }
        }
        return wanted.equals(is) ? List.of() : List.of("warnings " + is + " instead of " + wanted);
    }

    private static String text(LanguageCase.Warning warning, boolean whole) {
        return warning.line() + " " + warning.rule() + (whole ? " " + warning.message() : "");
    }

    private void compareConfig(
            LanguageCase.Expectation expected, ContentStore store, Descriptor image, List<String> differences)
            throws IOException {
        Manifest manifest =
                ImageDocuments.readManifest(store.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES));
        byte[] json = store.readSmall(manifest.config().digest(), ImageDocuments.MAX_CONFIG_BYTES);
        ImageConfig config = ImageDocuments.readConfig(json);
        Map<String, Object> container = new TreeMap<>();
        MAPPER.readTree(json)
                .path("config")
                .properties()
                .forEach(field -> container.put(field.getKey(), MAPPER.treeToValue(field.getValue(), Object.class)));
        if (!container.toString().equals(new TreeMap<>(expected.config()).toString())) {
            differences.add("config " + container + " instead of " + new TreeMap<>(expected.config()));
        }
        String platform = new Platform(config.os(), config.architecture(), config.variant()).toString();
        if (expected.platform() != null && !expected.platform().equals(platform)) {
            differences.add("platform " + platform + " instead of " + expected.platform());
        }
        if (!String.valueOf(expected.author()).equals(String.valueOf(config.author()))) {
            differences.add("author " + config.author());
        }
        if (expected.created() != null && !expected.created().equals(config.created())) {
            differences.add("created " + config.created());
        }
        List<String> history = new ArrayList<>();
        if (config.history() != null) {
            for (ImageConfig.History line : config.history()) {
                if ("buildkit.dockerfile.v0".equals(line.comment())) {
                    history.add((Boolean.TRUE.equals(line.emptyLayer()) ? "empty " : "layer ") + line.createdBy());
                    if (line.author() != null) {
                        differences.add("history names the author " + line.author() + " of " + line.createdBy());
                    }
                }
            }
        }
        List<String> wanted = expected.history().stream()
                .map(line -> (line.emptyLayer() ? "empty " : "layer ")
                        + line.createdBy().replace("{{http}}", http).replace("{{git}}", git))
                .toList();
        if (config.rootfs().diffIds().contains(Digest.of(new byte[1024]))) {
            differences.add("an empty layer");
        }
        if (!withoutEmptyLayers(wanted, history).equals(history)) {
            differences.add("history " + history + " instead of " + wanted);
        }
    }

    /** The reference has a layer where a RUN, COPY or WORKDIR changed nothing, and we have none. */
    private static List<String> withoutEmptyLayers(List<String> wanted, List<String> history) {
        List<String> without = new ArrayList<>(wanted);
        for (int i = 0; i < Math.min(wanted.size(), history.size()); i++) {
            String line = wanted.get(i).replaceFirst("^layer (RUN|COPY|ADD|WORKDIR) ", "empty $1 ");
            if (line.equals(history.get(i))) {
                without.set(i, line);
            }
        }
        return without;
    }

    private void compareFiles(LanguageCase.Expectation expected, FlatImage image, List<String> differences) {
        boolean onBase = image.files().containsKey("/bin/busybox");
        Map<String, String> before = onBase ? base.files() : Map.of();
        Map<String, String> added = new TreeMap<>(image.files());
        added.entrySet().removeIf(file -> file.getValue().equals(before.get(file.getKey())));
        added.remove("/");
        Map<String, String> wanted = new TreeMap<>();
        for (LanguageCase.FileState file : expected.added()) {
            wanted.put(file.path(), line(file, image, expected));
            if (file.mtime() != null && !file.mtime().equals(image.times().get(file.path()))) {
                differences.add(file.path() + " mtime " + image.times().get(file.path()));
            }
            String first = image.links().get(file.path());
            if (!Objects.equals(first, file.hardLinkTo())) {
                differences.add(file.path() + " is another name of " + first + " instead of " + file.hardLinkTo());
            }
        }
        wanted.entrySet().removeIf(file -> file.getValue().equals(before.get(file.getKey())));
        for (String path : new TreeSet<>(concat(added, wanted))) {
            String is = added.get(path);
            String should = wanted.get(path);
            if (!String.valueOf(is).equals(String.valueOf(should))) {
                differences.add(path + ": " + is + " instead of " + should);
            }
        }
        TreeSet<String> removed = new TreeSet<>(before.keySet());
        removed.removeAll(image.files().keySet());
        if (!removed.equals(new TreeSet<>(expected.removed()))) {
            differences.add("removed " + removed + " instead of " + expected.removed());
        }
    }

    private static List<String> concat(Map<String, String> one, Map<String, String> other) {
        List<String> all = new ArrayList<>(one.keySet());
        all.addAll(other.keySet());
        return all;
    }

    /** The expected line; of a large file the recorded cases have a digest only, so what is there counts. */
    private static String line(LanguageCase.FileState file, FlatImage image, LanguageCase.Expectation expected) {
        if (file.size() != null) {
            return String.valueOf(image.files().get(file.path()));
        }
        String text = file.text();
        if (file.hardLinkTo() != null) {
            text = expected.added().stream()
                    .filter(other -> other.path().equals(file.hardLinkTo()))
                    .map(LanguageCase.FileState::text)
                    .findFirst()
                    .orElse(null);
        }
        String content = switch (file.kind()) {
            case "file" -> " " + (text == null ? "" : text);
            case "link" -> " -> " + file.linkTarget();
            default -> "";
        };
        return file.kind() + " " + Integer.toOctalString(file.mode()) + " " + file.uid() + ":" + file.gid() + content;
    }
}
