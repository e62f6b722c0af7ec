package io.slipway.api.build;

import io.slipway.api.SlipwayProperties;
import io.slipway.protocol.NamedContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * The contexts of this home's builds, {@code $SLIPWAY_HOME/contexts}. Builds know them by their names in it, so that a home may be restored
 * anywhere. Thread-safe.
 */
@Component
public final class ContextDirectory {
    private final Path directory;

    ContextDirectory(SlipwayProperties properties) throws IOException {
        this.directory =
                Files.createDirectories(properties.home().resolve("contexts")).toAbsolutePath();
    }

    /** Its absolute path. */
    public Path path() {
        return directory;
    }

    /**
     * Where a context lies.
     *
     * @param name of its tar; a whole path in a build of a version that knew contexts by where they then lay
     */
    public Path of(String name) {
        return directory.resolve(Path.of(name).getFileName());
    }

    /** The name that a build knows a context by. */
    public static String name(Path context) {
        return context.getFileName().toString();
    }

    /** Named contexts as a worker finds them: with paths for the names of those that lie here. */
    public Map<String, NamedContext> found(Map<String, NamedContext> named) {
        Map<String, NamedContext> found = new LinkedHashMap<>();
        named.forEach((name, context) -> found.put(name, found(context)));
        return found;
    }

    private NamedContext found(NamedContext context) {
        return switch (context) {
            case NamedContext.Files files ->
                new NamedContext.Files(of(files.tar()).toString(), files.time());
            case NamedContext.Layout layout ->
                new NamedContext.Layout(of(layout.path()).toString(), layout.digest(), layout.mediaType());
            case NamedContext.Image _, NamedContext.Stored _, NamedContext.Repository _, NamedContext.Archive _ ->
                context;
        };
    }
}
