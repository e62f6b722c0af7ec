package io.slipway.remote.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;

/**
 * Serves the bare repositories of a directory over git's smart HTTP protocol (gitprotocol-http(5)) on a free loopback port;
 * read-only.
 */
public final class GitHttpServer implements AutoCloseable {
    private static final String SERVICE = "git-upload-pack";

    private final Path root;
    private final @Nullable String authorization;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private GitHttpServer(Path root, @Nullable String authorization) throws IOException {
        this.root = root;
        this.authorization = authorization;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /** Serves to everybody. */
    public static GitHttpServer open(Path root) throws IOException {
        return new GitHttpServer(root, null);
    }

    /** Serves to those who know user name and password. */
    public static GitHttpServer withPassword(Path root, String username, String password) throws IOException {
        String pair = username + ":" + password;
        return new GitHttpServer(
                root, "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    /** {@code http://127.0.0.1:PORT}. */
    public String url() {
        return "http://" + server.getAddress().getAddress().getHostAddress() + ":"
                + server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (authorization != null
                    && !authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            String path = exchange.getRequestURI().getPath();
            String name = path.replaceFirst("/(info/refs|" + SERVICE + ")$", "");
            Path directory = root.resolve("." + name).normalize();
            if (name.equals(path) || !directory.startsWith(root) || !Files.isDirectory(directory)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            try (Repository repository = new FileRepositoryBuilder()
                    .setGitDir(directory.toFile())
                    .setBare()
                    .build()) {
                serve(exchange, path.endsWith("/info/refs"), repository);
            }
        }
    }

    private static void serve(HttpExchange exchange, boolean advertise, Repository repository) throws IOException {
        UploadPack upload = new UploadPack(repository);
        upload.setBiDirectionalPipe(false);
        String protocol = exchange.getRequestHeaders().getFirst("Git-Protocol");
        if (protocol != null) {
            upload.setExtraParameters(List.of(protocol.split(":")));
        }
        String kind = advertise ? "-advertisement" : "-result";
        exchange.getResponseHeaders().set("Content-Type", "application/x-" + SERVICE + kind);
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (advertise) {
                PacketLineOut lines = new PacketLineOut(out);
                lines.writeString("# service=" + SERVICE + "\n");
                lines.end();
                upload.sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
            } else {
                try (InputStream body = exchange.getRequestBody()) {
                    boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
                    upload.upload(gzip ? new GZIPInputStream(body) : body, out, null);
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
