package io.slipway.remote.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyEncryptionContext;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;

/** Serves the bare repositories of a directory over ssh on a free loopback port, to the owner of one key. */
public final class GitSshServer implements AutoCloseable {
    private final SshServer server;
    private final Path key;
    private final Path knownHosts;

    /**
     * Starts the server.
     *
     * @param root the directory of the repositories
     * @param keys an existing directory, where the client's key and known_hosts are written
     */
    public GitSshServer(Path root, Path keys) throws IOException, GeneralSecurityException {
        KeyPair host = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
        KeyPair client = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
        this.server = SshServer.setUpDefaultServer();
        server.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.setPort(0);
        server.setKeyPairProvider(KeyPairProvider.wrap(host));
        server.setPublickeyAuthenticator((_, offered, _) -> KeyUtils.compareKeys(offered, client.getPublic()));
        server.setCommandFactory((_, command) -> new UploadPackCommand(command, root.toAbsolutePath()));
        server.start();
        this.key = write(keys.resolve("id_ed25519"), client);
        this.knownHosts = keys.resolve("known_hosts");
        Files.writeString(knownHosts, "[127.0.0.1]:" + server.getPort() + " " + publicKey(host.getPublic()) + "\n");
    }

    /** {@code ssh://git@127.0.0.1:PORT}. */
    public String url() {
        return "ssh://git@127.0.0.1:" + server.getPort();
    }

    /** The private key file of the one client that is let in. */
    public Path key() {
        return key;
    }

    /** The known_hosts file that names this server's key. */
    public Path knownHosts() {
        return knownHosts;
    }

    /** Writes a private key that this server does not let in. */
    public static Path strangersKey(Path file) throws IOException, GeneralSecurityException {
        return write(file, KeyUtils.generateKeyPair(KeyPairProvider.ECDSA_SHA2_NISTP256, 256));
    }

    /** Writes a private key with a passphrase. */
    public static Path lockedKey(Path file) throws IOException, GeneralSecurityException {
        OpenSSHKeyEncryptionContext lock = new OpenSSHKeyEncryptionContext();
        lock.setCipherType("256");
        lock.setPassword("of this test");
        return write(file, KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256), lock);
    }

    private static Path write(Path file, KeyPair key) throws IOException, GeneralSecurityException {
        return write(file, key, null);
    }

    private static Path write(Path file, KeyPair key, @Nullable OpenSSHKeyEncryptionContext lock)
            throws IOException, GeneralSecurityException {
        try (var out = Files.newOutputStream(file)) {
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(key, "test", lock, out);
        }
        return file;
    }

    private static String publicKey(PublicKey key) throws IOException {
        StringBuilder text = new StringBuilder();
        PublicKeyEntry.appendPublicKeyEntry(text, key);
        return text.toString();
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }

    /** {@code git-upload-pack 'PATH'}, which is what a client asks for to fetch (gitprotocol-pack(5), "SSH Transport"). */
    private static final class UploadPackCommand extends AbstractCommandSupport {
        private final Path root;

        UploadPackCommand(String command, Path root) {
            super(command, null);
            this.root = root;
        }

        @Override
        public void run() {
            try {
                onExit(serve());
            } catch (IOException e) {
                onExit(1, e.getMessage());
            }
        }

        private int serve() throws IOException {
            String path = getCommand().replaceFirst("^git-upload-pack '(.*)'$", "$1");
            Path directory = root.resolve("." + path).normalize();
            if (path.equals(getCommand()) || !directory.startsWith(root) || !Files.isDirectory(directory)) {
                getErrorStream().write("fatal: not a git repository\n".getBytes(StandardCharsets.US_ASCII));
                getErrorStream().flush();
                return 128;
            }
            try (Repository repository = new FileRepositoryBuilder()
                    .setGitDir(directory.toFile())
                    .setBare()
                    .build()) {
                new UploadPack(repository).upload(getInputStream(), getOutputStream(), getErrorStream());
            }
            return 0;
        }
    }
}
