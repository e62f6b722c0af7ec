package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Mount;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.image.Digest;
import io.slipway.protocol.ErrorCode;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of one RUN (dockerfile.md §5 RUN, {@code --mount}), expanded and with what they are mounted from. Immutable.
 *
 * @param mounts in the order in which they are mounted: one inside of another comes after it
 * @param agentSocket where the first SSH agent's socket is or would be, as it is written; null if none is mounted
 */
record RunMounts(List<Resolved> mounts, @Nullable String agentSocket) {
    private static final String NAMESPACE = "BUILDKIT_CACHE_MOUNT_NS";

    /** No mounts. */
    static final RunMounts NONE = new RunMounts(List.of(), null);

    RunMounts {
        mounts = List.copyOf(mounts);
    }

    /**
     * A mount.
     *
     * @param target absolute path in the container; empty for a secret that is a variable only
     * @param from what it is mounted or seeded from; null where that is nothing
     */
    record Resolved(Mount mount, String target, @Nullable Source from) {
        /** The name of the variable that a secret is; empty for everything else. */
        private String variable() {
            return mount instanceof Mount.Secret secret && secret.env() != null ? secret.env() : "";
        }
    }

    /** Waits for the stages that mounts name. */
    static void awaitStages(Run run, Sources sources) throws IOException, InterruptedException, BuildFailure {
        for (MountFlag flag : run.mountFlags()) {
            String from = flag.from();
            if (from != null) {
                sources.await(from, run);
            }
        }
    }

    /**
     * Reads the mounts of an expanded RUN.
     *
     * @param workingDirectory what relative targets are relative to, absolute
     */
    static RunMounts of(Run run, String workingDirectory, Sources sources)
            throws IOException, InterruptedException, BuildFailure {
        if (run.mountFlags().isEmpty()) {
            return NONE;
        }
        // The reference looks for these before it looks at the rest of a flag, whatever the kind of mount.
        List<@Nullable Source> origins = new ArrayList<>();
        for (MountFlag flag : run.mountFlags()) {
            origins.add(flag.from() == null ? null : sources.source(flag.from(), run));
        }
        List<Resolved> mounts = new ArrayList<>();
        int agents = 0;
        String agentSocket = null;
        for (Mount mount : run.mounts()) {
            Source named = origins.get(mounts.size());
            Source from = named == null && mount instanceof Mount.Bind ? sources.main() : named;
            String target = mount.target();
            if (mount instanceof Mount.Ssh && target == null) {
                target = "/run/buildkit/ssh_agent." + agents++;
            }
            if (mount instanceof Mount.Cache cache && named == null && !cache.seedsAll()) {
                throw BuildFailure.at(
                        run.origin(),
                        ErrorCode.INSTRUCTION_FAILED,
                        "\"" + cache.source() + "\", which is to seed the cache mounted at " + cache.target()
                                + ", does not exist: without from= a cache begins empty",
                        "add from=, or leave source out");
            }
            String path = target == null ? "" : absolute(run, workingDirectory, target);
            mounts.add(new Resolved(mount, path, from));
            agentSocket = mount instanceof Mount.Ssh && agentSocket == null ? target : agentSocket;
        }
        // As the reference does it; a path sorts before those inside of it. Secrets that are variables only have no
        // path, and the order of two of them means nothing.
        mounts.sort(Comparator.comparing(Resolved::target).thenComparing(Resolved::variable));
        return new RunMounts(mounts, agentSocket);
    }

    private static String absolute(Run run, String workingDirectory, String target) throws BuildFailure {
        String clean = RootTree.clean(target.startsWith("/") ? target : workingDirectory + "/" + target);
        if (clean.isEmpty()) {
            throw BuildFailure.at(
                    run.origin(),
                    ErrorCode.DOCKERFILE_INVALID,
                    "a mount's target can't be /",
                    "name a directory below");
        }
        return "/" + clean;
    }

    /**
     * Whether files of a stage are mounted, and these can be told from others by reading them: they are not all that the stage has, and are not
     * what a cache begins with, which is hardly ever looked at.
     */
    boolean readStages() {
        return mounts.stream().anyMatch(RunMounts::isOfStage)
                && mounts.stream()
                        .filter(RunMounts::isOfStage)
                        .allMatch(resolved -> resolved.mount() instanceof Mount.Bind bind
                                && !RootTree.clean(bind.source()).isEmpty());
    }

    private static boolean isOfStage(Resolved resolved) {
        return resolved.from() != null && resolved.from().isOfStage();
    }

