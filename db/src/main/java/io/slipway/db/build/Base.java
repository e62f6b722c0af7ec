package io.slipway.db.build;

/**
 * A base image as the build used it.
 *
 * @param name its name as written in the Dockerfile
 * @param digest what the name stood for
 */
public record Base(String name, String digest) {}
