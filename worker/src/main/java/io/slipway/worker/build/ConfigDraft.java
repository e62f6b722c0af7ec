package io.slipway.worker.build;

import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.ImageConfig.Healthcheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A container config that is being changed. Used within one method; not thread-safe. */
final class ConfigDraft {
    private @Nullable String user;
    private final @Nullable Map<String, Map<String, Object>> exposedPorts;
    private final Map<String, Map<String, Object>> addedPorts = new TreeMap<>();
    private final @Nullable List<String> env;
    private @Nullable EnvDraft changedEnv;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private @Nullable Healthcheck healthcheck;
    private final @Nullable Map<String, Map<String, Object>> volumes;
    private final Map<String, Map<String, Object>> addedVolumes = new TreeMap<>();
    private @Nullable String workingDir;
    private final @Nullable Map<String, String> labels;
    private final Map<String, String> addedLabels = new TreeMap<>();
    private @Nullable String stopSignal;
    private @Nullable List<String> onBuild;
    private @Nullable List<String> shell;
    private final @Nullable Boolean argsEscaped;

    ConfigDraft(ContainerConfig config) {
        user = config.user();
        exposedPorts = config.exposedPorts();
        env = config.env();
        entrypoint = config.entrypoint();
        cmd = config.cmd();
        healthcheck = config.healthcheck();
        volumes = config.volumes();
        workingDir = config.workingDir();
        labels = config.labels();
        stopSignal = config.stopSignal();
        onBuild = config.onBuild();
        shell = config.shell();
        argsEscaped = config.argsEscaped();
    }

    ConfigDraft user(@Nullable String value) {
        user = value;
        return this;
    }

    ConfigDraft expose(String port) {
        addedPorts.put(port, new LinkedHashMap<>());
        return this;
    }

    ConfigDraft volume(String path) {
        addedVolumes.put(path, new LinkedHashMap<>());
        return this;
    }

    /** Sets a variable: in its old place if there was one of its name, else at the end. */
    ConfigDraft env(String name, String value) {
        if (changedEnv == null) {
            changedEnv = new EnvDraft(env);
        }
        changedEnv.set(name, value);
        return this;
    }

    ConfigDraft entrypoint(@Nullable List<String> value) {
        entrypoint = value;
        return this;
    }

    ConfigDraft cmd(@Nullable List<String> value) {
        cmd = value;
        return this;
    }

    ConfigDraft healthcheck(Healthcheck value) {
        healthcheck = value;
        return this;
    }

    ConfigDraft workingDir(String value) {
        workingDir = value;
        return this;
    }

    ConfigDraft label(String key, String value) {
        addedLabels.put(key, value);
        return this;
    }

    ConfigDraft stopSignal(String value) {
        stopSignal = value;
        return this;
    }

    ConfigDraft onBuild(@Nullable List<String> value) {
        onBuild = value;
        return this;
    }

    ConfigDraft addOnBuild(String trigger) {
        List<String> changed = onBuild == null ? new ArrayList<>() : new ArrayList<>(onBuild);
        changed.add(trigger);
        onBuild = List.copyOf(changed);
        return this;
    }

    ConfigDraft shell(List<String> value) {
        shell = List.copyOf(value);
        return this;
    }

    ContainerConfig build() {
        return new ContainerConfig(
                user,
                with(exposedPorts, addedPorts),
                changedEnv == null ? env : changedEnv.variables(),
                entrypoint,
                cmd,
                healthcheck,
                with(volumes, addedVolumes),
                workingDir,
                with(labels, addedLabels),
                stopSignal,
                onBuild,
                shell,
                argsEscaped);
    }

    /** What was there with what is added; what was there itself if nothing is. */
    private static <V> @Nullable Map<String, V> with(@Nullable Map<String, V> before, Map<String, V> added) {
        if (added.isEmpty()) {
            return before;
        }
        Map<String, V> all = before == null ? new TreeMap<>() : new TreeMap<>(before);
        all.putAll(added);
        return all;
    }
}
