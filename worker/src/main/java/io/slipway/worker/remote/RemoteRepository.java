package io.slipway.worker.remote;

import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextException;
import io.slipway.image.context.ContextLimits;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.git.GitDirectory;
import io.slipway.remote.git.GitReference;
import io.slipway.remote.git.GitRemote;
import io.slipway.remote.git.GitSource;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.ContextSource;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.Fetched;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.rootfs.RootTree;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A commit of a git repository: known by its id, so that a hit in the cache costs one question to the server; fetched into a tar that
 * is read in place, as a build context is.
 */
final class RemoteRepository implements Remote, Closeable {
    private final Repositories repositories;
    private final GitAddress address;
    private final @Nullable String checksum;
    private final boolean keepGitDirectory;
    private final @Nullable String directory;
    private final Once<GitReference> reference = new Once<>(this::resolve);
    private final Once<GitRemote.Fetched<BuildContext>> files = new Once<>(this::checkOut);

    /**
     * @param checksum how the commit's id, or the tag's, must begin, or null
     * @param keepGitDirectory whether {@code .git} is among the files
     */
    RemoteRepository(
            Repositories repositories, GitAddress address, @Nullable String checksum, boolean keepGitDirectory) {
        this.repositories = repositories;
        this.address = address;
        this.checksum = checksum;
        // As in the reference, ".." stops at the root, and the root's .git does not go with a directory.
        String clean = address.directory() == null ? "" : RootTree.clean(address.directory());
        this.directory = clean.isEmpty() ? null : clean;
        this.keepGitDirectory = keepGitDirectory && directory == null;
    }

    @Override
    public void addTo(KeyHash key) throws IOException {
        GitReference found = reference.get();
        key.add("repository").add(found.commit()).add(directory).add(Boolean.toString(address.submodules()));
        if (keepGitDirectory) {
            key.add(found.object()).add(found.name()).add(address.remote());
        }
    }

    @Override
    public Fetched fetch() throws IOException {
        SourceTree tree = ContextSource.whole(files());
        return new Fetched("", Objects.requireNonNull(tree.find(""), "a context has a root"), tree);
    }

    /** The commit's files. */
    BuildContext files() throws IOException {
        return files.get().files();
    }

    private GitSource source(@Nullable String ref, @Nullable GitDirectory gitDirectory) {
        return new GitSource(
                address.remote(),
                ref,
                directory,
                address.submodules(),
                gitDirectory,
                false,
                repositories.authorization(address.remote()));
    }

    private GitReference resolve() throws IOException {
        String ref = address.ref();
        if (address.fetchByCommit()) {
            if (checksum == null || checksum.length() != 40) {
                throw new CopyException("fetch-by-commit needs the whole commit in checksum, 40 digits");
            }
            ref = checksum;
        }
        GitReference found = repositories.resolve(source(ref, null));
        if (checksum != null
                && !found.commit().startsWith(checksum)
                && !found.object().startsWith(checksum)) {
            throw new SourceException(
                    Kind.INVALID,
                    (ref == null ? "the default branch" : ref) + " is the commit " + found.commit() + ", not "
                            + checksum + " as the checksum says",
                    "somebody may have moved it: look at what it is now before you change the checksum");
        }
        return found;
    }

    @Override
    public Instant time() throws IOException {
        return files.get().time();
    }

    private GitRemote.Fetched<BuildContext> checkOut() throws IOException {
        GitReference found = reference.get();
        GitDirectory gitDirectory = keepGitDirectory ? new GitDirectory(found.name(), address.remote()) : null;
        Path place = repositories.newDirectory();
        return repositories
                .git()
                .fetch(source(null, gitDirectory).at(found.object()), place.resolve("git"), tar -> receive(tar, place));
    }

    private BuildContext receive(InputStream tar, Path place) throws IOException {
        Path file = place.resolve("files.tar");
        try {
            ContextArchive.receive(tar, file, ContextLimits.ofBytes(repositories.mostBytes()));
            return BuildContext.open(file);
        } catch (ContextException e) {
            Kind kind = switch (e.kind()) {
                case INVALID -> Kind.INVALID;
                case TOO_LARGE -> Kind.TOO_LARGE;
            };
            throw new SourceException(kind, "the files of the repository: " + e.getMessage(), null, e);
        }
    }

    @Override
    public void close() throws IOException {
        GitRemote.Fetched<BuildContext> open = files.peek();
        if (open != null) {
            open.close();
        }
    }
}
