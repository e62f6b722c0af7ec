package io.slipway.remote.git;

import java.nio.file.Path;
import java.util.List;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Connects to ssh servers with one configured key and one known_hosts file, and with nothing from a home directory. A host
 * that is not known is refused: there is nobody to ask.
 */
final class GitSsh implements AutoCloseable {
    private final Path home;
    private final @Nullable Path key;
    private final @Nullable Path knownHosts;
    private @Nullable SshdSessionFactory sessions;

    /**
     * @param home an existing directory that stands in for the user's home
     * @param key private key file without passphrase, or null
     * @param knownHosts known_hosts file, or null
     */
    GitSsh(Path home, @Nullable Path key, @Nullable Path knownHosts) {
        this.home = home;
        this.key = key;
        this.knownHosts = knownHosts;
    }

    private static List<Path> files(@Nullable Path file) {
        return file == null ? List.of() : List.of(file.toAbsolutePath());
    }

    /** Lets {@code transport} use this. Whoever has no ssh URL loads nothing of what it takes. */
    synchronized void configure(SshTransport transport) {
        if (sessions == null) {
            sessions = new SshdSessionFactoryBuilder()
                    .setHomeDirectory(home.toFile())
                    .setSshDirectory(home.toFile())
                    .setPreferredAuthentications("publickey")
                    .setConfigStoreFactory((_, _, _) -> null)
                    .setDefaultKnownHostsFiles(_ -> files(knownHosts))
                    .setDefaultIdentities(_ -> files(key))
                    .build(null);
        }
        transport.setSshSessionFactory(sessions);
    }

    @Override
    public synchronized void close() {
        if (sessions != null) {
            sessions.close();
        }
    }
}
