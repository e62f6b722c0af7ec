package io.slipway.image.context;

/**
 * What a name at the top of a build context has in it.
 *
 * @param name a {@link io.slipway.image.tar.FileName} string
 * @param bytes of the files at it and below; a file that has several names counts once
 * @param files how many files it is, or has below, all of their names
 */
public record ContextShare(String name, long bytes, int files) {}
