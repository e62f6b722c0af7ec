package io.slipway.remote.git;

import io.slipway.image.network.PinnedAddresses;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.LargeObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.errors.PackProtocolException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.FilterSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one commit of a repository, without history where the server allows it, into a bare repository. Not thread-safe.
 */
final class GitFetcher {
    private static final Pattern COMMIT_ID = Pattern.compile("[0-9a-fA-F]{40}");
    private static final Pattern SHORT_COMMIT_ID = Pattern.compile("[0-9a-fA-F]{7,39}");

    /** Schemes whose connections JGit makes itself; those of http are {@link CheckedHttp}'s. */
    private static final Set<String> SOCKETS = Set.of("ssh", "git");

    /** Larger objects are streamed from disk rather than held in memory. */
    private static final int STREAM_BYTES = 1024 * 1024;

    /** So many commits of either side, where it is looked for the one that they have in common. */
    private static final int HISTORY = 100;

    /** gitprotocol-v2(5), "filter". */
    private static final FilterSpec WITHOUT_FILES = filter("blob:none");

    private final GitSettings settings;
    private final GitSsh ssh;

    GitFetcher(GitSettings settings, GitSsh ssh) {
        this.settings = settings;
        this.ssh = ssh;
    }

    /**
     * A bare repository that holds one commit with all its files.
     *
     * @param repository to be closed by the caller
     * @param object the commit, or a tag that leads to it
     */
    record Fetched(Repository repository, ObjectId object) implements AutoCloseable {
        @Override
        public void close() {
            repository.close();
        }
    }

    /**
     * Fetches {@code ref} of {@code uri}, a checked URL.
     *
     * @param directory where the bare repository is made
     * @param ref branch, tag, {@code refs/…}, commit id, or null for the default branch
     * @param authorization header for the server of {@code uri} over http, or null
     * @throws SourceException if the server, the repository or the reference is not to be had
     */
    Fetched fetch(Path directory, URIish uri, @Nullable String ref, @Nullable String authorization) throws IOException {
        // A submodule is fetched by the thread that writes the tar, which is in no time box.
        return PinnedAddresses.during(() -> fetchNow(directory, uri, ref, authorization));
    }

    private Fetched fetchNow(Path directory, URIish uri, @Nullable String ref, @Nullable String authorization)
            throws IOException {
        Repository repository = new FileRepositoryBuilder()
                .setGitDir(directory.toFile())
                .setBare()
                .build();
        try {
            repository.create(true);
            configure(repository.getConfig());
            return new Fetched(repository, fetchInto(repository, uri, ref, authorization));
        } catch (TransportException e) {
            repository.close();
            throw GitErrors.of(uri, e);
        } catch (IOException | RuntimeException | Error e) {
            repository.close();
            throw e;
        }
    }

    /**
     * Asks what {@code ref} of {@code uri} stands for; a whole commit id stands for itself and nobody is asked.
     *
     * @throws SourceException if the server, the repository or the reference is not to be had
     */
    GitReference resolve(URIish uri, @Nullable String ref, @Nullable String authorization) throws IOException {
        if (ref != null && COMMIT_ID.matcher(ref).matches()) {
            String commit = ref.toLowerCase(Locale.ROOT);
            return new GitReference(null, commit, commit);
        }
        try (Transport transport = open(null, uri, authorization);
                FetchConnection connection = transport.openFetch()) {
            Ref found = wanted(uri, ref, connection.getRefsMap());
            String object = present(found.getObjectId()).name();
            ObjectId peeled = found.getPeeledObjectId();
            String name = found.getLeaf().getName();
            if (name.startsWith(Constants.R_REFS)) {
                GitDirectory.requirePlain(name);
            }
            return new GitReference(
                    name.startsWith(Constants.R_REFS) ? name : null, object, peeled == null ? object : peeled.name());
        } catch (TransportException e) {
            throw GitErrors.of(uri, e);
        }
    }

