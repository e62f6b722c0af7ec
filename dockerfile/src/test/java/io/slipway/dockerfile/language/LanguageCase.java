package io.slipway.dockerfile.language;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One case: a Dockerfile with its context, and what the reference made of it, or what Slipway is to make of it. The format stands in
 * {@code language/README.md}. The texts
 * {@code {{http}}}, {@code {{git}}} and {@code {{HTTP}}} are left in as they are.
 *
 * @param file name of the file that holds it, such as {@code 01-lines.txt}; cases of our own are in {@code own/}
 * @param name the case's name; unique in its file
 * @param options what is asked for with it, in order
 * @param dockerfile the Dockerfile's text; null if the build context is a repository
 * @param parts the files of the context and of servers, in order
 */
public record LanguageCase(
        String file,
        String name,
        List<Option> options,
        @Nullable String dockerfile,
        List<Part> parts,
        Expectation expectation) {

    /** {@code 01-lines.txt/crlf}. */
    @Override
    public String toString() {
        return file + "/" + name;
    }

    /** Whether the case is one of our own, and not recorded of the reference. */
    public boolean isOurs() {
        return file.startsWith(LanguageCases.OWN);
    }

    /**
     * The Dockerfile with the addresses of the test's servers in it; null if there is none.
     *
     * @param http what {@code {{http}}} stands for, such as {@code http://127.0.0.1:8000}
     * @param git what {@code {{git}}} stands for, such as {@code git://127.0.0.1:9418}
     */
    @Nullable
    public String dockerfile(String http, String git) {
        return dockerfile == null
                ? null
                : dockerfile
                        .replace("{{http}}", http)
                        .replace("{{HTTP}}", http.replace("http://", "HTTP://"))
                        .replace("{{git}}", git);
    }

    /** The values of the options of one kind, in order. */
    public List<String> options(String kind) {
        return options.stream()
                .filter(option -> option.kind().equals(kind))
                .map(Option::value)
                .toList();
    }

    /**
     * One option.
     *
     * @param kind {@code buildArg}, {@code label}, {@code target}, {@code secret}, {@code context}, {@code gitcontext} or {@code times}; of our
     *     own also {@code platform} and {@code ssh}
     * @param value the rest of the line; empty for {@code times}
     */
    public record Option(String kind, String value) {}

    /** A file of the context or of a server. */
    public sealed interface Part {

        /** A file of the context; {@code mode} is the low 12 bits of {@code st_mode}. */
        record ContextFile(String path, int mode, String text) implements Part {}

        /** A directory of the context. */
        record Directory(String path, int mode) implements Part {}

        /** A symbolic link of the context. */
        record Symlink(String path, String target) implements Part {}

        /** A second name of a file of the context. */
        record HardLink(String path, String other) implements Part {}

        /**
         * An archive in the context; its members are files, mode 0644, owner 3:3.
         *
         * @param compression {@code gz}, {@code xz}, {@code bz2}, {@code zst}, or empty
         */
        record Archive(String path, String compression, Map<String, String> members) implements Part {}

        /** A gzip file of the context. */
        record Gzip(String path, String text) implements Part {}

        /**
         * An answer of the HTTP server.
         *
         * @param path the path of the request
         * @param status the status of the answer
         * @param authorization the Authorization header that the server asks for, or null
         * @param headers the headers of the answer
         * @param text the body, or null if it is a tar of {@code members}
         * @param compression of the tar: {@code gz}, {@code xz}, {@code bz2}, {@code zst}, or empty
         */
        record Http(
                String path,
                int status,
                @Nullable String authorization,
                Map<String, String> headers,
                @Nullable String text,
                String compression,
                Map<String, String> members)
                implements Part {}
    }

    /**
     * What came of it.
     *
     * @param refusal how it failed, or null if it was built
     * @param outline what is known without building it, for cases of our own; empty if it is not compared
     * @param platform of the image; null if it is not compared
     * @param config the fields of the image config's {@code config}; others are absent
     * @param author the image's author, or null
     * @param created the image's time as RFC 3339, or null if it is not compared
     * @param history the history after the base's
     * @param added what was added or changed against the base
     * @param removed paths that were in the base and are gone
     */
    public record Expectation(
            @Nullable Refusal refusal,
            List<Warning> warnings,
            List<Outlined> outline,
            @Nullable String platform,
            Map<String, Object> config,
            @Nullable String author,
            @Nullable String created,
            List<History> history,
            List<FileState> added,
            List<String> removed) {}

    /**
     * A failure.
     *
     * @param line 0 means that the reference named none
     * @param message of a case of our own, a part of it
     * @param whileBuilding whether a case of our own is only refused by the build, and not by its checks
     */
    public record Refusal(int line, String message, boolean whileBuilding) {}

    /**
     * A record of the outline.
     *
     * @param kind {@code stage}, {@code target}, {@code arg}, {@code secret}, {@code ssh} or {@code cache}
     * @param fields its fields that are not null
     */
    public record Outlined(String kind, Object fields) {}

    /** A build check that fired. */
    public record Warning(int line, String rule, String message) {}

    /** One entry of the history. */
    public record History(boolean emptyLayer, String createdBy) {}

    /**
     * A file of the image.
     *
     * @param kind {@code file}, {@code dir}, {@code link} or {@code fifo}
     * @param mode the low 12 bits of {@code st_mode}
     * @param text the content of a small file, or null
     * @param size bytes of a larger file, or null
     * @param sha256Start the first 16 hex digits of its SHA-256, or null
     * @param linkTarget where a symbolic link points, or null
     * @param hardLinkTo the other name of a hard link, or null
     * @param mtime seconds since 1970, or null if it is not compared
     */
    public record FileState(
            String path,
            String kind,
            int mode,
            int uid,
            int gid,
            @Nullable String text,
            @Nullable Long size,
            @Nullable String sha256Start,
            @Nullable String linkTarget,
            @Nullable String hardLinkTo,
            @Nullable Long mtime) {}
}
