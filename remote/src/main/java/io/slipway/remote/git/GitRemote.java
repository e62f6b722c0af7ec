package io.slipway.remote.git;

import io.slipway.image.network.PinnedAddresses;
import io.slipway.remote.Passing;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.TarPipe;
import io.slipway.remote.TimeBox;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/** Fetches from git repositories. Thread-safe. */
public final class GitRemote implements AutoCloseable {
    /** How long it may take to find out what a commit has changed: whoever asks has the whole of it to fetch yet. */
    private static final Duration MOST_COMPARING = Duration.ofMinutes(1);

    private final GitSettings settings;
    private final GitSsh ssh;

    /**
     * @param settings how repositories may be reached
     * @param home an existing, empty directory of the service's own, which stands in for a home directory
     */
    public GitRemote(GitSettings settings, Path home) {
        HermeticGit.install();
        this.settings = settings;
        this.ssh = new GitSsh(home, settings.sshKey(), settings.knownHosts());
    }

    /** Takes the tar of a commit's files. */
    @FunctionalInterface
    public interface Receiver<T extends Closeable> {
        /** Reads the tar to its end and returns what became of it. */
        T receive(InputStream tar) throws IOException;
    }

    /**
     * What was fetched.
     *
     * @param files what the receiver made of the tar
     * @param commit the commit's id, 40 hexadecimal digits
     * @param time when it was committed
     */
    public record Fetched<T extends Closeable>(T files, String commit, Instant time) implements Closeable {
        /**
         * Sees to it that it is the commit that was meant; closes the files if it is another.
         *
         * @param checksum how the commit's id must begin, or null for any
         */
        public void require(@Nullable String checksum) throws IOException {
            if (checksum != null && !commit.startsWith(checksum)) {
                close();
                throw new SourceException(
                        SourceException.Kind.INVALID,
                        "the repository's commit is " + commit + ", not " + checksum + " as the checksum says",
                        "somebody may have moved the reference: look at what it is now before you change the checksum");
            }
        }

        /** Closes the files. */
        @Override
        public void close() throws IOException {
            files.close();
        }
    }

    /**
     * Asks the server what the source's reference stands for now.
     *
     * @throws SourceException if the repository or the reference is not to be had
     */
    public GitReference resolve(GitSource source) throws IOException {
        URIish uri = GitUrls.checked(source.url(), settings);
        return TimeBox.run(
                "asking " + GitUrls.withoutPassword(source.url()),
                settings.fetchTimeout(),
                () -> null,
                () -> new GitFetcher(settings, ssh).resolve(uri, source.ref(), authorization(source, uri)));
    }

    /**
     * Fetches a commit and hands its files over as a tar.
     *
     * @param scratch directory that does not exist; it is made, used for git's objects, and removed
     * @param receiver reads the tar on another thread than the caller's
     * @throws SourceException if the repository, the reference or the directory is not to be had
     * @throws IOException if the disk, or {@code receiver}, says so
     */
    public <T extends Closeable> Fetched<T> fetch(GitSource source, Path scratch, Receiver<T> receiver)
            throws IOException {
        URIish uri = GitUrls.checked(source.url(), settings);
        String url = GitUrls.withoutPassword(source.url());
        try {
            Files.createDirectories(scratch);
            return TimeBox.run("fetching " + url, settings.fetchTimeout(), () -> tooLarge(scratch, url), () -> {
                GitFetcher fetcher = new GitFetcher(settings, ssh);
                try (GitFetcher.Fetched fetched =
                        Passing.tried(number -> fetched(source, uri, fetcher, scratch.resolve("root" + number)))) {
                    return receive(source, uri, fetched, fetcher, scratch, receiver);
                }
            });
        } finally {
            remove(scratch);
        }
    }

