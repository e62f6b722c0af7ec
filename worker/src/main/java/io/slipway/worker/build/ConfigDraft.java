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
    private @Nullable Map<String, Map<String, Object>> exposedPorts;
    private @Nullable List<String> env;
    private @Nullable List<String> entrypoint;
    private @Nullable List<String> cmd;
    private @Nullable Healthcheck healthcheck;
    private @Nullable Map<String, Map<String, Object>> volumes;
    private @Nullable String workingDir;
    private @Nullable Map<String, String> labels;
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

    static ContainerConfig empty() {
        return new ContainerConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    ConfigDraft user(String value) {
        user = value;
        return this;
    }

    ConfigDraft expose(String port) {
        exposedPorts = with(exposedPorts, port);
        return this;
    }

    ConfigDraft volume(String path) {
        volumes = with(volumes, path);
        return this;
    }

    /** Sets a variable: in its old place if there was one of its name, else at the end. */
    ConfigDraft env(String name, String value) {
        List<String> changed = env == null ? new ArrayList<>() : new ArrayList<>(env);
        String pair = name + "=" + value;
        boolean found = false;
        for (int i = 0; i < changed.size() && !found; i++) {
            if (changed.get(i).startsWith(name + "=")) {
                changed.set(i, pair);
                found = true;
            }
        }
        if (!found) {
            changed.add(pair);
        }
        env = List.copyOf(changed);
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
        Map<String, String> changed = labels == null ? new TreeMap<>() : new TreeMap<>(labels);
        changed.put(key, value);
        labels = changed;
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
                exposedPorts,
                env,
                entrypoint,
                cmd,
                healthcheck,
                volumes,
                workingDir,
                labels,
                stopSignal,
                onBuild,
                shell,
                argsEscaped);
    }

    private static Map<String, Map<String, Object>> with(
            @Nullable Map<String, Map<String, Object>> before, String key) {
        Map<String, Map<String, Object>> changed = before == null ? new TreeMap<>() : new TreeMap<>(before);
        changed.put(key, new LinkedHashMap<>());
        return changed;
    }
}
