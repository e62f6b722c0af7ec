package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An image config (OCI image specification 1.1, config.md), with Docker's additions. Fields that are null are left out.
 *
 * @param created RFC 3339 time, or null
 * @param author the author (MAINTAINER), or null
 * @param architecture processor
 * @param variant variant of the processor, or null
 * @param os operating system
 * @param config what a container of the image runs with, or null
 * @param rootfs the layers' diff IDs
 * @param history how the image came about, base first, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({
    "created",
    "author",
    "architecture",
    "variant",
    "os",
    "os.version",
    "os.features",
    "config",
    "rootfs",
    "history"
})
public record ImageConfig(
        @Nullable String created,
        @Nullable String author,
        String architecture,
        @Nullable String variant,
        String os,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("os.features") @Nullable List<String> osFeatures,
        @Nullable ContainerConfig config,
        RootFs rootfs,
        @Nullable List<History> history) {

    /** What a container of the image runs with; where there is no config, nothing is set. */
    public ContainerConfig configOrEmpty() {
        return config == null ? ContainerConfig.EMPTY : config;
    }

    /** What the image runs on. */
    public Platform platform() {
        return new Platform(os, architecture, variant, osVersion, osFeatures);
    }

    /**
     * What a container runs with. Docker's names; {@code Healthcheck}, {@code OnBuild} and {@code Shell} are Docker's additions.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({
        "User",
        "ExposedPorts",
        "Env",
        "Entrypoint",
        "Cmd",
        "Healthcheck",
        "Volumes",
        "WorkingDir",
        "Labels",
        "StopSignal",
        "OnBuild",
        "Shell",
        "ArgsEscaped"
    })
    public record ContainerConfig(
            @JsonProperty("User") @Nullable String user,
            @JsonProperty("ExposedPorts") @Nullable Map<String, Map<String, Object>> exposedPorts,
            @JsonProperty("Env") @Nullable List<String> env,
            @JsonProperty("Entrypoint") @Nullable List<String> entrypoint,
            @JsonProperty("Cmd") @Nullable List<String> cmd,
            @JsonProperty("Healthcheck") @Nullable Healthcheck healthcheck,
            @JsonProperty("Volumes") @Nullable Map<String, Map<String, Object>> volumes,
            @JsonProperty("WorkingDir") @Nullable String workingDir,
            @JsonProperty("Labels") @Nullable Map<String, String> labels,
            @JsonProperty("StopSignal") @Nullable String stopSignal,
            @JsonProperty("OnBuild") @Nullable List<String> onBuild,
            @JsonProperty("Shell") @Nullable List<String> shell,
            @JsonProperty("ArgsEscaped") @Nullable Boolean argsEscaped) {

        /** Sets nothing. */
        public static final ContainerConfig EMPTY =
                new ContainerConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);

        /** Every text that somebody has written in it, each word and value by itself. */
        public Set<String> texts() {
            Set<String> texts = new LinkedHashSet<>();
            for (List<String> words : Arrays.asList(env, entrypoint, cmd, onBuild, shell, test())) {
                texts.addAll(words == null ? List.of() : words);
            }
            if (labels != null) {
                texts.addAll(labels.keySet());
                texts.addAll(labels.values());
            }
            for (Map<String, ?> names : Arrays.asList(exposedPorts, volumes)) {
                texts.addAll(names == null ? Set.of() : names.keySet());
            }
            for (String text : Arrays.asList(user, workingDir, stopSignal)) {
                texts.add(text == null ? "" : text);
            }
            return texts;
        }

        private @Nullable List<String> test() {
            return healthcheck == null ? null : healthcheck.test();
        }
    }

    /**
     * How to tell whether a container is well. Durations are nanoseconds; null or 0 inherits.
     *
     * @param test {@code ["NONE"]}, {@code ["CMD", …]} or {@code ["CMD-SHELL", text]}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Healthcheck(
            @JsonProperty("Test") @Nullable List<String> test,
            @JsonProperty("Interval") @Nullable Long interval,
            @JsonProperty("Timeout") @Nullable Long timeout,
            @JsonProperty("StartPeriod") @Nullable Long startPeriod,
            @JsonProperty("StartInterval") @Nullable Long startInterval,
            @JsonProperty("Retries") @Nullable Integer retries) {}

    /**
     * The layers by content.
     *
     * @param type always {@code layers}
     * @param diffIds digests of the uncompressed layer tars, base first; null is read as none
     */
    @JsonPropertyOrder({"type", "diff_ids"})
    public record RootFs(
            String type,

            @JsonProperty("diff_ids") @JsonSetter(nulls = Nulls.AS_EMPTY)
            List<Digest> diffIds) {}

    /**
     * One line of history.
     *
     * @param emptyLayer true where the instruction made no layer; null means false
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"created", "created_by", "author", "comment", "empty_layer"})
    public record History(
            @Nullable String created,
            @JsonProperty("created_by") @Nullable String createdBy,
            @Nullable String author,
            @Nullable String comment,
            @JsonProperty("empty_layer") @Nullable Boolean emptyLayer) {}
}
