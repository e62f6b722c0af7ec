package io.slipway.api.intake.option;

import io.slipway.api.upload.UploadedContexts;
import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.ContextAddress;
import io.slipway.image.Digest;
import io.slipway.remote.Authorization;
import io.slipway.remote.git.GitDirectory;
import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads where contexts come from: as objects of JSON, and named ones also as texts. */
public final class SourceFields {
    private static final String CONTEXT = "context";
    private static final List<String> KINDS = List.of("git", "http", "image", "build", "ociLayout");
    private static final Pattern CHECKSUM = Pattern.compile("(?:sha256:)?([0-9a-fA-F]{64})");
    private static final int COMMIT_DIGITS = 40;

    private SourceFields() {}

    /**
     * The build's own context: {@code {"git": {…}}} or {@code {"http": {…}}}, or the id of one that was sent before.
     *
     * @throws OptionException if it is something else
     */
    public static ContextSource context(JsonNode context) {
        if (context.isString()) {
            if (!UploadedContexts.isId(context.stringValue())) {
                throw invalid(
                        CONTEXT,
                        "context is no id of a context",
                        "write the id that POST /v1/contexts answered with, or {\"git\": {\"url\": …}} or"
                                + " {\"http\": {\"url\": …}}");
            }
            return new ContextSource.Uploaded(context.stringValue());
        }
        if (!(context instanceof ObjectNode object) || object.size() != 1) {
            throw invalid(CONTEXT, "context must be an id or have exactly one of git and http", null);
        }
        String kind = object.propertyNames().iterator().next();
        if (!(object.get(kind) instanceof ObjectNode fields)) {
            throw invalid(CONTEXT, "context." + kind + " must be an object", null);
        }
        return switch (kind) {
            case "git" -> git(new Fields("context.git", fields));
            case "http" -> http(new Fields("context.http", fields));
            default -> throw OptionException.unknown("kind of context", kind, List.of("git", "http"));
        };
    }

    /** A named context: a text as in the query, or an object of one of the kinds. */
    static NamedSource named(String name, JsonNode context) {
        String path = BuildOption.BUILD_CONTEXT.wireName() + "." + OptionException.shown(name);
        if (context.isString()) {
            return named(name, context.stringValue());
        }
        if (!(context instanceof ObjectNode object) || object.size() != 1) {
            throw refused(path + " must be a text or have exactly one of " + String.join(", ", KINDS), null);
        }
        String kind = object.propertyNames().iterator().next();
        JsonNode value = object.get(kind);
        return switch (kind) {
            case "git" -> git(fields(path, kind, value));
            case "http" -> http(fields(path, kind, value));
            case "image" -> image(path, text(path, kind, value));
            case "build" -> new NamedSource.Build(text(path, kind, value));
            case "ociLayout" -> layout(fields(path, kind, value));
            default -> throw OptionException.unknown("kind of context", kind, KINDS);
        };
    }

    /**
     * A named context as a text, as other builders have it: {@code docker-image://NAME}, the URL of a repository or of an archive, or
     * {@code slipway://BUILD}; or the id of a context that was sent before.
     */
    static NamedSource named(String name, String value) {
        String path = BuildOption.BUILD_CONTEXT.wireName() + " " + OptionException.shown(name);
        if (UploadedContexts.isId(value)) {
            return new ContextSource.Uploaded(value);
        }
        ContextAddress address;
        try {
            address = ContextAddress.parse(value);
        } catch (InvalidValueException e) {
            throw refused(path + ": " + e.message(), e.hint());
        }
        return switch (address) {
            case ContextAddress.Image(String image) -> new NamedSource.Image(image);
            case ContextAddress.Git git -> git(path, git.address());
            case ContextAddress.Http(String url) -> new ContextSource.Http(new HttpSource(url, null, null, null));
            case ContextAddress.Build(String id)
            when id.isEmpty() ->
                throw refused(
                        path + ": slipway:// names no build",
                        "write slipway://BUILD, with the id of a build of the same project");
            case ContextAddress.Build(String id) -> new NamedSource.Build(id);
            case ContextAddress.Layout _ ->
                throw refused(
                        path + ": the service can't see a directory of yours",
                        "send the layout as a tar in the part context." + name
                                + " of a multipart body, and say {\"ociLayout\": {}} of it in the part build");
            case ContextAddress.Directory(String directory) ->
                throw refused(
                        path + " is the directory " + OptionException.shown(directory)
                                + ", and the service can't see a directory of yours",
                        "send its files as a tar in the part context." + name
                                + " of a multipart body, or write docker-image://NAME, slipway://BUILD or a URL");
        };
    }

