package io.slipway.api.intake;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Removes contexts that no build came to: a service that is killed leaves what it had received, and where the database goes away during a
 * commit nobody knows at first whether there is a build. Thread-safe.
 */
@Component
final class StrayContexts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StrayContexts.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** PostgreSQL may still be at a commit whose answer nobody waits for. */
    private static final Duration REST = Duration.ofSeconds(10);

    private final Builds builds;
    private final String home;
    private final Path directory;

    /** Builds that there may not be, and {@link System#nanoTime} of when that was noted. */
    private final Map<BuildId, Long> doubtful = new ConcurrentHashMap<>();

    private final ScheduledExecutorService sweeper = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("contexts-sweeper").factory());

    /** Doubts everything that is there: nothing is being received yet. */
    StrayContexts(Builds builds, HomeId home, SlipwayProperties properties) throws IOException {
        this.builds = builds;
        this.home = home.value();
        this.directory = Files.createDirectories(properties.home().resolve("contexts"));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                BuildId.parse(file.getFileName().toString().replaceFirst("\\..*", ""))
                        .ifPresent(this::doubt);
            }
        }
        var _ = sweeper.scheduleWithFixedDelay(this::sweep, PAUSE.toMillis(), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Has contexts removed if it turns out that there is no such build. */
    void doubt(BuildId build) {
        doubtful.put(build, System.nanoTime());
    }

    private void sweep() {
        try {
            long now = System.nanoTime();
            List<BuildId> rested = doubtful.entrySet().stream()
                    .filter(entry -> now - entry.getValue() >= REST.toNanos())
                    .map(Map.Entry::getKey)
                    .limit(Builds.MOST_LOOKED_UP)
                    .toList();
            if (rested.isEmpty()) {
                return;
            }
            for (BuildId build : builds.missing(rested, home)) {
                remove(build);
                LOG.info("Removed the context of {}, of which there is no build", build);
            }
            rested.forEach(doubtful::remove);
        } catch (DatabaseException e) {
            LOG.debug("Contexts without a build can't be looked for; it is tried again", e);
        } catch (IOException | RuntimeException e) {
            LOG.warn("Contexts without a build could not be removed; it is tried again", e);
        }
    }

    /** The tar, its index, named contexts, and where a repository was fetched to. */
    private void remove(BuildId build) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, build + ".*")) {
            for (Path file : files) {
                removeTree(file);
            }
        }
    }

    private static void removeTree(Path root) throws IOException {
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }
}
