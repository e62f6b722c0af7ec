package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.ContextDirectory;
import io.slipway.db.build.BuildId;
import io.slipway.image.context.ContextArchive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Removes what builds leave on this machine: work directories ({@code $SLIPWAY_HOME/work/BUILD-ATTEMPT}) and contexts.
 * Files in a work directory belong to subordinate ids, so only a process in a user namespace like the worker's can remove them.
 */
@Component
final class WorkLeftovers {
    private static final Logger LOG = LoggerFactory.getLogger(WorkLeftovers.class);
    private static final long LIMIT_MINUTES = 10;

    /** A worker gets ready in {@code $SLIPWAY_HOME/work/WORKER-warm-up}, which it removes before it asks for a build. */
    private static final String WARM_UP = "-warm-up";

    private static final String TAR = ".tar";

    private final Path home;
    private final ContextDirectory contexts;
    private final List<String> enter;
    private final long minimumFree;

    WorkLeftovers(SlipwayProperties properties, ContextDirectory contexts) {
        this.contexts = contexts;
        this.home = properties.home();
        this.enter = properties.workers().enter();
        this.minimumFree = properties.storage().minimumFree().toBytes();
    }

    /** Removes what one attempt left, once its worker has ended; the next attempt may be running already. */
    void removeWork(BuildId build, int attempt) {
        removeMatching(build, build + "-" + attempt);
    }

    /**
     * Removes what all attempts of a finished build left.
     *
     * @return false when something is left (the log says why)
     */
    boolean removeWork(BuildId build) {
        return removeMatching(build, build + "*");
    }

    /** Removes what a worker left of its warm-up, once it has ended. */
    void removeWarmUp(String worker) {
        removeMatching(worker, worker + WARM_UP);
    }

    /** Removes what workers left that ended while there was no service, unless they are among the {@code living}. */
    void removeWarmUps(Set<String> living) {
        List<String> gone = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(home.resolve("work"), "*" + WARM_UP)) {
            for (Path directory : found) {
                String name = directory.getFileName().toString();
                if (!living.contains(name.substring(0, name.length() - WARM_UP.length()))) {
                    gone.add(directory.toString());
                }
            }
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            LOG.warn("Left-overs of workers can't be looked for", e);
        }
        if (!gone.isEmpty()) {
            remove(gone);
        }
    }

    private boolean removeMatching(Object owner, String pattern) {
        List<String> directories = new ArrayList<>();
        // Ids are of closed alphabets without wildcards.
        try (DirectoryStream<Path> found = Files.newDirectoryStream(home.resolve("work"), pattern)) {
            found.forEach(directory -> directories.add(directory.toString()));
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            LOG.warn("Work directories of {} can't be looked for", owner, e);
            return false;
        }
        return directories.isEmpty() || remove(directories);
    }

    private boolean remove(List<String> directories) {
        List<String> command = new ArrayList<>(enter);
        command.addAll(List.of("rm", "-rf", "--one-file-system", "--"));
        command.addAll(directories);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES) && process.exitValue() == 0) {
                return true;
            }
            process.destroyForcibly();
            LOG.warn("{} could not be removed (exit status {})", directories, process.exitValue());
        } catch (IOException e) {
            LOG.warn("{} could not be removed", directories, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** Whether there is less free on the disk than is to be, so that nothing stays that nobody needs. */
    boolean isDiskLow() {
        try {
            return Files.getFileStore(home).getUsableSpace() < minimumFree;
        } catch (IOException e) {
            LOG.warn("The free space of {} can't be told", home, e);
            return false;
        }
    }

    /** Removes a stored context and the named ones beside it; false when something is still there. */
    boolean removeContext(String name) {
        Path file = contexts.of(name);
        try {
            removeNamed(file);
            ContextArchive.delete(file);
            return true;
        } catch (IOException e) {
            LOG.warn("{} could not be removed", file, e);
            return false;
        }
    }

    /** The named contexts of {@code BUILD.tar} are {@code BUILD.0.tar} and so on. */
    private static void removeNamed(Path context) throws IOException {
        String name = context.getFileName().toString();
        Path directory = context.getParent();
        if (directory == null || !name.endsWith(TAR) || !Files.isDirectory(directory)) {
            return;
        }
        String build = name.substring(0, name.length() - TAR.length());
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, build + ".*" + TAR)) {
            for (Path named : found) {
                ContextArchive.delete(named);
            }
        }
    }
}
