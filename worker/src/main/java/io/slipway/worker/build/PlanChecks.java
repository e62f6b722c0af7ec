package io.slipway.worker.build;

import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.Platform;
import java.io.IOException;
import java.util.Optional;

/** The build checks of one plan, which know what its base images set. */
final class PlanChecks {
    private final Session session;
    private final BuildPlan plan;
    private final Bases bases;

    PlanChecks(Session session, BuildPlan plan, Bases bases) {
        this.session = session;
        this.plan = plan;
        this.bases = bases;
    }

    /**
     * Emits the warnings; asks for the config of every base image.
     *
     * @throws io.slipway.dockerfile.source.DockerfileException if the Dockerfile can't be built, or warnings are to fail the build
     */
    void run() {
        CheckReport report = Checks.check(new CheckRequest(
                plan.dockerfile(),
                session.spec().buildArgs(),
                session.spec().target(),
                PlatformName.parse(plan.platform().toString()),
                PlatformName.parse(Platform.local().toString()),
                session.contexts().names(),
                this::base,
                session.contexts().ignored()));
        report.warnings().forEach(session.log()::emit);
        if (report.refusal() != null) {
            throw report.refusal();
        }
    }

    /** Empty for what can't be had: FROM says so, as that step's failure. */
    private Optional<BaseImage> base(ResolvedStage stage) {
        Platform platform = plan.platformOf(stage);
        try {
            return switch (stage.base()) {
                case Reference.OfImage(String name) -> Optional.of(base(bases.image(name, platform)));
                case Reference.OfContext(String name) ->
                    Optional.of(
                            bases.context(name, platform) instanceof Source.Image(ImageState image)
                                    ? base(image)
                                    : BaseImage.EMPTY);
                case Reference.Scratch _, Reference.OfStage _ -> Optional.empty();
            };
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static BaseImage base(ImageState image) {
        ContainerConfig config = image.config();
        return BaseImage.of(
                image.scope().variables(),
                config.onBuild(),
                config.shell(),
                image.platform().toString());
    }
}
