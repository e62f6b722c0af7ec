package io.slipway.db.build;

import org.jspecify.annotations.Nullable;

/**
 * A base image as the build used it.
 *
 * @param name as people write it: without the default host, with its tag; or the name of a named context
 * @param reference the whole name, {@code host/path:tag}, with a digest if it was written with one; null for a named context that came with the
 *     build, and in builds of older versions
 * @param digest of the manifest or index that the name stood for
 */
public record Base(String name, @Nullable String reference, String digest) {}
