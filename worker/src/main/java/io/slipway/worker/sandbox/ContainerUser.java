package io.slipway.worker.sandbox;

import java.util.List;

/**
 * Who a process runs as.
 *
 * @param uid user id
 * @param gid group id
 * @param groups supplementary group ids
 * @param home the user's home directory, {@code /} where none is known
 */
public record ContainerUser(int uid, int gid, List<Integer> groups, String home) {
    public ContainerUser {
        groups = List.copyOf(groups);
    }
}
