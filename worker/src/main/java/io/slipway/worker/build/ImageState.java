package io.slipway.worker.build;

import io.slipway.dockerfile.stage.StageScope;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image as it stands after some of its instructions. Immutable.
 *
 * @param platform what its config says that it runs on
 * @param layers its layers, base first; layers that only repeat nothing are among them as in the reference
 * @param lineage the content so far
 * @param config what a container of it runs with
 * @param author what MAINTAINER said, or null
 * @param history its history, base first
 * @param scope the variables that instructions see
 * @param cmdSet whether CMD stands in this stage: ENTRYPOINT resets an inherited one only
 * @param created when the base was made, RFC 3339, or null
 */
record ImageState(
        Platform platform,
        List<StepLayer> layers,
        Lineage lineage,
        ContainerConfig config,
        @Nullable String author,
        List<HistoryLine> history,
        StageScope scope,
        boolean cmdSet,
        @Nullable String created) {

    private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

    ImageState {
        layers = List.copyOf(layers);
        history = List.copyOf(history);
    }

    /** The shell of shell forms. */
    List<String> shell() {
        List<String> shell = config.shell();
        return shell == null || shell.isEmpty() ? DEFAULT_SHELL : shell;
    }

    /** The working directory, absolute. */
    String workingDirectory() {
        String directory = config.workingDir();
        if (directory == null || directory.isEmpty()) {
            return "/";
        }
        return directory.startsWith("/") ? directory : "/" + directory;
    }

    /** Saying that it is for the platform that was asked for, as the reference does, whatever it started from. */
    ImageState builtFor(Platform asked) {
        boolean same = asked.os().equals(platform.os()) && asked.architecture().equals(platform.architecture());
        Platform said = same && asked.variant() == null ? platform : asked;
        return new ImageState(said, layers, lineage, config, author, history, scope, cmdSet, created);
    }

    /** What a stage starts with that starts from this one. */
    ImageState ofNextStage() {
        return new ImageState(platform, layers, lineage, config, author, history, scope.ofNextStage(), false, created);
    }

    ImageState withConfig(ContainerConfig changed) {
        return new ImageState(platform, layers, lineage, changed, author, history, scope, cmdSet, created);
    }

    ImageState withScope(StageScope changed) {
        return new ImageState(platform, layers, lineage, config, author, history, changed, cmdSet, created);
    }

    ImageState withAuthor(String changed) {
        return new ImageState(platform, layers, lineage, config, changed, history, scope, cmdSet, created);
    }

    ImageState withCmdSet(boolean changed) {
        return new ImageState(platform, layers, lineage, config, author, history, scope, changed, created);
    }

    /** With one more layer and its line of history: it is of this step of the stage of this index. */
    ImageState plus(StepLayer layer, String createdBy, int stage, String step) throws IOException {
        List<StepLayer> more = new ArrayList<>(layers);
        more.add(layer);
        return new ImageState(platform, more, lineage.plus(layer), config, author, history, scope, cmdSet, created)
                .plusHistory(new HistoryLine.OfStep(createdBy, layer, stage, step));
    }

    /** With one more line of history of an instruction that made no layer. */
    ImageState plusEmpty(String createdBy) {
        return plusHistory(new HistoryLine.Empty(createdBy, null, null));
    }

    /** The same, of an instruction that is a step. */
    ImageState plusEmpty(String createdBy, String step) {
        return plusHistory(new HistoryLine.Empty(createdBy, step, null));
    }

    private ImageState plusHistory(HistoryLine line) {
        List<HistoryLine> more = new ArrayList<>(history);
        more.add(line);
        return new ImageState(platform, layers, lineage, config, author, more, scope, cmdSet, created);
    }
}
