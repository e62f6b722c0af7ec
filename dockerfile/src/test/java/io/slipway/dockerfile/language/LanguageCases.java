package io.slipway.dockerfile.language;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The recorded cases and those of our own, read from the class path. */
public final class LanguageCases {

    private static final List<String> FILES = List.of(
            "01-lines.txt",
            "02-directives.txt",
            "03-expansion.txt",
            "04-heredocs.txt",
            "05-stages.txt",
            "06-args-env-labels.txt",
            "07-copy-files.txt",
            "08-copy-flags.txt",
            "09-run-user-workdir.txt",
            "10-mounts.txt",
            "11-metadata.txt",
            "12-ignore.txt",
            "13-checks.txt",
            "14-reproducible.txt",
            "15-http.txt",
            "16-git.txt");

    static final String OWN = "own/";

    private static final List<String> OWN_FILES = List.of(
            "arguments.txt", "contexts.txt", "copy.txt", "links.txt", "mounts.txt", "outline.txt", "platforms.txt");

    private LanguageCases() {}

    /** All recorded cases, file by file, and those of our own. */
    public static List<LanguageCase> all() {
        return Stream.concat(recorded().stream(), OWN_FILES.stream().flatMap(file -> of(OWN + file).stream()))
                .toList();
    }

    /** What the reference was recorded to make of them. */
    public static List<LanguageCase> recorded() {
        return FILES.stream().flatMap(file -> of(file).stream()).toList();
    }

    /** The cases of one file, such as {@code 01-lines.txt}. */
    public static List<LanguageCase> of(String file) {
        return read(file, text(file));
    }

    /**
     * Reads cases.
     *
     * @param file what the file that holds them is called
     * @param text what stands in it
     */
    public static List<LanguageCase> read(String file, String text) {
        List<LanguageCase> cases = new ArrayList<>();
        List<String> lines = List.of(text.split("\n", -1));
        int start = -1;
        for (int i = 0; i <= lines.size(); i++) {
            boolean boundary = i == lines.size() || lines.get(i).matches("== .* ==");
            if (boundary && start >= 0) {
                cases.add(new CaseReader(file, lines.subList(start, i)).read());
            }
            if (boundary) {
                start = i;
            }
        }
        return cases;
    }

    /** The script that makes the repositories of {@code 16-git.txt}. */
    public static String gitFixture() {
        return text("git-fixture");
    }

