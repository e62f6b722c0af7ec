package io.slipway.api.intake;

import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.upload.UploadProperties;
import io.slipway.image.Digest;
import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextManifest;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/** Reads the manifest of a context, {@code {"project": …, "entries": […]}}, entry by entry. Used once. */
final class ManifestBody {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final String PROJECT = "project";
    private static final String ENTRIES = "entries";
    private static final List<String> FIELDS = List.of(
            "path", "pathBase64", "type", "mode", "uid", "gid", "mtime", "size", "sha256", "target", "targetBase64");
    private static final List<String> TYPES = List.of("file", "directory", "symlink", "hardlink");
    private static final int MOST_MODE = 07777;

    private final JsonParser json;
    private final ContextManifest.Writer writer;
    private final Consumer<String> admit;
    private @Nullable String project;
    private boolean entries;
    /** The number of the entry that is read, from 1, for messages. */
    private int number;

    private ManifestBody(JsonParser json, ContextLimits limits, Consumer<String> admit) {
        this.json = json;
        this.writer = new ContextManifest.Writer(limits);
        this.admit = admit;
    }

    /**
     * A manifest.
     *
     * @param project whose it is to be
     * @param digest SHA-256 of its text
     */
    record Manifest(String project, ContextManifest.Writer entries, Digest digest) {}

    /**
     * Reads a manifest.
     *
     * @param admit refuses a project, as soon as it is known
     * @param defaultProject the project if none is named
     * @throws ContextException if a context must not have one of its entries
     * @throws ProblemException if it is no manifest
     */
    static Manifest read(InputStream body, ContextLimits limits, String defaultProject, Consumer<String> admit)
            throws IOException {
        MessageDigest hash = Digest.sha256();
        try (JsonParser json = MAPPER.createParser(new Limited(new DigestInputStream(body, hash)))) {
            ManifestBody manifest = new ManifestBody(json, limits, admit);
            manifest.read();
            String project = manifest.project;
            if (project == null) {
                project = defaultProject;
                admit.accept(project);
            }
            return new Manifest(project, manifest.writer, Digest.of(hash));
        } catch (JacksonIOException e) {
            throw e.getCause();
        } catch (JacksonException e) {
            TokenStreamLocation place = e.getLocation();
            throw new ProblemException(
                            ProblemType.REQUEST_INVALID,
                            "The manifest is not JSON"
                                    + (place == null
                                            ? "."
                                            : ", line " + place.getLineNr() + ", column " + place.getColumnNr() + "."))
                    .with("line", place == null ? null : place.getLineNr())
                    .with("column", place == null ? null : place.getColumnNr());
        }
    }

