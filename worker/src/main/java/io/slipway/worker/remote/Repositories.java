package io.slipway.worker.remote;

import io.slipway.protocol.FetchSettings;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.git.GitReference;
import io.slipway.remote.git.GitRemote;
import io.slipway.remote.git.GitSettings;
import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpUrl;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How the repositories of one build are reached. Nothing of JGit is loaded before a Dockerfile names a repository. A reference is
 * resolved once, so that one that moves meanwhile cannot give one build two commits. Thread-safe.
 */
final class Repositories implements Closeable {
    private final FetchSettings settings;
    private final RemoteSecrets secrets;
    private final Once.Maker<Path> directories;
    private final Once<GitRemote> git = new Once<>(this::open);
    private final Map<String, Once<GitReference>> references = new ConcurrentHashMap<>();

    /** @param directories makes new, empty directories that live as long as the build */
    Repositories(FetchSettings settings, RemoteSecrets secrets, Once.Maker<Path> directories) {
        this.settings = settings;
        this.secrets = secrets;
        this.directories = directories;
    }

    private GitRemote open() throws IOException {
        return new GitRemote(
                new GitSettings(
                        false,
                        path(settings.sshKey()),
                        path(settings.knownHosts()),
                        new AddressPolicy(settings.deniedNetworks()),
                        Duration.ofMillis(settings.ioTimeoutMillis()),
                        Duration.ofMillis(settings.fetchTimeoutMillis()),
                        settings.mostGitBytes()),
                newDirectory());
    }

    private static @Nullable Path path(@Nullable String file) {
        return file == null ? null : Path.of(file);
    }

    GitRemote git() throws IOException {
        return git.get();
    }

    /** The most bytes of all files of a commit. */
    long mostBytes() {
        return settings.mostBytes();
    }

    Path newDirectory() throws IOException {
        return directories.make();
    }

    /** What the source's reference stands for, for the whole build. */
    GitReference resolve(GitSource source) throws IOException {
        return references
                .computeIfAbsent(source.url() + "#" + source.ref(), _ -> new Once<>(() -> git().resolve(source)))
                .get();
    }

    /** The credentials for a repository's server, or null: ssh has others. */
    @Nullable
    String authorization(String repository) {
        HttpUrl url = HttpUrl.parse(repository);
        return url == null ? null : secrets.forRepositories(List.of(url.host() + ":" + url.port(), url.host()));
    }

    @Override
    public void close() {
        GitRemote open = git.peek();
        if (open != null) {
            open.close();
        }
    }
}
