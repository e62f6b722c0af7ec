package io.slipway.worker.build;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.image.context.BuildContext;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.NamedContext;
import io.slipway.worker.copy.ContextSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The contexts of one build: its own, and the named ones, each opened when it is first needed. Thread-safe. */
final class Contexts implements Closeable {
    private final Workspace workspace;
    private final Map<String, NamedContext> named;
    private final Map<String, FileContext> files = new HashMap<>();
    private final Deque<BuildContext> open = new ArrayDeque<>();
    private final ContextSource own;
    private final FileContext main;

    private Contexts(Workspace workspace, BuildSpec spec, BuildContext context) throws IOException {
        this.workspace = workspace;
        this.named = spec.contexts();
        this.own = spec.ignore() == null
                ? ContextSource.of(context, spec.dockerfileName())
                : ContextSource.of(context, IgnorePatterns.parse(spec.ignore()));
        this.main = new FileContext(workspace, own);
        open.push(context);
    }

    /** Opens the build's own context. */
    static Contexts open(Workspace workspace, BuildSpec spec) throws IOException {
        BuildContext context = BuildContext.open(Path.of(spec.context()));
        try {
            return new Contexts(workspace, spec, context);
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
    synchronized FileContext files(String name, NamedContext.Files stored) throws IOException {
        FileContext known = files.get(name);
        if (known == null) {
            BuildContext context = BuildContext.open(Path.of(stored.tar()));
            open.push(context);
            known = new FileContext(workspace, ContextSource.of(context));
            files.put(name, known);
        }
        return known;
    }

    @Override
    public synchronized void close() throws IOException {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }
}
