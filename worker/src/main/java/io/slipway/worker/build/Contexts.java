package io.slipway.worker.build;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.NamedContext;
import io.slipway.remote.SourceException;
import io.slipway.remote.http.HttpUrl;
import io.slipway.worker.copy.ContextSource;
import io.slipway.worker.copy.Fetched;
import io.slipway.worker.remote.Remotes;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The contexts of one build: its own, and the named ones, each opened when it is first needed. Thread-safe. */
final class Contexts implements Closeable {
    private final Workspace workspace;
    private final Map<String, NamedContext> named;
    private final long mostBytes;
    private final Remotes remotes;
    private final Map<String, FileContext> files = new HashMap<>();
    private final Deque<BuildContext> open = new ArrayDeque<>();
    private final ContextSource own;
    private final FileContext main;
    private final @Nullable Long mainTime;

    private Contexts(Workspace workspace, BuildSpec spec, Remotes remotes, BuildContext context) throws IOException {
        this.workspace = workspace;
        this.named = spec.contexts();
        this.mainTime = spec.contextTime();
        this.mostBytes = spec.fetching().mostBytes();
        this.remotes = remotes;
        this.own = spec.ignore() == null
                ? ContextSource.of(context, spec.dockerfileName())
                : ContextSource.of(context, IgnorePatterns.parse(spec.ignore()));
        this.main = new FileContext(workspace, own);
        open.push(context);
    }

    /** Opens the build's own context. */
    static Contexts open(Workspace workspace, BuildSpec spec, Remotes remotes) throws IOException {
        BuildContext context = BuildContext.open(Path.of(spec.context()));
        try {
            return new Contexts(workspace, spec, remotes, context);
        } catch (IOException | RuntimeException e) {
            try (context) {
                throw e;
            }
        }
    }

    /** The build's own. */
    FileContext main() {
        return main;
    }

    /** When the build's own was last changed, if it comes from where that is known; or null. */
    @Nullable
    Instant mainTime() {
        return instant(mainTime);
    }

    /** When one of the others was last changed, if it comes from where that is known, else null; fetches it if need be. */
    @Nullable
    Instant time(String name) throws IOException {
        try {
            return changed(named(name));
        } catch (SourceException e) {
            throw e.about("the named context " + name);
        }
    }

    private @Nullable Instant changed(NamedContext context) throws IOException {
        return switch (context) {
            case NamedContext.Files received -> instant(received.time());
            case NamedContext.Repository(String address) ->
                remotes.repository(Objects.requireNonNull(GitAddress.parse(address), address), null, null)
                        .time();
            case NamedContext.Archive(String url) -> remotes.file(url, null).time();
            case NamedContext.Image _, NamedContext.Stored _, NamedContext.Layout _ -> null;
        };
    }

    private static @Nullable Instant instant(@Nullable Long seconds) {
        return seconds == null ? null : Instant.ofEpochSecond(seconds);
    }

    /** What is left out of the build's own. */
    IgnorePatterns ignored() {
        return own.ignored();
    }

    /** The names of the others. */
    Set<String> names() {
        return named.keySet();
    }

    /** One of the others. */
    NamedContext named(String name) {
        return Objects.requireNonNull(named.get(name), name);
    }

    /** The files of a named context, without those that its own ignore file names. */
    synchronized FileContext files(String name) throws IOException {
        FileContext known = files.get(name);
        if (known == null) {
            try {
                known = new FileContext(workspace, ContextSource.of(tree(named(name))));
            } catch (SourceException e) {
                throw e.about("the named context " + name);
            }
            files.put(name, known);
        }
        return known;
    }

    private BuildContext tree(NamedContext context) throws IOException {
        return switch (context) {
            case NamedContext.Files received -> opened(Path.of(received.tar()));
            case NamedContext.Repository(String address) ->
                remotes.files(Objects.requireNonNull(GitAddress.parse(address), address));
            case NamedContext.Archive(String url) -> opened(unpacked(url));
            case NamedContext.Image _, NamedContext.Stored _, NamedContext.Layout _ ->
                throw new IllegalArgumentException("an image is no tree of files: " + context);
        };
    }

    private BuildContext opened(Path tar) throws IOException {
        BuildContext context = BuildContext.open(tar);
        open.push(context);
        return context;
    }

    private Path unpacked(String url) throws IOException {
        Path tar = workspace.newDirectory().resolve("files.tar");
        Fetched file = remotes.file(url, null).fetch();
        try (InputStream body = file.tree().open(file.node())) {
            ContextArchive.receive(body, tar, ContextLimits.ofBytes(mostBytes));
            return tar;
        } catch (ContextException e) {
            SourceException.Kind kind = switch (e.kind()) {
                case INVALID -> SourceException.Kind.INVALID;
                case TOO_LARGE -> SourceException.Kind.TOO_LARGE;
            };
            throw new SourceException(kind, HttpUrl.parse(url) + ": " + e.getMessage(), null, e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
