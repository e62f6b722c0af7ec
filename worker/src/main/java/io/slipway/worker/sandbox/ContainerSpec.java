package io.slipway.worker.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One process in a container.
 *
 * @param root absolute path of the root file system, writable
 * @param hostname what the container is called
 * @param args program and arguments
 * @param env environment as {@code NAME=VALUE}
 * @param workingDirectory absolute path inside the root
 * @param user who it runs as
 * @param networkNamespace path of the network namespace to join, or null for a new one with loopback only
 * @param mounts bind mounts beside the usual ones
 */
public record ContainerSpec(
        String root,
        String hostname,
        List<String> args,
        List<String> env,
        String workingDirectory,
        ContainerUser user,
        @Nullable String networkNamespace,
        List<ContainerMount> mounts) {

    public ContainerSpec {
        args = List.copyOf(args);
        env = List.copyOf(env);
        mounts = List.copyOf(mounts);
    }
}
