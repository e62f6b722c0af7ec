package io.slipway.remote.git;

import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;

/**
 * Keeps JGit from reading or writing the configuration of the user and the machine that the service runs on: what is
 * fetched must not depend on it.
 */
final class HermeticGit extends SystemReader.Delegate {
    private HermeticGit(SystemReader machine) {
        super(machine);
    }

    /** Makes it so for the whole process. Idempotent. */
    static synchronized void install() {
        if (!(SystemReader.getInstance() instanceof HermeticGit)) {
            SystemReader.setInstance(new HermeticGit(SystemReader.getInstance()));
        }
    }

    @Override
    public FileBasedConfig openUserConfig(Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    @Override
    public FileBasedConfig openSystemConfig(Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    @Override
    public FileBasedConfig openJGitConfig(Config parent, FS fs) {
        return new NoConfig(parent, fs);
    }

    private static final class NoConfig extends FileBasedConfig {
        /** As exact as Linux's coarse clock is at worst. */
        private static final long CLOCK_MILLIS = 10;

        @SuppressWarnings("NullAway") // JGit takes null for "no file", as its own test double does
        NoConfig(Config parent, FS fs) {
            super(parent, null, fs);
        }

        @Override
        public void load() {}

        @Override
        public void save() {}

        /**
         * JGit would otherwise measure for seconds, with files of its own, how exact the file system's clock is. It wants to know
         * that for noticing changes by others, and nobody else changes our repositories.
         */
        @Override
        public long getTimeUnit(String section, String subsection, String name, long defaultValue, TimeUnit wantUnit) {
            return section.equals(ConfigConstants.CONFIG_FILESYSTEM_SECTION)
                    ? wantUnit.convert(CLOCK_MILLIS, TimeUnit.MILLISECONDS)
                    : super.getTimeUnit(section, subsection, name, defaultValue, wantUnit);
        }

        @Override
        public boolean isOutdated() {
            return false;
        }
    }
}
