package io.slipway.worker.sandbox;

/**
 * A bind mount into a container.
 *
 * @param source absolute path in the worker's mount namespace, made by the worker itself
 * @param target absolute path in the container
 * @param readOnly whether the container may not write to it
 */
public record ContainerMount(String source, String target, boolean readOnly) {}
