package io.slipway.api.intake.option;

import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.SecretPolicy;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the caller of {@code POST /v1/builds} chose, checked, with defaults filled in. Immutable; collections are never null.
 *
 * @param project the tenant
 * @param dockerfile path of the Dockerfile inside the context, or null for the usual names
 * @param dockerfileInline the Dockerfile's text, if it is not in the context, or null
 * @param contexts named contexts that the request does not bring along, by name in its short form; and what parts of it are
 * @param target name of the stage to build, or null for the last one
 * @param buildArgs build arguments by name
 * @param tags names to push to, as written
 * @param labels labels for the image config
 * @param annotations annotations for the manifest
 * @param platforms what to build for, each {@code os/arch[/variant]}, each once; none means this machine's
 * @param compressionLevel level in the compressor's own scale, or null for its default
 * @param layers where the image's layers end
 * @param secretsGuard what to do if the image would have a secret
 * @param sourceDateEpoch seconds since 1970, or the word "context", or null
 * @param timeout time limit, or null for the configured one
 * @param stepTimeout time limit of each step, or null for none but the build's
 * @param push whether the image goes to the registries that {@code tags} name
 * @param supersedes earlier builds of the project with the same key are cancelled if they have not ended; or null
 * @param priority higher is served first; 0 is usual
 * @param projectCredentials whether it has the project's credentials for registries, where it has none of its own
 * @param registryAuth credentials by registry host, for this build only
 * @param secrets what {@code RUN --mount=type=secret} and the like may read, by id
 * @param projectSecrets names of the project's secrets that it may read as well, by the ids by which it knows them
 * @param ssh private keys that {@code RUN --mount=type=ssh} may use, by id
 * @param cacheFrom where results of steps are looked for that the service's own cache does not have
 * @param cacheTo where the results go, too
 * @param cacheScope with which of the project's builds it shares caches; null for those that name none
 */
public record BuildOptions(
        String project,
        @Nullable String dockerfile,
        @Nullable String dockerfileInline,
        Map<String, NamedSource> contexts,
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
        @Nullable Duration timeout,
        @Nullable Duration stepTimeout,
        boolean push,
        @Nullable String supersedes,
        int priority,
        boolean projectCredentials,
        Map<String, RegistryCredentials> registryAuth,
        Map<String, byte[]> secrets,
        Map<String, String> projectSecrets,
        Map<String, String> ssh,
        List<CacheSource> cacheFrom,
        List<CacheTarget> cacheTo,
        @Nullable String cacheScope) {

    /** The project of builds that name none. */
    public static final String DEFAULT_PROJECT = "default";

    public BuildOptions {
        contexts = sorted(contexts);
        buildArgs = sorted(buildArgs);
        tags = List.copyOf(tags);
        labels = sorted(labels);
        annotations = sorted(annotations);
        registryAuth = sorted(registryAuth);
        secrets = sorted(secrets);
        projectSecrets = sorted(projectSecrets);
        ssh = sorted(ssh);
        cacheFrom = List.copyOf(cacheFrom);
        cacheTo = List.copyOf(cacheTo);
    }

    /**
     * Reads options from a query string, with credentials from the header {@code X-Registry-Config}.
     *
     * @param query the raw query string, or null
     * @param registryConfig the header's value, or null
     * @throws OptionException if anything in it is unknown or wrong
     */
    public static BuildOptions fromQuery(@Nullable String query, @Nullable String registryConfig) {
        return new OptionChecks(QueryOptions.read(query), RegistryConfigHeader.read(registryConfig)).checked();
    }

    /**
     * Reads options from a JSON object, with credentials from it or from the header {@code X-Registry-Config}.
     *
     * @param object the object
     * @param others names of members that the caller reads itself
     * @param registryConfig the header's value, or null
     * @throws OptionException if anything in it is unknown or wrong
     */
    public static BuildOptions fromJson(ObjectNode object, Set<String> others, @Nullable String registryConfig) {
        return new OptionChecks(JsonOptions.read(object, others), RegistryConfigHeader.read(registryConfig)).checked();
    }

    /** The same with the Dockerfile's text. */
    public BuildOptions withDockerfileInline(String text) {
        return new BuildOptions(
                project,
                dockerfile,
                text,
                contexts,
                target,
                buildArgs,
                tags,
                labels,
                annotations,
                platforms,
                noCache,
                pull,
                network,
                format,
                compression,
                compressionLevel,
                layers,
                secretsGuard,
                sourceDateEpoch,
                timeout,
                stepTimeout,
                push,
                supersedes,
                priority,
                projectCredentials,
                registryAuth,
                secrets,
                projectSecrets,
                ssh,
                cacheFrom,
                cacheTo,
                cacheScope);
    }

    /** Sorted by name, so that equal options have equal texts wherever they are written down. */
    private static <V> Map<String, V> sorted(Map<String, V> map) {
        return Collections.unmodifiableMap(new TreeMap<>(map));
    }
}
