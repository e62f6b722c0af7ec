package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import io.slipway.db.build.BuildId;
import io.slipway.image.context.ContextArchive;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private final Path home;
    private final List<String> enter;

    WorkLeftovers(SlipwayProperties properties) {
        this.home = properties.home();
        this.enter = properties.workers().enter();
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

    private boolean removeMatching(BuildId build, String pattern) {
        List<String> directories = new ArrayList<>();
        // The id is of a closed alphabet without wildcards.
        try (DirectoryStream<Path> found = Files.newDirectoryStream(home.resolve("work"), pattern)) {
            found.forEach(directory -> directories.add(directory.toString()));
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            LOG.warn("Work directories of {} can't be looked for", build, e);
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

    /** Removes a stored context, if it lies in the service's home; false when it is still there. */
    boolean removeContext(String path) {
        Path file = Path.of(path).normalize();
        if (!file.startsWith(home)) {
            return true; // somebody else's file
        }
        try {
            ContextArchive.delete(file);
            return true;
        } catch (IOException e) {
            LOG.warn("{} could not be removed", file, e);
            return false;
        }
    }
}
