package io.slipway.api.build;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.conditional.Moving;
import io.slipway.protocol.CacheMiss;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build as the API shows it. What does not apply (yet) is left out of the JSON; lists are always there.
 *
 * @param state queued, running, succeeded, failed or cancelled
 * @param reason why it is still queued, or that its cancellation was asked for
 * @param queue where it stands, while it is queued; not in lists
 * @param supersedes earlier builds with this key were cancelled for it
 * @param supersededBy the newer build that has taken its place
 * @param retryOf the build that this one does once more
 * @param attempt number of the newest attempt; 0 before the first
 * @param cacheScope with which builds of the project it shares caches; absent for those that name none; not in lists
 * @param tags names that it was asked to be pushed under
 * @param digest digest of the image's manifest
 * @param imageBytes sum of the sizes of config and compressed layers
 * @param images names that the image has at registries now
 * @param pullName the image's name under Slipway's own {@code /v2/}, with its digest
 * @param imageRemovedAt when the image went from the content store; there is no {@code pullName} then, and no link to it
 * @param context the build context, as it is stored
 * @param namedContexts what else the Dockerfile could name, by name
 * @param traceId of the trace that it was submitted in, if the service traces
 * @param cause why a trigger has submitted it; not in lists
 * @param durationMillis from the start of the first attempt to the end, or until now
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildResource(
        String id,
        String project,
        @Nullable String cacheScope,
        String state,
        @Nullable String reason,
        @Nullable Queue queue,
        @Nullable String supersedes,
        @Nullable String supersededBy,
        @Nullable String retryOf,
        int attempt,
        int priority,
        long timeoutMillis,
        String dockerfile,
        List<String> tags,
        @Nullable String digest,
        @Nullable String mediaType,
        @Nullable Long imageBytes,
        List<String> images,
        @Nullable String pullName,
        @Nullable Instant imageRemovedAt,
        Context context,
        List<NamedContext> namedContexts,
        List<Step> steps,
        List<Warning> warnings,
        List<Base> bases,
        @Nullable Cause cause,
        @Nullable ErrorInfo error,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable Long durationMillis,
        @Nullable String traceId,
        Links links)
        implements Moving {

    /** Without how long it has been running so far, and when it is likely to start. */
    @Override
    public BuildResource still() {
        return finishedAt != null
                ? this
                : new BuildResource(
                        id,
                        project,
                        cacheScope,
                        state,
                        reason,
                        queue == null ? null : new Queue(queue.reason, queue.position, queue.positionIsAtLeast, null),
                        supersedes,
                        supersededBy,
                        retryOf,
                        attempt,
                        priority,
                        timeoutMillis,
                        dockerfile,
                        tags,
                        digest,
                        mediaType,
                        imageBytes,
                        images,
                        pullName,
                        imageRemovedAt,
                        context,
                        namedContexts,
                        steps,
                        warnings,
                        bases,
                        cause,
                        error,
                        createdAt,
                        startedAt,
                        null,
                        null,
                        traceId,
                        links);
    }

    /**
     * Where a queued build stands.
     *
     * @param reason why it waits: project_limit, machine, home, slots or worker
     * @param position 1 for the build that is started next
     * @param positionIsAtLeast whether the position may be higher, since no more builds are counted
     * @param expectedStartAt when it is likely to start, or absent if nothing is known to tell from
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Queue(
            String reason,
            long position,
            @Nullable Boolean positionIsAtLeast,
            @Nullable Instant expectedStartAt) {}

    /**
     * The build context.
     *
     * @param bytes of the uncompressed tar
     * @param sha256 of it, in hexadecimal digits
     * @param files how many it has; not in lists
     * @param largest what takes most of it, of what is at its top; not in lists
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Context(
            long bytes,
            String sha256,
            @Nullable Integer files,
            @Nullable List<ContextContent.Part> largest) {}

    /**
     * A named context.
     *
     * @param kind files, layout, git, http, image or build
     * @param source where it is from, without credentials; absent if it came along with the request
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NamedContext(
            String name, String kind, @Nullable String source) {}

    /**
     * One step.
     *
     * @param name STAGE.N, by which commit points are named
     * @param state pending, running, executed, cached, failed or cancelled
     * @param layer digest of the compressed layer that it stands for
     * @param cache hit, miss, or none: what is not done yet, or is never looked for
     * @param miss why it was not found in the cache
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Step(
            int number,
            String name,
            String stage,
            String instruction,
            @Nullable Integer line,
            String state,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable Long durationMillis,
            @Nullable String layer,
            @Nullable Long layerBytes,
            String cache,
            @Nullable CacheMiss miss) {}

    /** The steps of a build alone. */
    public record Steps(List<Step> steps) {}

    /** Something in the Dockerfile that is allowed but probably not meant. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Warning(@Nullable Integer line, String rule, String message) {}

    /**
     * A base image and the digest that its name stood for.
     *
     * @param reference the whole name; absent for a named context that came with the build
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Base(String name, @Nullable String reference, String digest) {}

    /**
     * Why a trigger has submitted the build.
     *
     * @param trigger its id
     * @param delivery id of what was delivered to it
     * @param event push, tag or pull_request
     * @param ref full name of the branch, tag or head
     * @param commit the commit that is built
     * @param rebuildOf the build that is done again since bases of it have moved
     * @param movedBases which
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cause(
            String trigger,
            String delivery,
            String event,
            String ref,
            String commit,
            @Nullable String rebuildOf,
            @Nullable List<MovedBase> movedBases) {}

    /**
     * A base that has moved.
     *
     * @param reference its whole name
     * @param from the digest that the build which is done again had found
     * @param to the digest that its registry has told then
     */
    public record MovedBase(String reference, String from, String to) {}

    /** Why the build failed or was cancelled. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ErrorInfo(
            String code,
            String message,
            @Nullable String instruction,
            @Nullable Integer line,
            @Nullable Integer exitCode,
            @Nullable String hint) {}

    /** Where to go from here; absolute URLs. {@code image} is there once the build succeeded and until its image is removed, {@code cancel} until it ended, {@code retry} from then on as long as it can be done once more. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Links(
            String self,
            String logs,
            String events,
            @Nullable String cancel,
            @Nullable String retry,
            @Nullable String image) {}
}
