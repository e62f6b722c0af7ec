package io.slipway.db.build;

/**
 * The Dockerfile of a build.
 *
 * @param name its path inside the context
 * @param text its content
 */
public record DockerfileText(String name, String text) {}
