package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.ContextContent;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.build.BuildId;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextEntry;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextShare;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A build context on disk. It is removed when it is closed, unless it was kept for a build. Not thread-safe. */
final class StoredContext implements Closeable {
    /** PATH_MAX of Linux without the zero that ends a path. */
    private static final int MOST_PATH_BYTES = 4095;

    /** As many as the kernel follows (path_resolution(7)). */
    private static final int MOST_LINKS = 40;

    /** How many entries are looked at for a hint. */
    private static final int MOST_LOOKED_AT = 1000;

    private static final int MOST_HINTS = 5;

    /** How many names at its top are told. */
    private static final int MOST_PARTS = 10;

    private final BuildId id;
    private final Path path;
    private final BuildContext context;
    private @Nullable Long time;
    private boolean kept;

    private StoredContext(BuildId id, Path path, BuildContext context) {
        this.id = id;
        this.path = path;
        this.context = context;
    }

    /**
     * Stores a context as it comes. On any failure nothing is kept.
     *
     * @throws ProblemException if it is no context, or too large
     * @throws IOException if {@code archive} can't be read or the disk can't be written
     */
    static StoredContext receive(BuildId id, Path tar, InputStream archive, ContextLimits limits) throws IOException {
        try {
            ContextArchive.receive(archive, tar, limits);
            return open(id, tar);
        } catch (ContextException e) {
            throw IntakeProblems.of(e);
        } catch (IOException | RuntimeException e) {
            ContextArchive.delete(tar);
            throw e;
        }
    }

    /** What is allowed of a context, however it comes. */
    static ContextLimits limits(SlipwayProperties.Limits limits) {
        return limits(limits, limits.contextSize().toBytes());
    }

    /** The same for a context that may have so many bytes. */
    static ContextLimits limits(SlipwayProperties.Limits limits, long bytes) {
        return new ContextLimits(
                bytes,
                bytes,
                limits.contextEntries(),
                MOST_PATH_BYTES,
                limits.freeSpace().toBytes());
    }

    /** One that lies there already; it is closed with this. */
    static StoredContext open(BuildId id, Path tar) throws IOException {
        return new StoredContext(id, tar, BuildContext.open(tar));
    }

    /** The build that it is for. */
    BuildId id() {
        return id;
    }

    /** The same, and its time is known from where it was fetched: null if it is not. */
    StoredContext at(@Nullable Instant changed) {
        time = changed == null ? null : (Long) changed.getEpochSecond();
        return this;
    }

    /** When it was last changed, in seconds since 1970, if it was fetched from where that is known; or null. */
    @Nullable
    Long time() {
        return time;
    }

    /** When its newest file was last changed; null if it has no file. */
    @Nullable
    Instant newestFile() {
        return context.newestFile();
    }

    /** What fills it. */
    ContextContent content() {
        List<ContextShare> shares = context.shares();
        return new ContextContent(
                shares.stream().mapToInt(ContextShare::files).sum(),
                shares.stream()
                        .limit(MOST_PARTS)
                        .map(share ->
                                new ContextContent.Part(FileName.display(share.name()), share.bytes(), share.files()))
                        .toList());
    }

    /** The uncompressed tar. */
    Path path() {
        return path;
    }

    /** Size of the uncompressed tar. */
    long bytes() {
        return context.bytes();
    }

    /** SHA-256 of the uncompressed tar, in hexadecimal digits. */
    String sha256() {
        return context.digest().hex();
    }

    /**
     * Opens a file; symbolic links are followed as if the context were the whole file system.
     *
     * @param name clean path within the context
     */
    Optional<InputStream> open(String name) {
        ContextEntry entry = resolved(name).entry();
        return Optional.ofNullable(entry).filter(ContextEntry::hasContent).map(context::open);
    }

    /**
     * The symbolic link on the way to a name that leads to nothing, or null if there is none.
     *
     * @param name clean path within the context
     */
    @Nullable
    DeadLink deadLink(String name) {
        Resolved resolved = resolved(name);
        return resolved.entry() == null ? resolved.link() : null;
    }

    /**
     * A symbolic link that leads to nothing.
     *
     * @param path where it is in the context
     * @param outside whether it leads out of the context, where nothing can be
     */
    record DeadLink(String path, String target, boolean outside) {}

    /** Where a name leads: to an entry or nothing, by way of that link. */
    private record Resolved(
            @Nullable ContextEntry entry, @Nullable DeadLink link) {}

    private Resolved resolved(String name) {
        Deque<String> rest = new ArrayDeque<>(List.of(name.split("/")));
        List<String> done = new ArrayList<>();
        DeadLink link = null;
        int links = 0;
        while (!rest.isEmpty()) {
            String part = rest.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                if (!done.isEmpty()) {
                    done.removeLast();
                } else if (link != null) {
                    link = new DeadLink(link.path(), link.target(), true);
                }
                continue;
            }
            done.add(part);
            String path = String.join("/", done);
            ContextEntry entry = context.find(path);
            if (entry == null) {
                return new Resolved(null, link);
            }
            if (entry.type() == TarEntry.Type.SYMLINK) {
                String target = entry.entry().linkName();
                link = new DeadLink(path, target, target.startsWith("/"));
                if (++links > MOST_LINKS) {
                    return new Resolved(null, link);
                }
                done.removeLast();
                if (target.startsWith("/")) {
                    done.clear();
                }
                List.of(target.split("/")).reversed().forEach(rest::push);
            }
        }
        return new Resolved(context.find(String.join("/", done)), link);
    }

    /** Paths of files near the root that look like Dockerfiles, for a hint. */
    List<String> dockerfiles() {
        List<String> found = new ArrayList<>();
        List<ContextEntry> top = context.children(context.root());
        for (ContextEntry entry : top.subList(0, Math.min(top.size(), MOST_LOOKED_AT))) {
            addDockerfile(found, entry);
            List<ContextEntry> below = context.children(entry);
            below.subList(0, Math.min(below.size(), MOST_LOOKED_AT)).forEach(child -> addDockerfile(found, child));
            if (found.size() >= MOST_HINTS) {
                break;
            }
        }
        return found;
    }

    private static void addDockerfile(List<String> found, ContextEntry entry) {
        if (entry.hasContent()
                && found.size() < MOST_HINTS
                && entry.name().toLowerCase(Locale.ROOT).contains("dockerfile")) {
            found.add(entry.path());
        }
    }

    /** The build is queued: the context is its own from now on. */
    void keep() {
        kept = true;
    }

    @Override
    public void close() throws IOException {
        try (context) {
            if (!kept) {
                ContextArchive.delete(path);
            }
        }
    }
}
