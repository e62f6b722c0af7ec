package io.slipway.dockerfile.check;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Origin;
import java.util.List;

/** {@link Rule#COPY_IGNORED_FILE}: sources that {@code .dockerignore} keeps out of the context. Not thread-safe. */
final class IgnoredSources {

    /** Each is compared with all patterns, of which there may be thousands. */
    private static final int MOST_SOURCES = 1_000;

    private final IgnorePatterns ignored;
    private final WarningCollector warnings;
    private final boolean silent;
    private int left = MOST_SOURCES;

    IgnoredSources(IgnorePatterns ignored, WarningCollector warnings) {
        this.ignored = ignored;
        this.warnings = warnings;
        // With patterns that take paths back in, a directory may be ignored and hold files that are not.
        this.silent = ignored.isEmpty() || ignored.hasInclusions();
    }

    /**
     * @param name {@code Copy} or {@code Add}
     */
    void check(String name, List<CopySource> sources, Origin origin) {
        if (silent) {
            return;
        }
        for (CopySource source : sources) {
            if (source instanceof CopySource.Path(String word) && AddSource.isLocal(word) && left-- > 0) {
                String path = IgnorePatterns.relative(word);
                // The root is ignored only by what ignores everything, such as ** alone.
                if (ignored.ignores(path.equals(".") ? "" : path)) {
                    warnings.warn(
                            Rule.COPY_IGNORED_FILE,
                            origin,
                            "Attempting to " + name + " file \"" + path + "\" that is excluded by .dockerignore");
                }
            }
        }
    }
}