    private static FilterSpec filter(String line) {
        try {
            return FilterSpec.fromFilterLine(line);
        } catch (PackProtocolException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Checks a URL as {@link GitUrls#checked}. */
    URIish checked(String url) {
        return GitUrls.checked(url, settings);
    }

    private static void configure(Config config) {
        config.setInt(
                ConfigConstants.CONFIG_CORE_SECTION,
                null,
                ConfigConstants.CONFIG_KEY_STREAM_FILE_THRESHOLD,
                STREAM_BYTES);
        // Refuses trees that no honest client writes: entries named "..", ".git", or with a slash.
        config.setBoolean("transfer", null, "fsckObjects", true);
        config.setInt("http", null, "maxRedirects", 5);
    }

    private ObjectId fetchInto(Repository repository, URIish uri, @Nullable String ref, @Nullable String authorization)
            throws IOException {
        if (ref != null && COMMIT_ID.matcher(ref).matches()) {
            return fetchCommit(repository, uri, ObjectId.fromString(ref), authorization);
        }
        try (Transport transport = open(repository, uri, authorization);
                FetchConnection connection = transport.openFetch()) {
            Ref wanted = wanted(uri, ref, connection.getRefsMap());
            transport.setDepth(1);
            connection.fetch(NullProgressMonitor.INSTANCE, List.of(wanted), Set.of());
            return present(wanted.getObjectId());
        }
    }

    /**
     * Fetches what two commits of {@code uri} differ in; files only from servers that can't leave them out.
     *
     * @param directory where a bare repository is made
     * @param head a commit's id
     * @param base a commit's id, or the full name of a branch: then what {@code head} has changed since it left the branch
     * @return null if there is too much of it
     * @throws SourceException if the server, the repository or one of them is not to be had
     */
    @Nullable
    List<String> changes(Path directory, URIish uri, String head, String base, @Nullable String authorization)
            throws IOException {
        try (Repository repository = new FileRepositoryBuilder()
                .setGitDir(directory.toFile())
                .setBare()
                .build()) {
            repository.create(true);
            configure(repository.getConfig());
            try {
                return changes(repository, uri, head, base, authorization, WITHOUT_FILES);
            } catch (TransportException e) {
                // Most often it is a server that can't leave files out; otherwise this fails as well.
                return changes(repository, uri, head, base, authorization, FilterSpec.NO_FILTER);
            }
        } catch (TransportException e) {
            throw GitErrors.of(uri, e);
        } catch (MissingObjectException
                | IncorrectObjectTypeException
                | CorruptObjectException
                | LargeObjectException e) {
            throw new SourceException(
                    Kind.INVALID,
                    GitUrls.withoutPassword(uri.toString()) + " has a commit that can't be compared: " + e.getMessage(),
                    null);
        }
    }

    private @Nullable List<String> changes(
            Repository repository,
            URIish uri,
            String head,
            String base,
            @Nullable String authorization,
            FilterSpec filter)
            throws IOException {
        boolean isCommit = COMMIT_ID.matcher(base).matches();
        try (Transport transport = open(repository, uri, authorization)) {
            transport.setFilterSpec(filter);
            // Of a server that sends all files, too, a history would be many times the repository.
            transport.setDepth(isCommit || filter.isNoOp() ? 1 : HISTORY);
            try (FetchConnection connection = transport.openFetch()) {
                ObjectId to = ObjectId.fromString(head);
                Ref other = isCommit ? named(ObjectId.fromString(base)) : wanted(uri, base, connection.getRefsMap());
                ObjectId from = present(other.getObjectId());
                connection.fetch(NullProgressMonitor.INSTANCE, List.of(named(to), other), Set.of());
                return GitChanges.between(repository, isCommit ? from : GitChanges.forkPoint(repository, from, to), to);
            }
        }
    }

    private static Ref named(ObjectId commit) {
        return new ObjectIdRef.Unpeeled(Ref.Storage.NETWORK, commit.name(), commit);
    }

    /** A commit can be asked for by its id, but a server need not hand it out so: then it is looked for in all branches. */
    private ObjectId fetchCommit(Repository repository, URIish uri, ObjectId commit, @Nullable String authorization)
            throws IOException {
        try (Transport transport = open(repository, uri, authorization);
                FetchConnection connection = transport.openFetch()) {
            transport.setDepth(1);
            Ref wanted = named(commit);
            connection.fetch(NullProgressMonitor.INSTANCE, List.of(wanted), Set.of());
            if (repository.getObjectDatabase().has(commit)) {
                return commit;
            }
        } catch (TransportException e) {
            if (GitErrors.of(uri, e).kind() != Kind.UNREACHABLE) {
                throw e;
            }
        }
        try (Transport transport = open(repository, uri, authorization);
                FetchConnection connection = transport.openFetch()) {
            Collection<Ref> all = connection.getRefs().stream()
                    .filter(candidate -> candidate.getName().startsWith(Constants.R_HEADS)
                            || candidate.getName().startsWith(Constants.R_TAGS))
                    .toList();
            if (!all.isEmpty()) {
                connection.fetch(NullProgressMonitor.INSTANCE, all, Set.of());
            }
        }
        if (!repository.getObjectDatabase().has(commit)) {
            throw new SourceException(
                    Kind.REF_NOT_FOUND,
                    "no branch or tag of " + GitUrls.withoutPassword(uri.toString()) + " has the commit "
                            + commit.name(),
                    "check that it was pushed");
        }
        return commit;
    }

    private static Ref wanted(URIish uri, @Nullable String ref, Map<String, Ref> refs) {
        List<String> names = ref == null
                ? List.of(Constants.HEAD)
                : ref.startsWith(Constants.R_REFS)
                        ? List.of(ref)
                        : List.of(Constants.R_REFS + ref, Constants.R_HEADS + ref, Constants.R_TAGS + ref);
        for (String name : names) {
            Ref found = refs.get(name);
            if (found != null && found.getObjectId() != null) {
                return found;
            }
        }
        String url = GitUrls.withoutPassword(uri.toString());
        if (ref == null) {
            throw new SourceException(
                    Kind.REF_NOT_FOUND, url + " has no default branch", "name a branch or a tag in ref");
        }
        throw new SourceException(
                Kind.REF_NOT_FOUND,
                url + " has no branch or tag " + shown(ref),
                SHORT_COMMIT_ID.matcher(ref).matches()
                        ? "a commit must be named with all 40 digits"
                        : "it has " + some(refs.keySet()));
    }

    private static String some(Set<String> refs) {
        List<String> names = refs.stream()
                .filter(name -> name.startsWith(Constants.R_HEADS) || name.startsWith(Constants.R_TAGS))
                .map(Repository::shortenRefName)
                .sorted()
                .limit(10)
                .toList();
        return names.isEmpty() ? "no branches" : String.join(", ", names) + (refs.size() > 11 ? ", …" : "");
    }

    private static String shown(String ref) {
        return ref.length() > 100 ? ref.substring(0, 100) + "…" : ref;
    }

    private static ObjectId present(@Nullable ObjectId id) throws TransportException {
        if (id == null) {
            throw new TransportException("the server names a reference without an object");
        }
        return id;
    }

    private Transport open(@Nullable Repository repository, URIish uri, @Nullable String authorization)
            throws IOException {
        if (SOCKETS.contains(GitUrls.scheme(uri))) {
            settings.addresses().pin(uri.getHost());
        }
        // JGit would tell user and password of the URL to whatever server it is sent to.
        URIish plain = GitUrls.isHttp(uri) ? uri.setUser(null).setPass(null) : uri;
        Transport transport = repository == null ? Transport.open(plain) : Transport.open(repository, plain);
        transport.setTimeout((int) Math.max(1, settings.ioTimeout().toSeconds()));
        transport.setCheckFetchedObjects(true);
        if (transport instanceof TransportHttp http) {
            http.setHttpConnectionFactory(new CheckedHttp(settings.addresses(), uri, authorization));
        } else if (transport instanceof SshTransport secure) {
            ssh.configure(secure);
        }
        return transport;
    }
}