    private static String text(String file) {
        try (InputStream in = LanguageCases.class.getResourceAsStream("/language/" + file)) {
            if (in == null) {
                throw new IllegalStateException("language/" + file + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the lines of one case. */
    private static final class CaseReader {

        private final String file;
        private final List<String> lines;
        private final String name;
        private final List<LanguageCase.Option> options = new ArrayList<>();
        private final List<LanguageCase.Part> parts = new ArrayList<>();
        private final List<LanguageCase.Warning> warnings = new ArrayList<>();
        private final List<LanguageCase.Outlined> outline = new ArrayList<>();
        private final Map<String, Object> config = new LinkedHashMap<>();
        private final List<LanguageCase.History> history = new ArrayList<>();
        private final List<LanguageCase.FileState> added = new ArrayList<>();
        private final List<String> removed = new ArrayList<>();

        @Nullable
        private String dockerfile;

        private LanguageCase.@Nullable Refusal refusal;

        @Nullable
        private String platform;

        @Nullable
        private String author;

        @Nullable
        private String created;

        CaseReader(String file, List<String> lines) {
            this.file = file;
            this.lines = lines;
            String heading = lines.getFirst();
            this.name = heading.substring(3, heading.length() - 3);
        }

        LanguageCase read() {
            int i = 1;
            while (i < lines.size()) {
                String head = lines.get(i);
                int end = i + 1;
                while (end < lines.size() && !lines.get(end).matches("-- .* --")) {
                    end++;
                }
                readPart(head.substring(3, head.length() - 3), lines.subList(i + 1, end));
                i = end;
            }
            return new LanguageCase(
                    file,
                    name,
                    List.copyOf(options),
                    dockerfile,
                    List.copyOf(parts),
                    new LanguageCase.Expectation(
                            refusal,
                            List.copyOf(warnings),
                            List.copyOf(outline),
                            platform,
                            Collections.unmodifiableMap(config),
                            author,
                            created,
                            List.copyOf(history),
                            List.copyOf(added),
                            List.copyOf(removed)));
        }

        private void readPart(String head, List<String> body) {
            switch (head) {
                case "options" -> body.forEach(this::readOption);
                case "Dockerfile" -> dockerfile = body.isEmpty() ? "" : String.join("\n", body) + "\n";
                case "Dockerfile json" -> dockerfile = (String) new JsonText(body.getFirst(), 0).readValue();
                case "expect" -> body.forEach(this::readExpectation);
                default -> parts.add(part(new Fields(head)));
            }
        }

        private void readOption(String line) {
            int blank = line.indexOf(' ');
            String kind = blank < 0 ? line : line.substring(0, blank);
            options.add(new LanguageCase.Option(kind, blank < 0 ? "" : line.substring(blank + 1)));
        }

        private LanguageCase.Part part(Fields fields) {
            String kind = fields.word();
            String path = fields.string();
            return switch (kind) {
                case "file" -> new LanguageCase.Part.ContextFile(path, fields.octal(), fields.string());
                case "dir" -> new LanguageCase.Part.Directory(path, fields.octal());
                case "symlink" -> new LanguageCase.Part.Symlink(path, fields.string());
                case "hardlink" -> new LanguageCase.Part.HardLink(path, fields.string());
                case "gz" -> new LanguageCase.Part.Gzip(path, fields.string());
                case "http" -> http(path, fields);
                default -> new LanguageCase.Part.Archive(path, compression(kind), fields.strings());
            };
        }

        /** The compression of {@code tar}, {@code tar.gz} and so on. */
        private static String compression(String kind) {
            return kind.equals("tar") ? "" : kind.substring("tar.".length());
        }

        private static LanguageCase.Part http(String path, Fields fields) {
            boolean tar = fields.startsWith("tar");
            String compression = tar ? compression(fields.word()) : "";
            Map<String, Object> headers = new LinkedHashMap<>(tar ? Map.of() : fields.map());
            Object status = headers.remove("status");
            Object need = headers.remove("need");
            Map<String, String> texts = new LinkedHashMap<>();
            headers.forEach((key, value) -> texts.put(key, value.toString()));
            return new LanguageCase.Part.Http(
                    path,
                    status == null ? 200 : ((Long) status).intValue(),
                    need == null ? null : need.toString(),
                    texts,
                    tar ? null : fields.string(),
                    compression,
                    tar ? fields.strings() : Map.of());
        }

        private void readExpectation(String line) {
            if (line.isEmpty()) {
                return;
            }
            Fields fields = new Fields(line);
            String kind = fields.word();
            switch (kind) {
                case "refused", "failed" -> {
                    int at = Integer.parseInt(fields.word());
                    refusal = new LanguageCase.Refusal(at, fields.string(), kind.equals("failed"));
                }
                case "outline" -> outline.add(new LanguageCase.Outlined(fields.word(), fields.value()));
                case "platform" -> platform = fields.word();
                case "warning" ->
                    warnings.add(
                            new LanguageCase.Warning(Integer.parseInt(fields.word()), fields.word(), fields.string()));
                case "config" -> {
                    String key = fields.word();
                    config.put(key, fields.value());
                }
                case "author" -> author = fields.string();
                case "created" -> created = fields.word();
                case "history" -> {
                    boolean empty = fields.word().equals("empty");
                    history.add(new LanguageCase.History(empty, fields.string()));
                }
                case "+" -> added.add(fileState(fields));
                case "-" -> removed.add(fields.string());
                default -> throw new IllegalStateException(file + "/" + name + ": " + line);
            }
        }

        private static LanguageCase.FileState fileState(Fields fields) {
            String path = fields.string();
            String kind = fields.word();
            int mode = fields.octal();
            String[] owner = fields.word().split(":");
            String text = null;
            Long size = null;
            String sha256Start = null;
            String linkTarget = null;
            String hardLinkTo = null;
            Long mtime = null;
            while (!fields.atEnd()) {
                if (fields.startsWith("\"")) {
                    text = fields.string();
                } else if (fields.startsWith("-> ")) {
                    fields.word();
                    linkTarget = fields.string();
                } else if (fields.startsWith("= ")) {
                    fields.word();
                    hardLinkTo = fields.string();
                } else if (fields.startsWith("mtime=")) {
                    mtime = Long.valueOf(fields.word().substring("mtime=".length()));
                } else {
                    size = Long.valueOf(fields.word());
                    fields.word();
                    sha256Start = fields.word();
                }
            }
            return new LanguageCase.FileState(
                    path,
                    kind,
                    mode,
                    Integer.parseInt(owner[0]),
                    Integer.parseInt(owner[1]),
                    text,
                    size,
                    sha256Start,
                    linkTarget,
                    hardLinkTo,
                    mtime);
        }
    }

    /** The fields of a line: bare words and JSON values between blanks. */
    private static final class Fields {

        private final String line;
        private int position;

        Fields(String line) {
            this.line = line;
        }

        boolean atEnd() {
            skipBlanks();
            return position >= line.length();
        }

        boolean startsWith(String text) {
            skipBlanks();
            return line.startsWith(text, position);
        }

        String word() {
            skipBlanks();
            int end = line.indexOf(' ', position);
            String word = line.substring(position, end < 0 ? line.length() : end);
            position += word.length();
            return word;
        }

        int octal() {
            return Integer.parseInt(word(), 8);
        }

        Object value() {
            JsonText json = new JsonText(line, position);
            Object value = json.readValue();
            position = json.position();
            return value;
        }

        String string() {
            return (String) value();
        }

        Map<String, Object> map() {
            Map<String, Object> map = new LinkedHashMap<>();
            ((Map<?, ?>) value()).forEach((key, item) -> map.put((String) key, item));
            return map;
        }

        Map<String, String> strings() {
            Map<String, String> strings = new LinkedHashMap<>();
            map().forEach((key, item) -> strings.put(key, (String) item));
            return strings;
        }

        private void skipBlanks() {
            while (position < line.length() && line.charAt(position) == ' ') {
                position++;
            }
        }
    }
}
