package io.slipway.api.storage;

import io.slipway.api.HomeId;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.access.Projects;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import io.slipway.protocol.storage.StorageReport.Clearing;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Removes what deleted projects have left and nobody sees any more: builds with their logs, a few at a time once their files are gone, and
 * cache mounts. Images and cached layers, which nobody refers to then, are the collector's.
 */
@Component
final class DeletedProjects implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeletedProjects.class);
    private static final Duration PAUSE = Duration.ofSeconds(20);
    private static final int BUILDS_AT_ONCE = 100;

    private final Projects projects;
    private final StorageKeeper keeper;
    private final HomeId home;

    /** Those of which the cache mounts are gone. */
    private final Set<String> unmounted = new HashSet<>();

    private final PeriodicTask sweeps;

    DeletedProjects(Projects projects, StorageKeeper keeper, HomeId home) {
        this.projects = projects;
        this.keeper = keeper;
        this.home = home;
        this.sweeps = PeriodicTask.every(PAUSE, "deleted-projects", this::sweep);
    }

    /** Removes what can be removed now. */
    synchronized void sweep() {
        try {
            for (String project : projects.unpurged()) {
                sweep(project);
            }
        } catch (ProblemException e) {
            LOG.debug("What deleted projects have left could not be removed; it is tried again", e);
        }
    }

    private void sweep(String project) {
        if (keeper.isEnabled() && !unmounted.contains(project)) {
            if (!clearMounts(project)) {
                return;
            }
            unmounted.add(project);
        }
        while (projects.purge(project, home.value(), BUILDS_AT_ONCE) > 0) {
            if (sweeps.isClosed()) {
                return;
            }
        }
        if (projects.purged(project)) {
            unmounted.remove(project);
            LOG.info("Nothing is left of the deleted project {} but what the collector has yet to collect", project);
        }
    }

    /** No build of the project runs, so none is in use. */
    private boolean clearMounts(String project) {
        boolean cleared = true;
        for (CacheMount mount : keeper.measured(Duration.ZERO).report().cacheMounts()) {
            if (project.equals(mount.project())) {
                cleared &= keeper.clear(mount.id()) != Clearing.IN_USE;
            }
        }
        return cleared;
    }

    @Override
    public void close() {
        sweeps.close();
    }
}
