package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a worker reports while it builds, in the order in which it happened. The last event is a {@link Succeeded} or a {@link Failed}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = BuildEvent.Planned.class, name = "planned"),
    @JsonSubTypes.Type(value = BuildEvent.Warned.class, name = "warning"),
    @JsonSubTypes.Type(value = BuildEvent.StepStarted.class, name = "step_started"),
    @JsonSubTypes.Type(value = BuildEvent.Log.class, name = "log"),
    @JsonSubTypes.Type(value = BuildEvent.StepFinished.class, name = "step_finished"),
    @JsonSubTypes.Type(value = BuildEvent.BaseResolved.class, name = "base_resolved"),
    @JsonSubTypes.Type(value = BuildEvent.Pushed.class, name = "pushed"),
    @JsonSubTypes.Type(value = BuildEvent.Kept.class, name = "kept"),
    @JsonSubTypes.Type(value = BuildEvent.Succeeded.class, name = "succeeded"),
    @JsonSubTypes.Type(value = BuildEvent.Failed.class, name = "failed"),
})
public sealed interface BuildEvent {
    /** When it happened, by the worker's clock. */
    Instant at();

    /** The steps that the target needs, in Dockerfile order. */
    record Planned(Instant at, List<StepInfo> steps) implements BuildEvent {
        public Planned {
            steps = List.copyOf(steps);
        }
    }

    /**
     * Something in the Dockerfile that is allowed but probably not meant.
     *
     * @param line 1-based line, or null
     * @param rule the check's name, such as {@code UndefinedVar}
     */
    record Warned(Instant at, @Nullable Integer line, String rule, String message) implements BuildEvent {}

    /** A step began; {@code step} is {@link StepInfo#number()}. */
    record StepStarted(Instant at, int step) implements BuildEvent {}

    /**
     * Output. Bytes are passed on as they came; a piece may end within a line or a character.
     *
     * @param step {@link StepInfo#number()}, or null for the build as a whole
     * @param data the bytes (base64 in JSON)
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is never compared; a copy per log chunk would be pure cost
    record Log(Instant at, @Nullable Integer step, LogStream stream, byte[] data) implements BuildEvent {}

    /**
     * A step ended.
     *
     * @param durationMillis wall-clock time since the step's start
     * @param layer digest of the compressed layer that the step made or found in the cache, or null where it has none
     * @param layerBytes size of that compressed layer in bytes, or null
     * @param miss why it was not found in the cache; null if it was, or if there was nothing to be found
     */
    record StepFinished(
            Instant at,
            int step,
            StepOutcome outcome,
            long durationMillis,
            @Nullable String layer,
            @Nullable Long layerBytes,
            @Nullable CacheMiss miss)
            implements BuildEvent {}

    /**
     * A base's name was resolved, once for the whole build, to this manifest or index digest.
     *
     * @param name as people write it, or that of a named context
     * @param reference the whole name, or null for a named context that came with the build
     */
    record BaseResolved(Instant at, String name, @Nullable String reference, String digest) implements BuildEvent {}

    /** The image is at the registry under this name. */
    record Pushed(Instant at, String name, String digest) implements BuildEvent {}

    /**
     * The image is made and stays in the content store, though the build cannot succeed any more: it could not be pushed.
     *
     * @param digest digest of the image's manifest
     * @param mediaType media type of that manifest
     * @param imageBytes sum of the sizes of config and compressed layers in bytes
     */
    record Kept(Instant at, String digest, String mediaType, long imageBytes) implements BuildEvent {}

    /**
     * The build succeeded.
     *
     * @param digest digest of the image's manifest
     * @param mediaType media type of that manifest
     * @param imageBytes sum of the sizes of config and compressed layers in bytes
     */
    record Succeeded(Instant at, String digest, String mediaType, long imageBytes) implements BuildEvent {}

    /** The build failed. */
    record Failed(Instant at, BuildError error) implements BuildEvent {}
}
