package io.slipway.protocol.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the worker's command {@code collect} is to do, once it has said {@link #READY}. It answers with a {@link StoragePlan}, waits for {@link
 * #GO} (nothing is removed before that, nor if the service dies), and ends with a {@link StorageReport}. Each is one line.
 *
 * @param policy what may go; null: nothing, the store is only measured
 * @param images all images of builds that are not known to be gone; images that are not among them have no claim to be kept
 * @param clear the cache mount to remove whatever the policy says, if nobody has it mounted; null for none
 */
public record StorageRequest(
        @Nullable StoragePolicy policy,
        List<StoredImage> images,
        @Nullable String clear) {
    /**
     * The command's first line: it knows which builds run. Only what the service looks up in its database after this line is complete: a build
     * that runs no longer is among the finished ones then.
     */
    public static final String READY = "ready";

    /** The service's last line: it has noted which images go. */
    public static final String GO = "go";

    public StorageRequest {
        images = List.copyOf(images);
    }
}
