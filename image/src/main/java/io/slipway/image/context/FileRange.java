package io.slipway.image.context;

import java.nio.file.Path;

/**
 * A part of a file on this machine.
 *
 * @param file the file
 * @param offset where the part begins, in bytes
 * @param length its bytes
 */
public record FileRange(Path file, long offset, long length) {}
