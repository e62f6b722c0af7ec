package io.slipway.api.build;

import io.slipway.api.ServiceAddress;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildCause;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.Failure;
import io.slipway.db.build.Warning;
import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.StepNames;
import io.slipway.protocol.WireJson;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Shows builds of the database as resources of the API. Its methods are called while a request is served. Thread-safe. */
@Component
public final class BuildResources {
    private final QueueStanding standing;
    private final ServiceAddress address;
    private final Clock clock;

    BuildResources(QueueStanding standing, ServiceAddress address, Clock clock) {
        this.standing = standing;
        this.address = address;
        this.clock = clock;
    }

    /** The whole resource, with steps and where the build stands if it is not running yet. */
    public BuildResource whole(BuildDetails details) {
        Build build = details.build();
        Optional<QueueStanding.Place> place =
                build.state() == BuildState.QUEUED ? standing.of(build) : Optional.empty();
        String reason = build.state() == BuildState.RUNNING && build.cancelRequestedAt() != null
                ? "Its cancellation was asked for."
                : place.map(QueueStanding.Place::reason).orElse(null);
        return resource(
                details,
                BuildSettings.of(build),
                reason,
                place.map(QueueStanding.Place::queue).orElse(null));
    }

    /** The whole resource without where the build stands, for those who are told of it later. */
    public BuildResource told(BuildDetails details) {
        return resource(details, BuildSettings.of(details.build()), null, null);
    }

    /** The resource without cache scope, named contexts, steps, warnings, bases, cause and reason, for lists. */
    public BuildResource summary(Build build) {
        return resource(new BuildDetails(build, List.of(), List.of(), List.of(), null), null, null, null);
    }

    /** A build at the moment of its submission, within that transaction. */
    BuildResource submitted(Build build, List<Warning> warnings) {
        return resource(
                new BuildDetails(build, List.of(), warnings, List.of(), null), BuildSettings.of(build), null, null);
    }

    private BuildResource resource(
            BuildDetails details,
            @Nullable BuildSettings settings,
            @Nullable String reason,
            BuildResource.@Nullable Queue queue) {
        Build build = details.build();
        BuildResult result = build.result();
        Failure failure = build.failure();
        return new BuildResource(
                build.id().value(),
                build.project(),
                settings == null ? null : settings.cacheScope(),
                build.state().wireName(),
                reason,
                queue,
                build.supersedes(),
                build.supersededBy() == null ? null : build.supersededBy().value(),
                build.retryOf() == null ? null : build.retryOf().value(),
                build.attempt(),
                build.priority(),
                build.timeoutMillis(),
                build.dockerfile().name(),
                build.tags(),
                result == null ? null : result.digest(),
                result == null ? null : result.mediaType(),
                result == null ? null : result.imageBytes(),
                build.images(),
                result == null || build.imageRemovedAt() != null ? null : pullName(build, result.digest()),
                build.imageRemovedAt(),
                context(build.context(), settings != null),
                settings == null ? List.of() : settings.contextOrigins(),
                named(details.steps()),
                details.warnings().stream()
                        .map(warning -> new BuildResource.Warning(warning.line(), warning.rule(), warning.message()))
                        .toList(),
                details.bases().stream()
                        .map(base -> new BuildResource.Base(base.name(), base.reference(), base.digest()))
                        .toList(),
                cause(details.cause()),
                failure == null ? null : error(failure),
                build.createdAt(),
                build.startedAt(),
                build.finishedAt(),
                durationMillis(build),
                build.traceParent() == null ? null : build.traceParent().split("-", -1)[1],
                links(build));
    }

    private static BuildResource.Context context(ContextFile file, boolean whole) {
        ContextContent content = file.content() == null || !whole
                ? null
                : JsonMapper.shared().readValue(file.content(), ContextContent.class);
        return new BuildResource.Context(
                file.bytes(),
                file.sha256(),
                content == null ? null : content.files(),
                content == null ? null : content.largest());
    }

    private static BuildResource.@Nullable Cause cause(@Nullable BuildCause cause) {
        if (cause == null) {
            return null;
        }
        String moved = cause.moved();
        return new BuildResource.Cause(
                cause.triggerId(),
                cause.deliveryId(),
                cause.event(),
                cause.ref(),
                cause.commitId(),
                cause.rebuildOf(),
                moved == null ? null : List.of(WireJson.MAPPER.readValue(moved, BuildResource.MovedBase[].class)));
    }

    /** The steps alone. */
    BuildResource.Steps steps(List<io.slipway.db.build.Step> steps) {
        return new BuildResource.Steps(named(steps));
    }

    private static List<BuildResource.Step> named(List<io.slipway.db.build.Step> steps) {
        StepNames names = new StepNames();
        return steps.stream()
                .map(step -> step(step, names.next(step.stage(), step.instruction(), step.line())))
                .toList();
    }

    private static BuildResource.Step step(io.slipway.db.build.Step step, String name) {
        String miss = step.miss();
        String cache = step.state().equals("cached") ? "hit" : miss == null ? "none" : "miss";
        return new BuildResource.Step(
                step.number(),
                name,
                step.stage(),
                step.instruction(),
                step.line(),
                step.state(),
                step.startedAt(),
                step.finishedAt(),
                step.durationMillis(),
                step.layer(),
                step.layerBytes(),
                cache,
                miss == null ? null : WireJson.MAPPER.readValue(miss, CacheMiss.class));
    }

    private static BuildResource.ErrorInfo error(Failure failure) {
        return new BuildResource.ErrorInfo(
                failure.code(),
                failure.message(),
                failure.instruction(),
                failure.line(),
                failure.exitCode(),
                failure.hint());
    }

    private @Nullable Long durationMillis(Build build) {
        Instant startedAt = build.startedAt();
        return startedAt == null
                ? null
                : Math.max(
                        0,
                        Duration.between(startedAt, Objects.requireNonNullElse(build.finishedAt(), clock.instant()))
                                .toMillis());
    }

    /** The name under this service's registry: {@code HOST/PROJECT/BUILD@DIGEST}. */
    private String pullName(Build build, String digest) {
        return address.url().getAuthority() + "/" + build.project() + "/" + build.id() + "@" + digest;
    }

    private BuildResource.Links links(Build build) {
        String self = address.url() + "/v1/builds/" + build.id();
        return new BuildResource.Links(
                self,
                self + "/logs",
                self + "/events",
                build.state().isFinished() ? null : self + "/cancel",
                build.state().isFinished() && !build.confidential() && build.filesSweptAt() == null
                        ? self + "/retry"
                        : null,
                build.state().isFinished() && build.result() != null && build.imageRemovedAt() == null
                        ? self + "/image"
                        : null);
    }
}