    /**
     * The paths that a commit has changed: those in which it differs from another commit, or what it has changed since it left a branch. Where the last
     * hundred commits of neither side say when it did, all in which the two differ.
     *
     * @param commit at a commit's id
     * @param base a commit's id, or the full name of a branch
     * @param scratch directory that does not exist; it is made, used for git's objects, and removed
     * @return sorted, or null if there are more than 10,000
     * @throws SourceException if the repository or one of the two is not to be had
     */
    public @Nullable List<String> changes(GitSource commit, String base, Path scratch) throws IOException {
        URIish uri = GitUrls.checked(commit.url(), settings);
        String url = GitUrls.withoutPassword(commit.url());
        String head = Objects.requireNonNull(commit.ref(), "a commit's id");
        try {
            Files.createDirectories(scratch);
            return TimeBox.run(
                            "comparing commits of " + url,
                            shorter(settings.fetchTimeout(), MOST_COMPARING),
                            () -> tooLarge(scratch, url),
                            () -> Optional.ofNullable(PinnedAddresses.during(() -> new GitFetcher(settings, ssh)
                                    .changes(scratch.resolve("changes"), uri, head, base, authorization(commit, uri)))))
                    .orElse(null);
        } finally {
            remove(scratch);
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static GitFetcher.Fetched fetched(GitSource source, URIish uri, GitFetcher fetcher, Path directory)
            throws IOException {
        try {
            return fetcher.fetch(directory, uri, source.ref(), authorization(source, uri));
        } catch (SourceException e) {
            if (GitErrors.isPassing(e)) {
                throw new Passing(e, null);
            }
            throw e;
        }
    }

    private static <T extends Closeable> Fetched<T> receive(
            GitSource source,
            URIish uri,
            GitFetcher.Fetched fetched,
            GitFetcher fetcher,
            Path scratch,
            Receiver<T> receiver)
            throws IOException {
        RevCommit commit = GitTree.commit(fetched.repository(), fetched.object());
        if (commit == null) {
            throw new SourceException(
                    Kind.REF_NOT_FOUND,
                    "ref " + source.ref() + " of " + GitUrls.withoutPassword(source.url()) + " leads to no commit",
                    null);
        }
        GitTree tree = GitTree.of(fetched.repository(), commit, source.subdirectory());
        GitTree.Submodules submodules = source.submodules()
                ? new GitSubmodules(
                                fetcher,
                                scratch,
                                uri,
                                source.foreign() ? null : authorization(source, uri),
                                source.foreign())
                        .of(fetched.repository(), commit, uri)
                : (_, _, _, _) -> {};
        String base = source.subdirectory() == null ? "" : GitTree.cleaned(source.subdirectory());
        GitDirectory gitDirectory = base.isEmpty() ? source.gitDirectory() : null;
        try (TarPipe tar = new TarPipe(writer -> {
            if (gitDirectory != null) {
                gitDirectory.write(writer, fetched.repository(), fetched.object(), commit, scratch);
            }
            tree.write(writer, "", base.isEmpty() ? "" : base + "/", submodules);
        })) {
            return new Fetched<>(
                    received(uri, tar, receiver), commit.name(), Instant.ofEpochSecond(commit.getCommitTime()));
        }
    }

    /** What is wrong with the repository is told as such, not as a broken tar. */
    private static <T extends Closeable> T received(URIish uri, TarPipe tar, Receiver<T> receiver) throws IOException {
        try {
            return receiver.receive(tar);
        } catch (IOException | RuntimeException e) {
            Throwable failure = tar.failure();
            if (failure instanceof SourceException cause) {
                throw cause;
            }
            if (failure != null && (failure.equals(e) || failure.equals(e.getCause()))) {
                throw GitErrors.of(uri, failure);
            }
            throw e;
        }
    }

    private static @Nullable String authorization(GitSource source, URIish uri) {
        return source.authorization() != null ? source.authorization() : GitUrls.authorization(uri);
    }

    private @Nullable SourceException tooLarge(Path scratch, String url) throws IOException {
        long bytes = size(scratch);
        return bytes <= settings.maxFetchBytes()
                ? null
                : new SourceException(
                        Kind.TOO_LARGE,
                        "the git repository " + url + " needs more than " + settings.maxFetchBytes() + " bytes on disk",
                        "the setting slipway.git.max-fetch-size is the limit");
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(GitRemote::fileSize).sum();
        } catch (UncheckedIOException e) {
            return 0; // a file went away while its directory was read: the next look will see
        }
    }

    private static long fileSize(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0; // removed between listing and asking
        }
    }

    /** Removes a directory of bare repositories, in which there are no links to follow. */
    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            return; // nothing was made
        }
    }

    /** Ends open ssh sessions. */
    @Override
    public void close() {
        ssh.close();
    }
}