    /** Adds what is mounted of stages, by its content. */
    void addStagesTo(KeyHash key, Session session) throws IOException {
        for (Resolved resolved : mounts) {
            if (resolved.mount() instanceof Mount.Bind bind
                    && resolved.from() instanceof Source.Image image
                    && image.isOfStage()) {
                image.addContentTo(key, bind.source(), session);
            }
        }
    }

    /**
     * Adds what the command's result depends on. What a cache or a secret holds is not among it.
     *
     * @param withStages whether what is mounted of stages is, too, by how these came about
     */
    void addTo(KeyHash key, boolean withStages) throws IOException {
        key.count(mounts.size());
        key.part(Inputs.Kind.MOUNT, agentSocket == null ? "" : agentSocket).add(agentSocket);
        for (Resolved resolved : mounts) {
            key.part(Inputs.Kind.MOUNT, name(resolved)).add(resolved.target());
            switch (resolved.mount()) {
                case Mount.Bind bind -> {
                    key.add("bind").add(bind.source()).add(Boolean.toString(bind.readOnly()));
                    if (withStages || !isOfStage(resolved)) {
                        bindSource(resolved).addTo(key, bind.source());
                    }
                }
                case Mount.Cache cache -> {
                    key.add("cache")
                            .add(cache.id())
                            .add(cache.sharing().name())
                            .add(Boolean.toString(cache.readOnly()));
                    addTo(key.add(cache.source()), attributes(cache, resolved.from()));
                    if (resolved.from() == null) {
                        key.add((String) null);
                    } else {
                        resolved.from().addTo(key, cache.source());
                    }
                }
                case Mount.Tmpfs tmpfs -> key.add("tmpfs").add(tmpfs.size()).add(Boolean.toString(tmpfs.readOnly()));
                case Mount.Secret secret ->
                    key.add("secret")
                            .add(secret.id())
                            .add(secret.env())
                            .add(secret.mode())
                            .add(secret.uid())
                            .add(secret.gid());
                case Mount.Ssh ssh ->
                    key.add("ssh").add(ssh.id()).add(ssh.mode()).add(ssh.uid()).add(ssh.gid());
            }
        }
    }

    private static String name(Resolved resolved) {
        return resolved.mount() instanceof Mount.Secret secret
                        && resolved.target().isEmpty()
                ? "of secret " + secret.id()
                : resolved.target();
    }

    /** What a bind mount is of: of something always. */
    static Source bindSource(Resolved resolved) {
        return Objects.requireNonNull(resolved.from(), "a bind mount is of the build context if of nothing else");
    }

    /**
     * Owner and mode of a new cache that begins empty; null if it begins with files, which have their own. As in the reference, what is
     * given an owner or a mode and not the part of {@code from} to begin with begins empty.
     */
    static Mount.@Nullable Attributes attributes(Mount.Cache cache, @Nullable Source from) {
        if (!cache.seedsAll()) {
            return null;
        }
        return cache.attributes() == null && from == null ? new Mount.Attributes(0755, 0, 0) : cache.attributes();
    }

    private static void addTo(KeyHash key, Mount.@Nullable Attributes attributes) {
        if (attributes != null) {
            key.add(attributes.mode()).add(attributes.uid()).add(attributes.gid());
        }
    }

    /** The cache mounts among them. */
    List<UsedMount> caches(Session session) throws IOException {
        List<UsedMount> caches = new ArrayList<>();
        for (Resolved resolved : mounts) {
            if (resolved.mount() instanceof Mount.Cache cache) {
                caches.add(new UsedMount(
                        portableCacheKey(session, cache, resolved.from()),
                        cacheKey(session, cache, resolved.from()),
                        cache.id()));
            }
        }
        return caches;
    }

    /** Names a cache directory: two mounts of one tenant have the same one if they could have made each other's. */
    static Digest cacheKey(Session session, Mount.Cache cache, @Nullable Source from) throws IOException {
        return cacheKey(
                session, new KeyHash("cache mount 2").add(session.spec().scope().tenant()), cache, from);
    }

    /** Names it beyond tenants and machines, for a cache that is exported. */
    static Digest portableCacheKey(Session session, Mount.Cache cache, @Nullable Source from) throws IOException {
        return cacheKey(session, new KeyHash("exported cache mount 1"), cache, from);
    }

    private static Digest cacheKey(Session session, KeyHash key, Mount.Cache cache, @Nullable Source from)
            throws IOException {
        key.add(session.spec().buildArgs().get(NAMESPACE)).add(cache.id());
        addTo(key, attributes(cache, from));
        if (from != null) {
            from.addTo(key, cache.source());
            key.add(RootTree.clean(cache.source()));
        }
        return key.digest();
    }
}
