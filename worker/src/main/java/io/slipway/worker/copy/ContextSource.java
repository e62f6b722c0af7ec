package io.slipway.worker.copy;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextEntry;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The build context as COPY sees it: what {@code .dockerignore} names is not there, everything belongs to root. Thread-safe.
 */
public final class ContextSource implements SourceTree {
    private static final int MAX_SYMLINKS = 40;
    private static final String IGNORE_FILE = ".dockerignore";
    private static final int MAX_IGNORE_FILE_BYTES = 8 * 1024 * 1024;

    private final BuildContext context;
    private final IgnorePatterns ignored;

    private ContextSource(BuildContext context, IgnorePatterns ignored) {
        this.context = context;
        this.ignored = ignored;
    }

    /**
     * The context with its ignore file: the one beside the Dockerfile if there is one, else the context's own (dockerfile.md §7).
     *
     * @param dockerfile the Dockerfile's path in the context
     */
    public static ContextSource of(BuildContext context, String dockerfile) throws IOException {
        return of(context, List.of(RootTree.clean(dockerfile) + IGNORE_FILE, IGNORE_FILE));
    }

    /** The context with its own ignore file: a named context has no Dockerfile beside which another could lie. */
    public static ContextSource of(BuildContext context) throws IOException {
        return of(context, List.of(IGNORE_FILE));
    }

    /** The context without what these patterns name: the Dockerfile is somewhere else. */
    public static ContextSource of(BuildContext context, IgnorePatterns ignored) {
        return new ContextSource(context, ignored);
    }

    private static ContextSource of(BuildContext context, List<String> ignoreFiles) throws IOException {
        for (String name : ignoreFiles) {
            ContextEntry file = context.find(name);
            if (file != null && file.hasContent()) {
                try (InputStream content = context.open(file)) {
                    byte[] text = content.readNBytes(MAX_IGNORE_FILE_BYTES);
                    return new ContextSource(context, IgnorePatterns.parse(FileName.decode(text)));
                }
            }
        }
        return new ContextSource(context, IgnorePatterns.NONE);
    }

    /** All of a tree that is no build context but is stored as one: nothing is ignored. */
    public static ContextSource whole(BuildContext tree) {
        return new ContextSource(tree, IgnorePatterns.NONE);
    }

    /** The patterns of the ignore file. */
    public IgnorePatterns ignored() {
        return ignored;
    }

    @Override
    public @Nullable Node find(String path) throws IOException {
        Deque<String> rest = new ArrayDeque<>(Arrays.asList(RootTree.clean(path).split("/")));
        String found = "";
        int symlinks = 0;
        while (!rest.isEmpty()) {
            String part = rest.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                found = found.contains("/") ? found.substring(0, found.lastIndexOf('/')) : "";
                continue;
            }
            String next = found.isEmpty() ? part : found + "/" + part;
            ContextEntry entry = context.find(next);
            if (entry == null || isHidden(entry)) {
                return null;
            }
            if (entry.type() != TarEntry.Type.SYMLINK) {
                found = next;
                continue;
            }
            if (++symlinks > MAX_SYMLINKS) {
                throw new CopyException("/" + FileName.display(path) + " leads through too many symbolic links");
            }
            String target = entry.entry().linkName();
            found = target.startsWith("/") ? "" : found;
            Arrays.asList(target.split("/")).reversed().forEach(rest::push);
        }
        ContextEntry entry = context.find(found);
        return entry == null ? null : node(entry);
    }

    @Override
    public List<Node> children(Node directory) throws IOException {
        ContextEntry parent = context.find(directory.path());
        if (parent == null) {
            return List.of();
        }
        List<Node> children = new ArrayList<>();
        for (ContextEntry child : context.children(parent)) {
            if (!isHidden(child)) {
                children.add(node(child));
            }
        }
        return children;
    }

    /** A directory that is ignored is still there if something in it is taken back in. */
    private boolean isHidden(ContextEntry entry) throws IOException {
        if (ignored.isEmpty() || !ignored.ignores(entry.path())) {
            return false;
        }
        if (!entry.isDirectory() || ignored.ignoresAllBelow(entry.path())) {
            return true;
        }
        for (ContextEntry child : context.children(entry)) {
            if (!isHidden(child)) {
                return false;
            }
        }
        return true;
    }

    private static Node node(ContextEntry entry) {
        TarEntry file = entry.entry();
        Object link = null;
        if (entry.hasContent()) {
            link = file.type() == TarEntry.Type.HARD_LINK ? file.linkName() : entry.path();
            file = new TarEntry(
                    file.name(),
                    TarEntry.Type.FILE,
                    file.mode(),
                    0,
                    0,
                    file.mtime(),
                    entry.contentSize(),
                    "",
                    0,
                    0,
                    file.xattrs(),
                    null);
        }
        return new Node(entry.path(), file.withOwner(0, 0), link, entry.content());
    }

    @Override
    public InputStream open(Node file) throws IOException {
        ContextEntry entry = context.find(file.path());
        if (entry == null) {
            throw new IOException("the build context has lost " + FileName.display(file.path()));
        }
        return context.open(entry);
    }
}
