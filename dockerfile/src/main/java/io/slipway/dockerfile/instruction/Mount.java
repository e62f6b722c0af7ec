package io.slipway.dockerfile.instruction;

import org.jspecify.annotations.Nullable;

/**
 * What a RUN mounts while it runs (dockerfile.md §5 RUN). Targets are paths as they are written; a relative one is meant from the working
 * directory, and none may come to {@code /}. Modes are the low 12 bits of {@code st_mode}.
 */
public sealed interface Mount {

    /** Where it is mounted, or null if that follows from the kind. */
    @Nullable
    String target();

    /**
     * Files of the build context or of {@code from}.
     *
     * @param from stage, stage index, image or named context, or null for the build context
     * @param source path in it; {@code /} if not given
     * @param readOnly otherwise what is written is thrown away afterwards
     */
    record Bind(@Nullable String from, String source, String target, boolean readOnly) implements Mount {}

    /**
     * A directory that lives on between builds and belongs to no layer.
     *
     * @param id names it; its target as it is written, but for detours, if not given
     * @param from what seeds it when it is new, or null for nothing
     * @param source path in {@code from}, whose owner and mode it then has; {@code /} if not given
     * @param attributes owner and mode of an empty one, or null if none of them is given
     */
    record Cache(
            String id,
            String target,
            @Nullable String from,
            String source,
            Sharing sharing,
            boolean readOnly,
            @Nullable Attributes attributes)
            implements Mount {

        /** Whether what seeds it is the root of {@code from}, not a part: only then do owner and mode of its own mean something. */
        public boolean seedsAll() {
            return MountReader.isRoot(source);
        }
    }

    /**
     * Owner and mode.
     *
     * @param mode 0755 if not given
     */
    record Attributes(int mode, long uid, long gid) {}

    /**
     * An empty directory in memory.
     *
     * @param size most bytes that it may hold; 0 for the kernel's default
     */
    record Tmpfs(String target, boolean readOnly, long size) implements Mount {}

    /**
     * A secret of the build, as a file, as an environment variable or both.
     *
     * @param id names it
     * @param target the file; null if it is not a file
     * @param env the environment variable; null if it is not one
     * @param required whether the build fails when the secret is not given
     * @param mode mode of the file, 0400 if not given
     */
    record Secret(
            String id, @Nullable String target, @Nullable String env, boolean required, int mode, long uid, long gid)
            implements Mount {}

    /**
     * An SSH agent's socket.
     *
     * @param id names it, {@code default} if not given
     * @param target the socket; null for {@code /run/buildkit/ssh_agent.N}
     * @param required whether the build fails when there is no agent
     * @param mode mode of the socket, 0600 if not given
     */
    record Ssh(String id, @Nullable String target, boolean required, int mode, long uid, long gid) implements Mount {}

    /** How builds share a cache directory that they use at the same time. */
    enum Sharing {
        /** All use it together. */
        SHARED,
        /** A second one gets another directory. */
        PRIVATE,
        /** A second one waits. */
        LOCKED
    }
}
