package io.slipway.dockerfile.outline;

import io.slipway.dockerfile.check.CheckedStages.ExpandedRun;
import io.slipway.dockerfile.instruction.Mount;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Collects what RUNs mount, by kind and id. Not thread-safe. */
final class Mounts {

    private final Map<String, List<Outline.Use>> secrets = new LinkedHashMap<>();
    private final Map<String, List<Outline.Use>> agents = new LinkedHashMap<>();
    private final Map<String, List<Outline.Use>> caches = new LinkedHashMap<>();
    private final Set<String> requiredSecrets = new HashSet<>();
    private final Set<String> requiredAgents = new HashSet<>();

    void add(ExpandedRun run) {
        for (MountFlag flag : run.run().mountFlags()) {
            try {
                add(flag.mount(), run.stage(), run.run().line());
            } catch (InvalidValueException | DockerfileException e) {
                // What is wrong with it is the refusal; nothing is known of this mount.
            }
        }
    }

    private void add(Mount mount, int stage, int line) {
        switch (mount) {
            case Mount.Secret secret -> {
                Outline.Use use = new Outline.Use(stage, line, secret.target(), secret.env(), null);
                add(secrets, secret.id(), use);
                if (secret.required()) {
                    requiredSecrets.add(secret.id());
                }
            }
            case Mount.Ssh ssh -> {
                add(agents, ssh.id(), new Outline.Use(stage, line, ssh.target(), null, null));
                if (ssh.required()) {
                    requiredAgents.add(ssh.id());
                }
            }
            case Mount.Cache cache -> {
                String sharing = cache.sharing().name().toLowerCase(Locale.ROOT);
                add(caches, cache.id(), new Outline.Use(stage, line, cache.target(), null, sharing));
            }
            case Mount.Bind _, Mount.Tmpfs _ -> {
                // Nothing that a build is given, or that stays.
            }
        }
    }

    private static void add(Map<String, List<Outline.Use>> uses, String id, Outline.Use use) {
        uses.computeIfAbsent(id, ignored -> new ArrayList<>()).add(use);
    }

    List<Outline.Secret> secrets() {
        return secrets.entrySet().stream()
                .map(entry ->
                        new Outline.Secret(entry.getKey(), requiredSecrets.contains(entry.getKey()), entry.getValue()))
                .toList();
    }

    List<Outline.Ssh> ssh() {
        return agents.entrySet().stream()
                .map(entry ->
                        new Outline.Ssh(entry.getKey(), requiredAgents.contains(entry.getKey()), entry.getValue()))
                .toList();
    }

    List<Outline.Cache> caches() {
        return caches.entrySet().stream()
                .map(entry -> new Outline.Cache(entry.getKey(), entry.getValue()))
                .toList();
    }
}
