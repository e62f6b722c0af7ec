package io.slipway.api.history;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.build.BuildHistory;
import io.slipway.db.build.Homes;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Removes builds that are kept no longer, and homes of which no build is left to do, a few at a time. Thread-safe. */
@Component
final class HistorySweeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HistorySweeper.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Duration PAUSE_OF_PROJECTS = Duration.ofMinutes(10);
    private static final int AT_ONCE = 100;

    private final BuildHistory history;
    private final Homes homes;
    private final HistoryProperties properties;
    private final HomeId home;
    private final Duration imageAge;
    private final PeriodicTask sweeps;
    private final PeriodicTask projectSweeps;

    HistorySweeper(
            BuildHistory history, Homes homes, HistoryProperties properties, HomeId home, SlipwayProperties all) {
        properties.requireLongerThanImages(all.storage());
        this.history = history;
        this.homes = homes;
        this.properties = properties;
        this.home = home;
        this.imageAge = all.storage().imageAge();
        this.sweeps = PeriodicTask.inParts("history-sweeper", PAUSE, PAUSE, this::sweep);
        this.projectSweeps =
                PeriodicTask.inParts("project-history-sweeper", PAUSE, PAUSE_OF_PROJECTS, this::sweepProjects);
    }

    /** Removes some of what can be removed now; whether there may be more. */
    boolean sweep() {
        boolean more = false;
        if (!properties.keepsAll()) {
            int removed = history.removeOld(properties.buildAge(), home.value(), AT_ONCE);
            if (removed > 0) {
                LOG.info("Removed {} builds that had ended more than {} ago", removed, properties.buildAge());
            }
            int gone = homes.removeOld(properties.buildAge(), AT_ONCE);
            if (gone > 0) {
                LOG.info("Forgot {} homes whose services were not seen for {}", gone, properties.buildAge());
            }
            more = removed >= AT_ONCE || gone >= AT_ONCE;
        }
        return more;
    }

    /** The same for what projects say of their histories. */
    boolean sweepProjects() {
        boolean more = false;
        for (BuildHistory.OfProject project : history.ofProjects(properties.keptBuilds() != null)) {
            int removed = history.removeOld(capped(project), imageAge, home.value(), AT_ONCE);
            if (removed > 0) {
                LOG.info("Removed {} builds of {}, as its limits say", removed, project.project());
            }
            more |= removed >= AT_ONCE;
        }
        return more;
    }

    /** What is configured for all is not exceeded; an age that is was seen to above. */
    private BuildHistory.OfProject capped(BuildHistory.OfProject project) {
        Integer most = properties.keptBuilds();
        Long kept = project.kept();
        return most == null || (kept != null && kept < most)
                ? project
                : new BuildHistory.OfProject(project.project(), project.age(), (long) most);
    }

    @Override
    public void close() {
        sweeps.close();
        projectSweeps.close();
    }
}
