package io.slipway.worker.client;

import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Has a service build local directories, and shows how it goes. Used once. */
public final class ServerBuild {
    private final ServiceClient service;
    private final String project;
    private final PrintStream out;
    private volatile @Nullable String running;

    /**
     * A build that is not begun.
     *
     * @param server the service's address, without a slash at its end
     * @param trust whose certificates are believed; null for the JDK's own authorities
     * @param out what happens is printed there
     */
    public ServerBuild(URI server, @Nullable SSLSocketFactory trust, String token, String project, PrintStream out) {
        this.service = new ServiceClient(server, trust, token);
        this.project = project;
        this.out = out;
    }

    /** A file that the image is to be written to: oci, docker or rootfs. */
    public record Output(String kind, Path file) {}

    /**
     * Sends what the service lacks of a directory.
     *
     * @param leaveOut whether to leave out an entry, by its clean path in the directory
     * @return the id of the context, for the build's options
     * @throws ServiceException if the service refuses it
     */
    public String send(Path directory, Predicate<String> leaveOut) throws IOException {
        return new ContextUpload(service, project, out).send(directory, leaveOut);
    }

    /**
     * Builds, and prints the log. When this process is ended meanwhile, the build is cancelled.
     *
     * @param context the id of its context
     * @param options the other options of {@code POST /v1/builds}
     * @return the image's digest; null if the build failed
     * @throws ServiceException if the service refuses it
     */
    public @Nullable String run(String context, Map<String, Object> options, List<Output> outputs) throws IOException {
        Map<String, Object> body = new TreeMap<>(options);
        body.put("context", context);
        body.put("project", project);
        Thread canceller = new Thread(this::cancel, "cancel");
        Runtime.getRuntime().addShutdownHook(canceller);
        JsonNode build =
                service.post("/v1/builds", "application/json", to -> to.write(WireJson.MAPPER.writeValueAsBytes(body)));
        String id = build.path("id").asString("");
        running = id;
        follow(id);
        do {
            build = service.get("/v1/builds/" + id + "?wait=30s");
        } while (!List.of("succeeded", "failed", "cancelled")
                .contains(build.path("state").asString("")));
        running = null;
        JsonNode hint = build.path("error").path("hint");
        if (hint.isString()) {
            out.println("  hint: " + hint.stringValue());
        }
        String digest = build.path("digest").asString("");
        if (!build.path("state").asString("").equals("succeeded")) {
            if (!digest.isEmpty()) {
                out.println("made, but not pushed: " + digest);
            }
            return null;
        }
        for (Output output : outputs) {
            try (InputStream image = service.stream("/v1/builds/" + id + "/image?format=" + output.kind());
                    OutputStream file = Files.newOutputStream(output.file())) {
                image.transferTo(file);
            }
        }
        out.println("succeeded: " + digest);
        out.println("pull it as " + build.path("pullName").asString(""));
        return digest;
    }

    /** Prints the log. If the connection breaks, the build goes on, and how it ends is asked for. */
    private void follow(String id) throws IOException {
        try (InputStream log = service.stream("/v1/builds/" + id + "/logs?follow=true&format=text")) {
            byte[] buffer = new byte[8192];
            for (int count = log.read(buffer); count >= 0; count = log.read(buffer)) {
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (ServiceException e) {
            throw e;
        } catch (IOException e) {
            out.println();
            out.println("note: the log broke off (" + e.getMessage() + "); waiting for the build's end");
        }
    }

    private void cancel() {
        String id = running;
        if (id == null) {
            return;
        }
        try {
            service.post("/v1/builds/" + id + "/cancel", "application/json", _ -> {});
            out.println("cancelled: " + id);
        } catch (IOException e) {
            out.println("the build " + id + " could not be cancelled: " + e.getMessage());
        }
        out.flush();
    }
}
