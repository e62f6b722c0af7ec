package io.slipway.worker.remote;

import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.image.context.BuildContext;
import io.slipway.image.registry.Trust;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.FetchSettings;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.http.HttpRemote;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** All that the ADDs of one build take from elsewhere. Thread-safe. */
public final class Remotes implements Closeable {
    private final ContentStore store;
    private final @Nullable DownloadRecords records;
    private final RemoteSecrets secrets;
    private final Repositories repositories;
    private final Once<HttpRemote> http;
    private final Map<String, RemoteFile> files = new ConcurrentHashMap<>();
    private final Map<RepositoryRequest, RemoteRepository> checkouts = new ConcurrentHashMap<>();

    private record RepositoryRequest(
            GitAddress address, @Nullable String checksum, boolean keepGitDirectory) {}

    /**
     * @param root directory of the records of all tenants' downloads
     * @param paths gives new paths on the same file system, where things may lie as long as the build
     */
    public Remotes(BuildSpec spec, ContentStore store, Path root, Supplier<Path> paths) {
        this.store = store;
        this.records = spec.noCache()
                ? null
                : new DownloadRecords(root.resolve(spec.scope().tenant()), paths);
        this.secrets = new RemoteSecrets(spec.secrets());
        String caFile = spec.caFile();
        Once<Boolean> trusted = new Once<>(() -> caFile == null || trust(Path.of(caFile)));
        this.repositories = new Repositories(spec.fetching(), secrets, () -> {
            trusted.get();
            return Files.createDirectory(paths.get());
        });
        this.http = new Once<>(() -> {
            trusted.get();
            return http(spec.fetching());
        });
    }

    /** For the whole process, which does one build: JGit asks nobody else. */
    private static boolean trust(Path caFile) throws IOException {
        SSLContext context = Trust.context(caFile);
        SSLContext.setDefault(context);
        HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
        return true;
    }

    private static HttpRemote http(FetchSettings settings) {
        return new HttpRemote(
                new AddressPolicy(settings.deniedNetworks()),
                Duration.ofMillis(settings.ioTimeoutMillis()),
                Duration.ofMillis(settings.fetchTimeoutMillis()),
                settings.mostBytes());
    }

    /**
     * A file on an HTTP server.
     *
     * @param checksum {@code sha256:…} that it must have, or null
     */
    public Remote file(String url, @Nullable String checksum) throws IOException {
        HttpRemote server = http.get();
        String hex = checksum == null ? null : checksum.substring(checksum.indexOf(':') + 1);
        return files.computeIfAbsent(hex + " " + url, _ -> new RemoteFile(server, store, records, secrets, url, hex));
    }

    /**
     * A commit of a repository.
     *
     * @param checksum how its id must begin, or null; what the address says of it counts, too
     * @param keepGitDirectory whether {@code .git} is among the files; null: as the address says
     */
    public Remote repository(GitAddress address, @Nullable String checksum, @Nullable Boolean keepGitDirectory) {
        return checkout(address, checksum, keepGitDirectory);
    }

    /** All files that an address stands for, open as long as this is. */
    public BuildContext files(GitAddress address) throws IOException {
        return checkout(address, null, null).files();
    }

    private RemoteRepository checkout(
            GitAddress address, @Nullable String checksum, @Nullable Boolean keepGitDirectory) {
        boolean keep = keepGitDirectory != null ? keepGitDirectory : Boolean.TRUE.equals(address.keepGitDir());
        String expected = checksum != null ? checksum : address.checksum();
        return checkouts.computeIfAbsent(
                new RepositoryRequest(address, expected, keep),
                _ -> new RemoteRepository(repositories, address, expected, keep));
    }

    /** Lets go of what was fetched. */
    @Override
    public void close() throws IOException {
        for (RemoteRepository checkout : checkouts.values()) {
            checkout.close();
        }
        repositories.close();
    }
}
