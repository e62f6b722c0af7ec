package io.slipway.protocol.storage;

import java.util.List;

/**
 * What is about to go.
 *
 * @param images digests of those images of the request that will not be whole any more
 */
public record StoragePlan(List<String> images) {
    public StoragePlan {
        images = List.copyOf(images);
    }
}
