package io.slipway.dockerfile;

import io.slipway.dockerfile.expansion.InstructionExpander;
import io.slipway.dockerfile.history.CreatedBy;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.PredefinedArguments;
import io.slipway.dockerfile.stage.Reference;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.dockerfile.stage.StageGraph;
import io.slipway.dockerfile.stage.StageScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Config and history that a recorded case comes to, as far as they follow from the text: no files and no commands. */
final class ImageOutline {

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final char escape;
    private final InstructionExpander expander;
    private final Map<String, Object> config = new TreeMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<LanguageCase.History> history = new ArrayList<>();
    private String author = "";
    private StageScope scope;
    private boolean ownCommand;

    private ImageOutline(char escape, GlobalScope global) {
        this.escape = escape;
        this.expander = new InstructionExpander(escape);
        this.environment.put("PATH", PATH);
        this.scope = StageScope.of(global, environment);
    }

    /** The target stage of a case. */
    static ImageOutline of(
            Dockerfile dockerfile, Map<String, String> buildArguments, String target, PlatformName platform) {
        PlatformName builder = PlatformName.parse("linux/amd64");
        Map<String, String> predefined = PredefinedArguments.ofGlobalScope(platform, builder, dockerfile, target);
        GlobalScope global = GlobalScope.of(dockerfile, buildArguments, predefined);
        StageGraph graph = StageGraph.of(dockerfile, global, Set.of());
        Map<Integer, ImageOutline> done = new HashMap<>();
        ResolvedStage wanted = graph.target(target);
        for (ResolvedStage stage : graph.needed(wanted)) {
            ImageOutline image = new ImageOutline(dockerfile.directives().escape(), global);
            image.startFrom(stage.base(), done);
            stage.instructions().forEach(image::apply);
            done.put(stage.stage().index(), image);
        }
        return Objects.requireNonNull(done.get(wanted.stage().index()));
    }

    Map<String, Object> config() {
        Map<String, Object> all = new TreeMap<>(config);
        all.put(
                "Env",
                environment.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList());
        return all;
    }

    List<LanguageCase.History> history() {
        return history;
    }

    String author() {
        return author;
    }

    private void startFrom(Reference base, Map<Integer, ImageOutline> done) {
        switch (base) {
            case Reference.OfStage(int index) -> {
                ImageOutline other = Objects.requireNonNull(done.get(index));
                config.putAll(other.config);
                config.remove("OnBuild");
                environment.putAll(other.environment);
                history.addAll(other.history);
                author = other.author;
                scope = other.scope.ofNextStage();
            }
            case Reference.Scratch _ -> config.put("WorkingDir", "/");
            case Reference.OfImage _, Reference.OfContext _ -> config.put("Cmd", List.of("sh"));
        }
    }

    private void apply(Instruction written) {
        StageScope before = scope;
        Instruction instruction;
        if (written instanceof Arg arg) {
            StageScope.Declared declared = scope.declare(arg, escape);
            scope = declared.scope();
            instruction = declared.arg();
        } else {
            instruction = expander.expand(written, scope::value, name -> {});
        }
        List<String> shell = shell();
        boolean layer = instruction instanceof Run
                || instruction instanceof Copy
                || instruction instanceof Add
                || instruction instanceof Workdir;
        change(instruction, shell);
        String workingDirectory = config.getOrDefault("WorkingDir", "/").toString();
        String text = CreatedBy.of(instruction, before, shell, workingDirectory);
        if (text != null) {
            history.add(new LanguageCase.History(!layer, text));
        }
    }

    private void change(Instruction instruction, List<String> shell) {
        switch (instruction) {
            case Env env -> {
                env.pairs().forEach(pair -> environment.put(pair.key(), pair.value()));
                scope = scope.after(env);
            }
            case Label label -> {
                Map<String, Object> labels = map("Labels");
                for (KeyValue pair : label.pairs()) {
                    labels.put(pair.key(), pair.value());
                }
            }
            case Cmd cmd -> {
                putOrRemove("Cmd", CreatedBy.words(cmd.command(), shell));
                ownCommand = true;
            }
            case Entrypoint entrypoint -> {
                putOrRemove("Entrypoint", CreatedBy.words(entrypoint.command(), shell));
                if (!ownCommand) {
                    config.remove("Cmd");
                }
            }
            case Shell set -> config.put("Shell", set.arguments());
            case User user -> config.put("User", user.user());
            case Stopsignal stopsignal -> config.put("StopSignal", stopsignal.signal());
            case Workdir workdir -> config.put("WorkingDir", workingDirectory(workdir.path()));
            case Expose expose ->
                expose.exposedPorts().forEach(port -> map("ExposedPorts").put(port.toString(), Map.of()));
            case Volume volume -> volume.paths().forEach(path -> map("Volumes").put(path, Map.of()));
            case Healthcheck healthcheck -> config.put("Healthcheck", healthcheck(healthcheck));
            case Maintainer maintainer -> author = maintainer.author();
            case Onbuild onbuild -> {
                List<Object> triggers = new ArrayList<>((List<?>) config.getOrDefault("OnBuild", List.of()));
                triggers.add(onbuild.trigger());
                config.put("OnBuild", triggers);
            }
            case Run run -> run.mounts();
            case Copy copy -> copy.requireValid();
            case Add add -> add.requireValid();
            case Arg _ -> {
                // Its values are in the scope.
            }
        }
    }

    private static Map<String, Object> healthcheck(Healthcheck healthcheck) {
        Map<String, Object> health = new LinkedHashMap<>();
        health.put("Test", CreatedBy.test(healthcheck));
        Map<String, Long> numbers = new LinkedHashMap<>();
        numbers.put("Interval", healthcheck.interval().toNanos());
        numbers.put("Timeout", healthcheck.timeout().toNanos());
        numbers.put("StartPeriod", healthcheck.startPeriod().toNanos());
        numbers.put("StartInterval", healthcheck.startInterval().toNanos());
        numbers.put("Retries", (long) healthcheck.retries());
        numbers.forEach((key, value) -> {
            if (value != 0) {
                health.put(key, value);
            }
        });
        return health;
    }

    private String workingDirectory(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        String before = config.getOrDefault("WorkingDir", "/").toString();
        return Path.of(before, path).normalize().toString();
    }

    private void putOrRemove(String key, List<String> words) {
        if (words.isEmpty()) {
            config.remove(key);
        } else {
            config.put(key, words);
        }
    }

    private Map<String, Object> map(String key) {
        Map<String, Object> copy = new TreeMap<>();
        if (config.get(key) instanceof Map<?, ?> before) {
            before.forEach((name, value) -> copy.put(name.toString(), value));
        }
        config.put(key, copy);
        return copy;
    }

    private List<String> shell() {
        return config.get("Shell") instanceof List<?> shell
                ? shell.stream().map(Object::toString).toList()
                : List.of("/bin/sh", "-c");
    }
}
