package io.slipway.remote.git;

import java.io.File;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.List;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.SshConfigStore;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
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

    /**
     * Lets {@code transport} use this. Whoever has no ssh URL loads nothing of what it takes.
     *
     * @throws io.slipway.remote.SourceException if the key can't be used
     */
    synchronized void configure(SshTransport transport) {
        if (sessions == null) {
            if (key != null) {
                SshKey.requireUsable(key);
            }
            sessions = new Sessions(home, files(key), files(knownHosts));
        }
        transport.setSshSessionFactory(sessions);
    }

    @Override
    public synchronized void close() {
        if (sessions != null) {
            sessions.close();
        }
    }

    private static final class Sessions extends SshdSessionFactory {
        private final List<Path> keys;
        private final List<Path> knownHosts;

        Sessions(Path home, List<Path> keys, List<Path> knownHosts) {
            super(null, null);
            this.keys = keys;
            this.knownHosts = knownHosts;
            setHomeDirectory(home.toFile());
            setSshDirectory(home.toFile());
        }

        @Override
        protected @Nullable SshConfigStore createSshConfigStore(
                @Nullable File homeDirectory, @Nullable File configFile, @Nullable String user) {
            return null;
        }

        @Override
        protected String getDefaultPreferredAuthentications() {
            return "publickey";
        }

        @Override
        protected List<Path> getDefaultIdentities(@Nullable File sshDirectory) {
            return keys;
        }

        @Override
        protected List<Path> getDefaultKnownHostsFiles(@Nullable File sshDirectory) {
            return knownHosts;
        }

        @Override
        protected ServerKeyDatabase createServerKeyDatabase(File homeDirectory, File sshDirectory) {
            return new ByWrittenName(super.createServerKeyDatabase(homeDirectory, sshDirectory));
        }
    }

    /**
     * Looks hosts up as their URL has them, as ssh(1) does without CheckHostIP, its default. JGit takes an entry of the address that
     * a name stands for as well, and whoever can say what a name stands for could then pass any known server off as any other.
     */
    private record ByWrittenName(ServerKeyDatabase known) implements ServerKeyDatabase {
        @Override
        public List<PublicKey> lookup(String host, InetSocketAddress address, Configuration configuration) {
            return known.lookup(host, unresolved(host, address), configuration);
        }

        @Override
        public boolean accept(
                String host,
                InetSocketAddress address,
                PublicKey key,
                Configuration configuration,
                @Nullable CredentialsProvider credentials) {
            return known.accept(host, unresolved(host, address), key, configuration, credentials);
        }

        /** The host is {@code NAME} or, of another port than 22, {@code [NAME]:PORT}. */
        private static InetSocketAddress unresolved(String host, InetSocketAddress address) {
            String name = host.startsWith("[") ? host.substring(1, host.lastIndexOf(']')) : host;
            return InetSocketAddress.createUnresolved(name, address.getPort());
        }
    }
}
