package io.slipway.dockerfile.check;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.instruction.AddSource;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Origin;
import java.util.List;

/** {@link Rule#COPY_IGNORED_FILE}: sources that {@code .dockerignore} keeps out of the context. Not thread-safe. */
final class IgnoredSources {

    /**
     * How many characters of paths are compared with patterns, each with every pattern: some tenths of a second. What comes after that in
     * a Dockerfile that nobody has written by hand is not looked at.
     */
    private static final long MOST_COMPARISONS = 5_000_000;

    private final IgnorePatterns ignored;
    private final WarningCollector warnings;
    private final boolean silent;
    private long left = MOST_COMPARISONS;

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
            if (source instanceof CopySource.Path(String word) && AddSource.isLocal(word) && left > 0) {
                String path = IgnorePatterns.relative(word);
                left -= (long) (path.length() + 1) * ignored.size();
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
