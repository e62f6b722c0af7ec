package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.jspecify.annotations.Nullable;

/** What a build's Dockerfile finds under a name that the build was given ({@code --build-context NAME=…}). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = NamedContext.Files.class, name = "files"),
    @JsonSubTypes.Type(value = NamedContext.Repository.class, name = "repository"),
    @JsonSubTypes.Type(value = NamedContext.Archive.class, name = "archive"),
    @JsonSubTypes.Type(value = NamedContext.Image.class, name = "image"),
    @JsonSubTypes.Type(value = NamedContext.Stored.class, name = "stored"),
    @JsonSubTypes.Type(value = NamedContext.Layout.class, name = "layout"),
})
public sealed interface NamedContext {
    /**
     * Files, as those of the build's own context.
     *
     * @param tar absolute path of the uncompressed, validated context tar on this machine
     * @param time what {@link BuildSpec#contextTime()} is for the build's own
     */
    record Files(String tar, @Nullable Long time) implements NamedContext {}

    /**
     * Files of a git repository, which the worker fetches as it does for ADD: of {@code ./dev build}. The service fetches them itself.
     *
     * @param address with reference, directory and the like
     */
    record Repository(String address) implements NamedContext {}

    /**
     * Files of an archive on an HTTP server, which the worker fetches as it does for ADD: of {@code ./dev build}. The service fetches them
     * itself.
     */
    record Archive(String url) implements NamedContext {}

    /**
     * An image of a registry. Nobody asks for it before the Dockerfile does.
     *
     * @param reference its name, or {@code scratch}
     */
    record Image(String reference) implements NamedContext {}

    /**
     * An image in the content store: what another build made.
     *
     * @param digest of its manifest or index
     * @param mediaType of its manifest or index
     */
    record Stored(String digest, String mediaType) implements NamedContext {}

    /**
     * An image in an OCI layout.
     *
     * @param path absolute path of the layout's directory, or of a context tar of it
     * @param digest of its manifest or index
     * @param mediaType of its manifest or index
     */
    record Layout(String path, String digest, String mediaType) implements NamedContext {}
}
