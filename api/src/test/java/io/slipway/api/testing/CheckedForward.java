package io.slipway.api.testing;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between the service and programs that a test runs, such as curl: passes on every byte at once and as it is, and holds each
 * answer that goes by to {@code openapi.yaml}. Closing it says what was not as promised, and that something was promised at all.
 */
public final class CheckedForward implements AutoCloseable {
    private final ServerSocket door;
    private final URI service;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    private final AtomicInteger checked = new AtomicInteger();
    private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();

    /** What was asked, so that it is known which answer is promised; nothing for the end. */
    private record Call(String method, String target) {
        /** Whatever is not HTTP: nothing is promised of it. */
        static final Call OTHER = new Call("", "");
    }

    /** Opens the door of a service, {@code http://HOST:PORT}. */
    public CheckedForward(String service) throws IOException {
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.service = URI.create(service);
        connections.execute(this::accept);
    }

    /** Where it listens. */
    public String url() {
        return "http://" + host();
    }

    /** {@code 127.0.0.1:PORT}. */
    public String host() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = kept(door.accept());
                Socket server = kept(new Socket(service.getHost(), service.getPort()));
                BlockingQueue<Optional<Call>> calls = new LinkedBlockingQueue<>();
                connections.execute(() -> requests(client, server, calls));
                connections.execute(() -> answers(server, client, calls));
            }
        } catch (IOException e) {
            if (!door.isClosed()) {
                faults.add(e);
            }
        }
    }

    private Socket kept(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    private void requests(Socket client, Socket server, BlockingQueue<Optional<Call>> calls) {
        try (client;
                server;
                InputStream in = passing(client, server)) {
            if (isTls(in)) { // clients of registries try that first
                calls.add(Optional.of(Call.OTHER));
                in.transferTo(OutputStream.nullOutputStream());
            }
            for (Optional<HttpMessage> request = HttpMessage.read(in);
                    request.isPresent();
                    request = HttpMessage.read(in)) {
                String[] words = request.get().words();
                // Known before the body is here: some answers do not wait for it, and some bodies wait for an answer.
                calls.add(Optional.of(new Call(words[0], words[1])));
                if (request.get().hasLength()) {
                    request.get().body(in);
                }
            }
        } catch (IOException e) {
            return; // one of the two hung up
        } catch (RuntimeException e) {
            faults.add(e);
        } finally {
            calls.add(Optional.empty());
        }
    }

    /** Whether the first byte is that of a handshake's record (RFC 8446, section 5.1); no method of HTTP begins with it. */
    private static boolean isTls(InputStream in) throws IOException {
        in.mark(1);
        int first = in.read();
        in.reset();
        return first == 22;
    }

    private void answers(Socket server, Socket client, BlockingQueue<Optional<Call>> calls) {
        try (server;
                client;
                InputStream in = passing(server, client)) {
            for (Optional<Call> call = calls.take(); call.isPresent(); call = calls.take()) {
                if (call.get().equals(Call.OTHER)) {
                    in.transferTo(OutputStream.nullOutputStream());
                    return;
                }
                if (RawAnswer.readBeginning(call.get().method(), call.get().target(), in)
                        .isEmpty()) {
                    return;
                }
                checked.incrementAndGet();
            }
        } catch (IOException e) {
            return; // one of the two hung up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | AssertionError e) {
            faults.add(e);
        }
    }

    /** What comes from one side, of which the other has everything before it is looked at here. */
    private static InputStream passing(Socket from, Socket to) throws IOException {
        OutputStream out = to.getOutputStream();
        return new BufferedInputStream(
                new FilterInputStream(from.getInputStream()) {
                    @Override
                    public int read(byte[] buffer, int offset, int length) throws IOException {
                        int count = super.read(buffer, offset, length);
                        if (count > 0) {
                            out.write(buffer, offset, count);
                        }
                        return count;
                    }
                },
                1 << 16);
    }

    /**
     * Closes the door and all connections.
     *
     * @throws AssertionError if an answer was not as promised, or if there was none
     */
    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : sockets) {
            socket.close();
        }
        connections.close();
        Throwable first = faults.poll();
        if (first != null) {
            AssertionError error = new AssertionError(first.getMessage(), first);
            faults.forEach(error::addSuppressed);
            throw error;
        }
        if (checked.get() == 0) {
            throw new AssertionError("no answer has come this way");
        }
    }
}
