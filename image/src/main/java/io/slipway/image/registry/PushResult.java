package io.slipway.image.registry;

import io.slipway.image.ImageReference;

/**
 * What a push came to.
 *
 * @param reference the name pushed to, with the digest of what was pushed
 * @param presentBlobs how many blobs the repository had already
 * @param mountedBlobs how many came from another repository of the same registry without being sent
 * @param uploadedBlobs how many were sent
 * @param uploadedBytes what was sent, in bytes, without repeated attempts
 */
public record PushResult(
        ImageReference reference, int presentBlobs, int mountedBlobs, int uploadedBlobs, long uploadedBytes) {}
