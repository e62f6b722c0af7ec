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
    private final SshdSessionFactory sessions;

    /**
     * @param home an existing directory that stands in for the user's home
     * @param key private key file without passphrase, or null
     * @param knownHosts known_hosts file, or null
     */
    GitSsh(Path home, @Nullable Path key, @Nullable Path knownHosts) {
        this.sessions = new SshdSessionFactoryBuilder()
                .setHomeDirectory(home.toFile())
                .setSshDirectory(home.toFile())
                .setPreferredAuthentications("publickey")
                .setConfigStoreFactory((_, _, _) -> null)
                .setDefaultKnownHostsFiles(_ -> files(knownHosts))
                .setDefaultIdentities(_ -> files(key))
                .build(null);
    }

    private static List<Path> files(@Nullable Path file) {
        return file == null ? List.of() : List.of(file.toAbsolutePath());
    }

    /** Lets {@code transport} use this. */
    void configure(SshTransport transport) {
        transport.setSshSessionFactory(sessions);
    }

    @Override
    public void close() {
        sessions.close();
    }
}
