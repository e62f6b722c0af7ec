package io.slipway.api.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** Passes connections on to another port of this machine, until it is closed: then the server behind it is as good as gone. */
public final class PortForward implements AutoCloseable {
    private final ServerSocket door;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Semaphore refused = new Semaphore(0);
    private volatile boolean shut;

    /**
     * Opens the door.
     *
     * @param port where it listens; 0 for any free port
     * @param target the port that connections are passed on to
     */
    public PortForward(int port, int target) throws IOException {
        this.door = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.target = target;
        Thread.ofVirtual().start(this::accept);
    }

    /** Where it listens. */
    public int port() {
        return door.getLocalPort();
    }

    /** Cuts all connections, and those that come from now on at once. The port stays: another process could take it. */
    public void shut() throws IOException {
        shut = true;
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** Waits until somebody has come to the door that is shut. */
    public void awaitRefused() throws InterruptedException {
        refused.acquire();
    }

    /** Passes connections on again. */
    public void open() {
        shut = false;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = kept(door.accept());
                if (shut) {
                    client.close();
                    refused.release();
                    continue;
                }
                Socket server = kept(new Socket(InetAddress.getLoopbackAddress(), target));
                Thread.ofVirtual().start(() -> copy(client, server));
                Thread.ofVirtual().start(() -> copy(server, client));
            }
        } catch (IOException e) {
            return; // the door was closed
        }
    }

    private Socket kept(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    private static void copy(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            return; // one of the two hung up
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