    private static ContextSource git(String path, GitAddress address) {
        String ref = address.ref();
        if (address.fetchByCommit()) {
            String commit = address.checksum();
            if (commit == null || commit.length() != COMMIT_DIGITS) {
                throw refused(path + ": fetch-by-commit needs the whole commit in checksum, 40 digits", null);
            }
            ref = commit;
        }
        boolean keep = Boolean.TRUE.equals(address.keepGitDir());
        return new ContextSource.Git(
                new GitSource(
                        address.remote(),
                        ref,
                        address.directory(),
                        address.submodules(),
                        keep ? new GitDirectory(null, address.remote()) : null,
                        false,
                        null),
                address.checksum());
    }

    private static NamedSource image(String path, String name) {
        try {
            return new NamedSource.Image(ContextAddress.image(name).name());
        } catch (InvalidValueException e) {
            throw refused(path + ": " + e.message(), e.hint());
        }
    }

    private static NamedSource layout(Fields fields) {
        String tag = fields.text("tag");
        String digest = fields.text("digest");
        String files = fields.text(CONTEXT);
        fields.finish();
        if (tag != null && digest != null) {
            throw refused(fields.path + " has a tag and a digest", "name the image once");
        }
        if (digest != null) {
            try {
                Digest.parse(digest);
            } catch (IllegalArgumentException e) {
                throw refused(fields.path + ".digest must be sha256: and 64 hexadecimal digits", null);
            }
        }
        if (files != null && !UploadedContexts.isId(files)) {
            throw refused(fields.path + ".context is no id of a context", "write what POST /v1/contexts answered with");
        }
        return new NamedSource.Layout(
                digest == null ? tag : digest, files == null ? null : new ContextSource.Uploaded(files));
    }

    private static Fields fields(String path, String kind, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw refused(path + "." + kind + " must be an object", null);
        }
        return new Fields(path + "." + kind, object);
    }

    private static String text(String path, String kind, JsonNode value) {
        if (!value.isString() || value.stringValue().isEmpty()) {
            throw refused(path + "." + kind + " must be a text that is not empty", null);
        }
        return value.stringValue();
    }

    private static OptionException refused(String message, @Nullable String hint) {
        return invalid(BuildOption.BUILD_CONTEXT.wireName(), message, hint);
    }

    private static ContextSource git(Fields fields) {
        GitSource source = new GitSource(
                fields.required("url"),
                fields.text("ref"),
                fields.text("subdirectory"),
                fields.flag("submodules", true),
                null,
                false,
                authorization(fields));
        fields.finish();
        return new ContextSource.Git(source, null);
    }

    private static ContextSource http(Fields fields) {
        String checksum = fields.text("checksum");
        if (checksum != null) {
            var matcher = CHECKSUM.matcher(checksum);
            if (!matcher.matches()) {
                throw invalid("checksum", fields.path + ".checksum must be sha256: and 64 hexadecimal digits", null);
            }
            checksum = matcher.group(1).toLowerCase(Locale.ROOT);
        }
        HttpSource source = new HttpSource(fields.required("url"), checksum, authorization(fields), null);
        fields.finish();
        return new ContextSource.Http(source);
    }

    private static @Nullable String authorization(Fields fields) {
        String username = fields.text("username");
        String password = fields.text("password");
        if (username == null && password == null) {
            return null;
        }
        if (password == null) {
            throw invalid(
                    "password",
                    fields.path + " has a username and no password",
                    "give both, or neither where nobody has to log in");
        }
        if (username == null) {
            throw invalid(
                    "username",
                    fields.path + " has a password and no username",
                    "give both; beside a token most hosts take any user name, such as git");
        }
        return Authorization.basic(username, password);
    }

    private static OptionException invalid(String field, String message, @Nullable String hint) {
        return new OptionException(field, message, hint);
    }

    /** The members of one object, each read once. */
    private static final class Fields {
        private final String path;
        private final ObjectNode object;
        private final List<String> known = new ArrayList<>();

        Fields(String path, ObjectNode object) {
            this.path = path;
            this.object = object;
        }

        @Nullable
        String text(String name) {
            known.add(name);
            JsonNode value = object.get(name);
            if (value == null) {
                return null;
            }
            if (!value.isString() || value.stringValue().isEmpty()) {
                throw invalid(name, path + "." + name + " must be a text that is not empty", null);
            }
            return value.stringValue();
        }

        String required(String name) {
            String text = text(name);
            if (text == null) {
                throw invalid(name, path + "." + name + " is missing", null);
            }
            return text;
        }

        boolean flag(String name, boolean otherwise) {
            known.add(name);
            JsonNode value = object.get(name);
            if (value == null) {
                return otherwise;
            }
            if (!value.isBoolean()) {
                throw invalid(name, path + "." + name + " must be true or false", null);
            }
            return value.booleanValue();
        }

        /** Refuses members that nobody read. */
        void finish() {
            for (String name : object.propertyNames()) {
                if (!known.contains(name)) {
                    throw OptionException.unknown("field of " + path, name, known);
                }
            }
        }
    }
}
