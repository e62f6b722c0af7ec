package io.slipway.api.upload;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.image.context.ContentId;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * How much a project may have sent, manifests and contents together, as it lies on the disk. For more room what was not used for longest goes first. While
 * several contexts of a project are sent at once, there may be more until they have come. Immutable; thread-safe.
 *
 * @param most bytes
 */
record UploadQuota(long most) {
    /** A part of all that is made free at once, so that not every request has to move what is left of packs. */
    private static final int HEADROOM = 10;

    /**
     * A manifest that may go.
     *
     * @param bytes what it takes
     * @param usedAt when it was used last
     */
    record Removable(long bytes, Instant usedAt, Removal removal) {}

    /** Removes a manifest. */
    @FunctionalInterface
    interface Removal {
        void run() throws IOException;
    }

    /**
     * Refuses a context that would not fit if it were the only one.
     *
     * @param manifestBytes what its manifest takes
     * @param named the contents that it names
     * @throws ProblemException {@link ProblemType#CONTEXT_OVER_QUOTA}
     */
    void require(long manifestBytes, Map<ContentId, Long> named) {
        long bytes = needed(manifestBytes, named);
        if (bytes > most) {
            throw new ProblemException(
                            ProblemType.CONTEXT_OVER_QUOTA,
                            "The context needs " + bytes + " bytes, and all contexts that a project has sent may take "
                                    + most + ".")
                    .with("contextBytes", bytes)
                    .with("quotaBytes", most)
                    .with(
                            "hint",
                            "leave files out (.dockerignore), send it as a tar to /v1/builds, or ask whoever runs this"
                                    + " service for a larger slipway.upload.project-quota");
        }
    }

    private static long needed(long manifestBytes, Map<ContentId, Long> named) {
        return manifestBytes
                + named.values().stream().mapToLong(ProjectContents::onDisk).sum();
    }

    /**
     * Makes room in a project.
     *
     * @param others its manifests, but the one that room is made for
     * @param manifestBytes what that one takes
     * @param named the contents that it names, which stay
     * @param incoming what is still to come
     */
    void makeRoom(
            ProjectContents contents,
            List<Removable> others,
            long manifestBytes,
            Map<ContentId, Long> named,
            long incoming,
            Instant now)
            throws IOException {
        long manifests =
                manifestBytes + others.stream().mapToLong(Removable::bytes).sum();
        if (contents.onDisk() + manifests + incoming <= most) {
            return;
        }
        long target = Math.max(needed(manifestBytes, named), most - most / HEADROOM);
        long over = contents.known() + manifests + incoming - target;
        for (Removable other :
                others.stream().sorted(Comparator.comparing(Removable::usedAt)).toList()) {
            over -= contents.forget(over, other.usedAt(), named.keySet());
            if (over <= 0) {
                break;
            }
            other.removal().run();
            over -= other.bytes();
            manifests -= other.bytes();
        }
        contents.forget(over, Instant.MAX, named.keySet());
        contents.compact(target - manifests - incoming, now);
    }
}
