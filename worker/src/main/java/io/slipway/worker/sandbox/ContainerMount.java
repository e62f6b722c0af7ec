package io.slipway.worker.sandbox;

/** A mount in a container beside the usual ones. Targets are absolute paths in the container. */
public sealed interface ContainerMount {
    /** Where it is mounted. */
    String target();

    /** Whether the container may not write to it. */
    boolean readOnly();

    /**
     * A file or directory of the worker's mount namespace.
     *
     * @param source absolute path, made by the worker itself
     */
    record Bind(String source, String target, boolean readOnly) implements ContainerMount {}

    /**
     * An empty directory in memory.
     *
     * @param size most bytes that it may hold; 0 for the kernel's default
     */
    record Tmpfs(String target, boolean readOnly, long size) implements ContainerMount {}
}
