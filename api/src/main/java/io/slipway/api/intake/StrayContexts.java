package io.slipway.api.intake;

import io.slipway.api.HomeId;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.Builds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

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

    private final PeriodicTask sweeps;

    /** Doubts everything that is there: nothing is being received yet. */
    StrayContexts(Builds builds, HomeId home, ContextDirectory directory) throws IOException {
        this.builds = builds;
        this.home = home.value();
        this.directory = directory.path();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory.path())) {
            for (Path file : files) {
                BuildId.parse(file.getFileName().toString().replaceFirst("\\..*", ""))
                        .ifPresent(this::doubt);
            }
        }
        this.sweeps = PeriodicTask.every(PAUSE, "contexts-sweeper", this::sweep);
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
        } catch (IOException e) {
            LOG.warn("Contexts without a build could not be removed; it is tried again", e);
        }
    }

    /** The tar, its index, named contexts, and where a repository was fetched to. */
    private void remove(BuildId build) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, build + ".*")) {
            for (Path file : files) {
                FileSystemUtils.deleteRecursively(file);
            }
        }
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
