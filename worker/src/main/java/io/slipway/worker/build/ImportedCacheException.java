package io.slipway.worker.build;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What an imported cache lists can't be had, or is not what it should be, after a step was found in it. The build can't go on with it, and does
 * not need it: begun again without that cache, it finds in its own what it has done so far.
 */
final class ImportedCacheException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String place;

    private ImportedCacheException(String place, Throwable cause) {
        super(cause.getMessage(), cause);
        this.place = place;
    }

    /** What is thrown for what went wrong: a full disk and the end of the build are not the cache's fault. */
    static IOException of(CacheOrigin origin, IOException e) {
        return Failures.isInterrupt(e) || Failures.isDiskFull(e) ? e : new ImportedCacheException(origin.place(), e);
    }

    /** The cache. */
    String place() {
        return place;
    }

    /** The one that something was thrown for, or null. */
    static @Nullable ImportedCacheException in(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof ImportedCacheException found) {
                return found;
            }
        }
        return null;
    }
}
