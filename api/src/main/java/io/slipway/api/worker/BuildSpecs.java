package io.slipway.api.worker;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.build.Confidential;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.intake.ContextProperties;
import io.slipway.api.intake.GitProperties;
import io.slipway.api.policy.ProjectPolicies;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.secret.MissingSecretException;
import io.slipway.api.secret.ProjectRegistries;
import io.slipway.api.secret.ProjectSecrets;
import io.slipway.api.secret.SecretBox;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.Build;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.Policy;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.StepBudget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes down what a worker needs to know about a build that it has claimed. */
@Component
final class BuildSpecs {
    private final SecretBox box;
    private final ProjectSecrets projectSecrets;
    private final ProjectRegistries projectRegistries;
    private final SlipwayProperties properties;
    private final ContextDirectory directory;
    private final @Nullable String caFile;
    private final FetchSettings fetching;
    private final GitProperties git;
    private final StepBudget stepBudget;

    BuildSpecs(
            SecretBox box,
            ProjectSecrets projectSecrets,
            ProjectRegistries projectRegistries,
            SlipwayProperties properties,
            ContextDirectory directory,
            ContextProperties contexts,
            GitProperties git) {
        this.directory = directory;
        this.box = box;
        this.projectSecrets = projectSecrets;
        this.projectRegistries = projectRegistries;
        this.properties = properties;
        this.caFile = properties.caFile() == null
                ? null
                : properties.caFile().toAbsolutePath().toString();
        this.stepBudget = properties.workers().stepBudget();
        this.git = git;
        this.fetching = contexts.fetchSettings(
                git, properties.limits().contextSize().toBytes(), properties.registryDeniedNetworks());
    }

    /**
     * Writes it down.
     *
     * @param allowed what the project's builds are held to
     * @throws MissingSecretException if a secret of the project that it names can't be had; the build can't be done then
     */
    BuildSpec of(ClaimedBuild claimed, ProjectLimits allowed) throws MissingSecretException {
        Build build = claimed.build();
        BuildSettings settings = BuildSettings.of(build);
        Confidential confidential = opened(claimed);
        Map<String, byte[]> secrets = new HashMap<>(
                projectSecrets.use(build.project(), settings.projectSecrets(), build.id(), build.attempt()));
        secrets.putAll(confidential.secrets());
        return new BuildSpec(
                build.id().value(),
                build.project(),
                settings.cacheScope(),
                build.attempt(),
                claimed.fencingToken(),
                directory.of(build.context().name()).toString(),
                settings.contextTime(),
                directory.found(settings.contexts()),
                build.dockerfile().name(),
                build.dockerfile().text(),
                settings.ignore(),
                settings.target(),
                settings.buildArgs(),
                settings.tags(),
                settings.labels(),
                settings.annotations(),
                settings.platforms(),
                settings.noCache(),
                settings.pull(),
                settings.network(),
                settings.format(),
                settings.compression(),
                settings.compressionLevel(),
                settings.layers(),
                settings.secretsGuard(),
                settings.sourceDateEpoch(),
                build.timeoutMillis(),
                settings.stepTimeoutMillis(),
                stepBudget,
                new BuildLimits(
                        allowed.orNull(ProjectLimit.IMAGE_SIZE),
                        allowed.orNull(ProjectLimit.DISK),
                        allowed.orNull(ProjectLimit.MEMORY)),
                settings.push(),
                registries(
                        confidential,
                        credentials(claimed, settings),
                        properties.registrySettings(settings.projectCredentials() ? build.project() : null)),
                caFile,
                settings.projectCredentials() && git.isFor(build.project()) ? fetching : fetching.withoutSshKey(),
                secrets,
                confidential.ssh(),
                settings.cacheFrom(),
                settings.cacheTo(),
                claimed.policy() == null ? Policy.NONE : ProjectPolicies.read(claimed.policy()));
    }

    private Confidential opened(ClaimedBuild claimed) throws MissingSecretException {
        try {
            return Confidential.opened(box, claimed.build().id(), claimed.sealed());
        } catch (ProblemException | IllegalStateException e) {
            throw MissingSecretException.unreadable("What came with the build", e);
        }
    }

    /** Those of the project, unless the build is not to have them. */
    private List<RegistrySettings> credentials(ClaimedBuild claimed, BuildSettings settings)
            throws MissingSecretException {
        if (!settings.projectCredentials() || !claimed.hasRegistryCredentials()) {
            return List.of();
        }
        try {
            Build build = claimed.build();
            return projectRegistries.use(build.project(), build.id(), build.attempt());
        } catch (ProblemException | IllegalStateException e) {
            throw MissingSecretException.unreadable("A registry credential of the project", e);
        }
    }

    /**
     * The build's own credentials first, and for hosts where it has none the project's; how these are reached otherwise is as configured, and so
     * is who we are elsewhere.
     *
     * @param configured without credentials if the build is not to have them
     */
    private static List<RegistrySettings> registries(
            Confidential confidential, List<RegistrySettings> ofProject, List<RegistrySettings> configured) {
        List<RegistrySettings> registries = new ArrayList<>();
        Set<String> own = new HashSet<>();
        for (RegistrySettings settings : confidential.registries()) {
            own.add(settings.host());
            registries.add(reached(settings, configured));
        }
        for (RegistrySettings settings : ofProject) {
            if (!own.contains(settings.host())) {
                registries.add(reached(settings, configured));
            }
        }
        registries.addAll(configured);
        return registries;
    }

    private static RegistrySettings reached(RegistrySettings own, List<RegistrySettings> configured) {
        return configured.stream()
                .filter(settings -> settings.host().equals(own.host()))
                .findFirst()
                .map(settings -> own.reachedAs(settings))
                .orElse(own);
    }
}
