package io.slipway.api.build;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.db.build.Build;
import io.slipway.protocol.CacheScope;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NamedContext;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.WireJson;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the caller chose about how a build runs, checked; kept in the database as JSON and handed to the worker. See {@link
 * io.slipway.protocol.BuildSpec} for the meaning of each. Immutable; collections are never null.
 *
 * @param projectSecrets names of the project's secrets that it gets when a worker claims it, by the ids by which it knows them
 * @param projectCredentials whether it has the project's credentials for registries
 * @param cacheScope with which of the project's builds it shares caches; null for those that name none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildSettings(
        @Nullable Long contextTime,
        Map<String, NamedContext> contexts,
        List<BuildResource.NamedContext> contextOrigins,
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
        @Nullable Long stepTimeoutMillis,
        boolean push,
        Map<String, String> projectSecrets,
        @Nullable Boolean projectCredentials,
        List<CacheSource> cacheFrom,
        List<CacheTarget> cacheTo,
        @Nullable String cacheScope) {

    private static final JsonMapper STORED = WireJson.MAPPER
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    @Override
    public Boolean projectCredentials() {
        return Objects.requireNonNull(projectCredentials, "set when the settings are made");
    }

    /** Those of a build. */
    public static BuildSettings of(Build build) {
        return read(build.options());
    }

    /** Those that the database has of a build, also of one that a newer version has taken: fields that are not known here mean nothing here. */
    public static BuildSettings read(String options) {
        return STORED.readValue(options, BuildSettings.class);
    }

    /** With whom the build, which is one of this project, shares what is kept between builds. */
    public CacheScope scope(String project) {
        return new CacheScope(project, cacheScope);
    }

    /** The same with other named contexts. */
    public BuildSettings with(Map<String, NamedContext> others) {
        return new BuildSettings(
                contextTime,
                others,
                contextOrigins,
                ignore,
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
                stepTimeoutMillis,
                push,
                projectSecrets,
                projectCredentials,
                cacheFrom,
                cacheTo,
                cacheScope);
    }

    public BuildSettings {
        // Builds that were queued before there were any.
        secretsGuard = secretsGuard == null ? SecretPolicy.WARN : secretsGuard;
        layers = layers == null ? LayerRule.INSTRUCTION : layers;
        contextOrigins = contextOrigins == null ? List.of() : List.copyOf(contextOrigins);
        contexts = contexts == null ? Map.of() : Map.copyOf(contexts);
        projectCredentials = projectCredentials == null ? Boolean.TRUE : projectCredentials;
        projectSecrets = projectSecrets == null ? Map.of() : Map.copyOf(projectSecrets);
        buildArgs = Map.copyOf(buildArgs);
        tags = List.copyOf(tags);
        platforms = List.copyOf(platforms);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        cacheFrom = cacheFrom == null ? List.of() : List.copyOf(cacheFrom);
        cacheTo = cacheTo == null ? List.of() : List.copyOf(cacheTo);
    }
}
