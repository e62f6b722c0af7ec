package io.slipway.worker.mount;

import io.slipway.protocol.SshSource;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An SSH agent as a container sees it: a socket that passes on to a running agent, or to one that is started for a key. The container
 * can ask it to sign; the key itself never gets in there. Agents serve nobody but their own user (ssh-agent(1)), so the socket is the
 * worker's, and any user of the container may be let to it. Closing ends everything.
 */
public final class SshForward implements AutoCloseable {
    private static final long START_MILLIS = 10_000;
    private static final long LOOK_MILLIS = 5;
    private static final String AGENT = "agent";
    private static final String SOCKET = "socket";

    private final Path directory;
    private final Fd descriptor;
    private final UnixDomainSocketAddress agent;
    private final @Nullable Process process;
    private final ServerSocketChannel server;

    private SshForward(
            Path directory,
            Fd descriptor,
            UnixDomainSocketAddress agent,
            @Nullable Process process,
            ServerSocketChannel server) {
        this.directory = directory;
        this.descriptor = descriptor;
        this.agent = agent;
        this.process = process;
        this.server = server;
    }

    /**
     * Opens a socket.
     *
     * @param directory a path of the worker's own in memory, where there is nothing yet
     * @throws IOException if the agent can't be started, or does not take the key
     */
    public static SshForward open(SshSource source, Path directory) throws IOException, InterruptedException {
        Files.createDirectory(directory);
        Fd descriptor = Linux.openDirectory(directory.toString());
        Process process = null;
        boolean done = false;
        try {
            UnixDomainSocketAddress agent;
            if (source.key() == null) {
                agent = UnixDomainSocketAddress.of(String.valueOf(source.agent()));
            } else {
                process = startAgent(directory, source.key());
                // A socket's path has 108 bytes at most (unix(7)); the descriptor makes any directory's a short one.
                agent = UnixDomainSocketAddress.of(descriptor.procPath(AGENT));
            }
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(descriptor.procPath(SOCKET)));
            SshForward forward = new SshForward(directory, descriptor, agent, process, server);
            Thread.ofVirtual().name("ssh").start(forward::serve);
            done = true;
            return forward;
        } finally {
            if (!done) {
                end(process);
                descriptor.close();
            }
        }
    }

    private static Process startAgent(Path directory, String key) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("ssh-agent", "-D", "-a", AGENT)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new IOException(
                    "RUN has no SSH agent: ssh-agent (Debian package openssh-client) can't be started", e);
        }
        boolean done = false;
        try {
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
            while (!Files.exists(directory.resolve(AGENT))) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new IOException("RUN has no SSH agent: ssh-agent does not start");
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            }
            add(directory, key);
            done = true;
            return process;
        } finally {
            if (!done) {
                end(process);
            }
        }
    }

    private static void add(Path directory, String key) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(List.of("ssh-add", "-q", "-"))
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().put("SSH_AUTH_SOCK", AGENT);
        builder.environment().put("SSH_ASKPASS_REQUIRE", "never");
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write((key.strip() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new SshKeyException(
                    "ssh-add does not take the key: " + said.lines().findFirst().orElse("it may have a passphrase"));
        }
    }

    private static void end(@Nullable Process process) {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** The socket. */
    public Path socket() {
        return directory.resolve(SOCKET);
    }

    private void serve() {
        while (true) {
            SocketChannel client;
            try {
                client = server.accept();
            } catch (IOException e) {
                return; // closed
            }
            Thread.ofVirtual().name("ssh-client").start(() -> forward(client));
        }
    }

    private void forward(SocketChannel client) {
        try (client;
                SocketChannel upstream = SocketChannel.open(agent)) {
            Thread back = Thread.ofVirtual().name("ssh-agent").start(() -> pump(upstream, client));
            pump(client, upstream);
            upstream.shutdownOutput();
            back.join();
        } catch (IOException e) {
            // Whoever asked sees that nobody answers.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        try {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            return; // one of the two is gone, and the other will see
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        end(process);
        descriptor.close();
        Files.deleteIfExists(directory.resolve(SOCKET));
        Files.deleteIfExists(directory.resolve(AGENT));
        Files.deleteIfExists(directory);
    }
}