    private void read() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw invalid("the manifest must be an object with entries");
        }
        for (JsonToken token = json.nextToken(); token != JsonToken.END_OBJECT; token = json.nextToken()) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case PROJECT -> {
                    if (value != JsonToken.VALUE_STRING) {
                        throw new OptionException(PROJECT, "project must be a text", null);
                    }
                    project = json.getString();
                    if (!JsonObjects.isText(project)) {
                        throw new OptionException(PROJECT, "project is no name of a project", null);
                    }
                    admit.accept(project);
                }
                case ENTRIES -> readEntries(value);
                default -> throw OptionException.unknown("field of the manifest", name, List.of(PROJECT, ENTRIES));
            }
        }
        if (!entries) {
            throw invalid("the manifest has no entries");
        }
        if (json.nextToken() != null) {
            throw invalid("something follows after the manifest's end");
        }
    }

    private void readEntries(JsonToken value) throws IOException {
        if (value != JsonToken.START_ARRAY) {
            throw invalid("entries must be an array");
        }
        entries = true;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            number++;
            if (token != JsonToken.START_OBJECT) {
                throw invalid("entry " + number + " of the manifest must be an object");
            }
            new Entry().read();
        }
    }

    private static OptionException invalid(String message) {
        return new OptionException(ENTRIES, message, null);
    }

    /** The fields of one entry. */
    private final class Entry {
        private @Nullable String path;
        private String type = "file";
        private int mode = -1;
        private long uid;
        private long gid;
        private long mtime;
        private long size = -1;
        private @Nullable ContentId sha256;
        private @Nullable String target;

        void read() throws IOException {
            for (JsonToken token = json.nextToken(); token != JsonToken.END_OBJECT; token = json.nextToken()) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "path" -> path = once(path, text(name, value));
                    case "pathBase64" -> path = once(path, bytes(name, value));
                    case "type" -> type = text(name, value);
                    case "mode" -> mode = mode(text(name, value));
                    case "uid" -> uid = count(name, value);
                    case "gid" -> gid = count(name, value);
                    case "mtime" -> mtime = number(name, value);
                    case "size" -> size = count(name, value);
                    case "sha256" -> sha256 = content(text(name, value));
                    case "target" -> target = once(target, text(name, value));
                    case "targetBase64" -> target = once(target, bytes(name, value));
                    default -> throw OptionException.unknown("field of an entry", name, FIELDS);
                }
            }
            put();
        }

        private void put() throws IOException {
            if (path == null) {
                throw wrong("has no path");
            }
            if (!TYPES.contains(type)) {
                throw OptionException.unknown("type of an entry", type, TYPES);
            }
            boolean file = type.equals("file");
            boolean link = type.endsWith("link");
            if (file && (size < 0 || sha256 == null)) {
                throw wrong("is a file and has no " + (size < 0 ? "size" : "sha256"));
            }
            if (!file && (size > 0 || sha256 != null)) {
                throw wrong("is no file and has a " + (size > 0 ? "size" : "sha256"));
            }
            if (link != (target != null)) {
                throw wrong(link ? "is a link and has no target" : "is no link and has a target");
            }
            TarEntry.Type kind = switch (type) {
                case "file" -> TarEntry.Type.FILE;
                case "directory" -> TarEntry.Type.DIRECTORY;
                case "symlink" -> TarEntry.Type.SYMLINK;
                default -> TarEntry.Type.HARD_LINK;
            };
            int usual = switch (kind) {
                case DIRECTORY -> 0755;
                case SYMLINK -> 0777;
                default -> 0644;
            };
            writer.put(
                    new TarEntry(
                            path,
                            kind,
                            mode < 0 ? usual : mode,
                            uid,
                            gid,
                            Instant.ofEpochSecond(mtime),
                            file ? size : 0,
                            target == null ? "" : target,
                            0,
                            0,
                            Collections.emptySortedMap(),
                            null),
                    sha256);
        }

        private String once(@Nullable String before, String value) {
            if (before != null) {
                throw wrong("has a text and its Base64 form");
            }
            return value;
        }

        private String text(String name, JsonToken value) {
            if (value != JsonToken.VALUE_STRING) {
                throw wrong("has a " + name + " that is no text");
            }
            return json.getString();
        }

        /** A name that is not UTF-8. */
        private String bytes(String name, JsonToken value) {
            try {
                return FileName.decode(Base64.getDecoder().decode(text(name, value)));
            } catch (IllegalArgumentException e) {
                throw wrong("has a " + name + " that is no Base64");
            }
        }

        private int mode(String octal) {
            try {
                int value = Integer.parseInt(octal, 8);
                if (value >= 0 && value <= MOST_MODE) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // Told below.
            }
            throw wrong("has a mode that is not of up to four octal digits, such as \"0644\"");
        }

        private long count(String name, JsonToken value) {
            long count = number(name, value);
            if (count < 0) {
                throw wrong("has a " + name + " below 0");
            }
            return count;
        }

        private long number(String name, JsonToken value) {
            if (value != JsonToken.VALUE_NUMBER_INT) {
                throw wrong("has a " + name + " that is no whole number");
            }
            long number = json.getLongValue();
            if (name.equals("mtime")
                    && (number < Instant.MIN.getEpochSecond() || number > Instant.MAX.getEpochSecond())) {
                throw wrong("has an mtime that is no time");
            }
            return number;
        }

        private ContentId content(String hex) {
            return ContentId.parse(hex)
                    .orElseThrow(() -> wrong("has a sha256 that is not of 64 hexadecimal digits in lower case"));
        }

        private OptionException wrong(String what) {
            String name = path == null ? String.valueOf(number) : "\"" + FileName.display(cut(path)) + "\"";
            return invalid("the entry " + name + " " + what);
        }

        private static String cut(String text) {
            return text.length() <= 200 ? text : text.substring(0, 200) + "…";
        }
    }

    /** Refuses more than a manifest can have. */
    private static final class Limited extends FilterInputStream {
        private long left = UploadProperties.MOST_MANIFEST_BYTES;

        Limited(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            left -= Math.max(count, 0);
            if (left < 0) {
                throw new ProblemException(
                        ProblemType.CONTENT_TOO_LARGE,
                        "The manifest has more than " + UploadProperties.MOST_MANIFEST_BYTES + " bytes.");
            }
            return count;
        }
    }
}
