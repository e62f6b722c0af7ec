package io.slipway.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a worker needs to know to run one build. Written by the API at claim time (or by {@code ./dev build} on the
 * command line), read once by the worker. Immutable; collections are never null.
 *
 * @param buildId the build's id, {@code bld_…}
 * @param project the tenant
 * @param cacheScope with which of its builds this one shares caches; null for those that name none
 * @param attempt 1 for the first run of the build, 2 for its retry
 * @param fencingToken grows with every claim of any build; a worker whose token is not the newest may write nothing
 * @param context absolute path of the uncompressed, validated context tar on this machine
 * @param contextTime when the context was last changed, by what its repository or HTTP server said, in seconds since 1970; null if it came
 *     from neither
 * @param contexts what else the Dockerfile may name, by name in its short form ({@code alpine} for {@code docker.io/library/alpine:latest})
 * @param dockerfileName the Dockerfile's path inside the context, for messages and {@code .dockerignore} look-up
 * @param dockerfile the Dockerfile's text
 * @param ignore the ignore file's text if the Dockerfile is not in the context; null for the files that count in the context itself
 * @param target stage to build, or null for the last one
 * @param buildArgs build arguments by name
 * @param tags names to push to, as the user wrote them; may be empty
 * @param labels labels that are added to the image config
 * @param annotations annotations that are added to the manifest
 * @param platforms what to build for, each {@code os/arch[/variant]}, each once; several make an index; none means this machine's
 * @param noCache look nothing up in the cache (results are still stored)
 * @param pull resolve base tags at the registry even if a local answer is at hand
 * @param network network of RUN steps
 * @param format media types of the result
 * @param compression compression of new layers
 * @param compressionLevel level in the compressor's own scale, or null for its default
 * @param layers where the image's layers end
 * @param secretsGuard what to do if the image would have a secret
 * @param sourceDateEpoch seconds since 1970, {@code context} for the context's time, or null; sets image times and clamps times in our own layers
 * @param timeoutMillis the whole build's time limit
 * @param stepTimeoutMillis the time limit of each step that has to be done, or null for none but the build's
 * @param stepBudget how many of its commands run side by side
 * @param limits of the project
 * @param push false to leave the result in the content store only
 * @param registries how to reach registries; of the entries whose {@code host} equals the reference's host the first one says how it is reached, and
 *     the first without a repository who we are there, but for the repositories that others name
 * @param caFile absolute path of a PEM file of certificate authorities that are trusted besides the JDK's own, or null
 * @param fetching what may be fetched for ADD, and how
 * @param secrets what RUN --mount=type=secret may read and ADD may tell to servers, by id; held in memory only
 * @param ssh what RUN --mount=type=ssh may use, by id
 * @param cacheFrom where results of steps are looked for that the own cache does not have, in this order
 * @param cacheTo where the results go, too
 * @param policy what builds of the project may do
 */
public record BuildSpec(
        String buildId,
        String project,
        @Nullable String cacheScope,
        int attempt,
        long fencingToken,
        String context,
        @Nullable Long contextTime,
        Map<String, NamedContext> contexts,
        String dockerfileName,
        String dockerfile,
        @Nullable String ignore,
        @Nullable String target,
        Map<String, String> buildArgs,
        List<String> tags,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<String> platforms,
        boolean noCache,
        boolean pull,
        NetworkMode network,
        ImageFormat format,
        LayerCompression compression,
        @Nullable Integer compressionLevel,
        LayerRule layers,
        SecretPolicy secretsGuard,
        @Nullable String sourceDateEpoch,
        long timeoutMillis,
        @Nullable Long stepTimeoutMillis,
        StepBudget stepBudget,
        BuildLimits limits,
        boolean push,
        List<RegistrySettings> registries,
        @Nullable String caFile,
        FetchSettings fetching,
        Map<String, byte[]> secrets,
        Map<String, SshSource> ssh,
        List<CacheSource> cacheFrom,
        List<CacheTarget> cacheTo,
        Policy policy) {

    /** What workers do to warm up belongs to this. No project of a user's has such a name: theirs end with a letter or a digit. */
    public static final String WARM_UP_PROJECT = "warm-up-";

    public BuildSpec {
        contexts = Map.copyOf(contexts);
        buildArgs = Map.copyOf(buildArgs);
        platforms = List.copyOf(platforms);
        tags = List.copyOf(tags);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        registries = List.copyOf(registries);
        secrets = Map.copyOf(secrets);
        ssh = Map.copyOf(ssh);
        cacheFrom = List.copyOf(cacheFrom);
        cacheTo = List.copyOf(cacheTo);
        policy = policy == null ? Policy.NONE : policy;
    }

    /** With whom the build shares what is kept between builds. */
    public CacheScope scope() {
        return new CacheScope(project, cacheScope);
    }

    /** Whether the image is sent to some registry. */
    public boolean pushes() {
        return push && !tags.isEmpty();
    }

    /** Whether credentials for this registry are the build's own or its project's, so that the service has them for nobody else. */
    public boolean hasOwnCredentials(String host) {
        return registries.stream()
                .anyMatch(registry -> registry.ofThisBuild() && registry.host().equals(host));
    }

    /** Leaves out whatever may be confidential. */
    @Override
    public String toString() {
        return "BuildSpec[build=" + buildId + ", project=" + project + ", attempt=" + attempt + ", target=" + target
                + ", tags=" + tags + "]";
    }
}
