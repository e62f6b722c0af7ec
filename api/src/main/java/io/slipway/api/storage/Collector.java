package io.slipway.api.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.launch.WorkerProgram;
import io.slipway.db.build.BuildImages;
import io.slipway.protocol.NamedContext;
import io.slipway.protocol.WireJson;
import io.slipway.protocol.storage.StoragePlan;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageRequest;
import io.slipway.protocol.storage.StoredImage;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Runs the worker's command {@code collect}, which measures the store and removes what nobody needs: files of snapshots and cache mounts belong
 * to subordinate ids, so the service can do neither. Thread-safe.
 */
@Component
final class Collector {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    private static final Duration LIMIT = Duration.ofMinutes(30);

    private final WorkerProgram program;
    private final BuildImages images;
    private final Duration imageAge;

    Collector(WorkerProgram program, BuildImages images, SlipwayProperties properties) {
        this.program = program;
        this.images = images;
        this.imageAge = properties.storage().imageAge();
    }

    /** Whether there is a program to run. */
    boolean isEnabled() {
        return program.collect().isPresent();
    }

    /**
     * Runs it.
     *
     * @param policy what may go; null: nothing, the store is only measured
     * @param clear the cache mount to clear, or null
     * @throws IOException if it can't be started, or fails
     * @throws io.slipway.db.DatabaseException if the database can't be asked which images there are; nothing was removed
     */
    StorageReport run(@Nullable StoragePolicy policy, @Nullable String clear) throws IOException {
        Optional<ProcessBuilder> command = program.collect();
        if (command.isEmpty()) {
            throw new IOException("no worker program of Slipway's is configured (slipway.workers.command)");
        }
        Process process = command.get().start();
        Thread limit = Thread.ofVirtual().start(() -> killLate(process));
        Thread errors = Thread.ofVirtual().start(() -> log(process));
        try (BufferedReader out = process.inputReader(UTF_8);
                Writer in = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), UTF_8))) {
            return talk(out, in, policy, clear);
        } catch (IOException e) {
            throw new IOException("the worker's command collect failed" + status(process), e);
        } finally {
            // `unshare` takes the rest with it.
            process.destroyForcibly();
            limit.interrupt();
            errors.interrupt();
        }
    }

    private static String status(Process process) {
        try {
            return process.waitFor(1, TimeUnit.SECONDS) ? " (exit status " + process.exitValue() + ")" : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private StorageReport talk(BufferedReader out, Writer in, @Nullable StoragePolicy policy, @Nullable String clear)
            throws IOException {
        String ready = line(out);
        if (!ready.equals(StorageRequest.READY)) {
            throw new IOException("unexpected: " + ready);
        }
        // Only now: builds that end after this still count as running ones.
        BuildImages.Found found = images.all(imageAge);
        say(in, WireJson.MAPPER.writeValueAsString(new StorageRequest(policy, stored(found), clear)));
        StoragePlan plan = WireJson.MAPPER.readValue(line(out), StoragePlan.class);
        if (!plan.images().isEmpty()) {
            // Before they go: a service that dies now must not name images that are gone.
            images.removed(plan.images(), found.at());
        }
        say(in, StorageRequest.GO);
        return WireJson.MAPPER.readValue(line(out), StorageReport.class);
    }

    /** All images; those that are young, or that a build waits for as a named context, are kept. */
    private List<StoredImage> stored(BuildImages.Found found) {
        Map<String, StoredImage> stored = new LinkedHashMap<>();
        found.images()
                .forEach(image ->
                        stored.put(image.digest(), new StoredImage(image.digest(), image.mediaType(), image.young())));
        for (String options : images.optionsOfUnfinished()) {
            for (NamedContext context : BuildSettings.read(options).contexts().values()) {
                if (context instanceof NamedContext.Stored image) {
                    stored.put(image.digest(), new StoredImage(image.digest(), image.mediaType(), true));
                }
            }
        }
        return List.copyOf(stored.values());
    }

    private static String line(BufferedReader out) throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw new EOFException("it ended without an answer");
        }
        return line;
    }

    private static void say(Writer in, String line) throws IOException {
        in.write(line);
        in.write('\n');
        in.flush();
    }

    private static void killLate(Process process) {
        try {
            if (!process.waitFor(LIMIT)) {
                LOG.warn("Looking through the store took longer than {}; it is ended", LIMIT);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            // It has ended.
        }
    }

    private static void log(Process process) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                LOG.warn("collect: {}", line);
            }
        } catch (IOException e) {
            LOG.debug("The output of a collection broke off", e);
        }
    }
}
