package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * An image for one platform, as a registry has it now. Its manifest (and index) are in the content store; config and layers
 * need not be.
 *
 * @param reference the name that was asked for, pinned to what it named: the index's digest if there is one, else the
 *     manifest's
 * @param descriptor the manifest's media type, digest and size
 * @param manifest the manifest, read
 * @param index the index that the platform's manifest was chosen from, or null if the name meant one manifest
 */
public record ResolvedImage(
        ImageReference reference,
        Descriptor descriptor,
        Manifest manifest,
        @Nullable Descriptor index) {}
