package io.slipway.api.worker;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.build.Confidential;
import io.slipway.api.intake.ContextProperties;
import io.slipway.api.intake.GitProperties;
import io.slipway.api.secret.SecretBox;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.Build;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.StepBudget;
import io.slipway.protocol.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Writes down what a worker needs to know about a build that it has claimed. */
@Component
final class BuildSpecs {
    private final SecretBox secrets;
    private final List<RegistrySettings> configured;
    private final @Nullable String caFile;
    private final FetchSettings fetching;
    private final StepBudget stepBudget;

    BuildSpecs(SecretBox secrets, SlipwayProperties properties, ContextProperties contexts, GitProperties git) {
        this.secrets = secrets;
        this.configured = properties.registrySettings();
        this.caFile = properties.caFile() == null
                ? null
                : properties.caFile().toAbsolutePath().toString();
        this.stepBudget = properties.workers().stepBudget();
        this.fetching =
                contexts.fetchSettings(git, properties.limits().contextSize().toBytes());
    }

    /** @param allowed what the project's builds are held to */
    BuildSpec of(ClaimedBuild claimed, ProjectLimits allowed) {
        Build build = claimed.build();
        Confidential confidential = Confidential.opened(secrets, build.id(), claimed.sealed());
        BuildSettings settings = WireJson.MAPPER.readValue(build.options(), BuildSettings.class);
        ContextFile context = Objects.requireNonNull(build.context(), "a claimed build has its context");
        DockerfileText dockerfile = Objects.requireNonNull(build.dockerfile(), "a claimed build has its Dockerfile");
        return new BuildSpec(
                build.id().value(),
                build.project(),
                build.attempt(),
                claimed.fencingToken(),
                context.path(),
                settings.contextTime(),
                settings.contexts(),
                dockerfile.name(),
                dockerfile.text(),
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
                new BuildLimits(allowed.orNull(ProjectLimit.IMAGE_SIZE), allowed.orNull(ProjectLimit.DISK)),
                settings.push(),
                registries(confidential),
                caFile,
                fetching,
                confidential.secrets(),
                confidential.ssh(),
                settings.cacheFrom(),
                settings.cacheTo());
    }

    /** The build's own credentials first; how its hosts are reached otherwise is as configured. */
    private List<RegistrySettings> registries(Confidential confidential) {
        List<RegistrySettings> registries = new ArrayList<>();
        for (RegistrySettings own : confidential.registries()) {
            registries.add(configured.stream()
                    .filter(settings -> settings.host().equals(own.host()))
                    .findFirst()
                    .map(settings -> new RegistrySettings(
                            own.host(), settings.mirrors(), settings.plainHttp(), own.username(), own.password(), true))
                    .orElse(own));
        }
        registries.addAll(configured);
        return registries;
    }
}
