package io.slipway.dockerfile.outline;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of a Dockerfile without building it. These records are the answer of {@code POST /v1/dockerfiles/check}: their components
 * are its fields, and null ones are left out.
 *
 * @param syntax the frontend that the Dockerfile asks for; null if it names none
 * @param problems the warnings of the build checks by line, and after them the refusal if there is one
 * @param stages all stages, in order
 * @param targets the stages that can be asked for by name, and the one that is built if none is
 * @param args the global arguments, and those of the stages that the target needs
 * @param secrets secrets that RUN mounts in these stages
 * @param ssh agents that RUN mounts in these stages
 * @param caches cache directories that RUN mounts in these stages
 */
public record Outline(
        @Nullable Syntax syntax,
        List<Problem> problems,
        List<OutlinedStage> stages,
        List<Target> targets,
        List<Argument> args,
        List<Secret> secrets,
        List<Ssh> ssh,
        List<Cache> caches) {

    public Outline {
        problems = List.copyOf(problems);
        stages = List.copyOf(stages);
        targets = List.copyOf(targets);
        args = List.copyOf(args);
        secrets = List.copyOf(secrets);
        ssh = List.copyOf(ssh);
        caches = List.copyOf(caches);
    }

    /** The same with more problems. */
    public Outline with(List<Problem> more) {
        List<Problem> all = new ArrayList<>(problems);
        all.addAll(more);
        return new Outline(syntax, all, stages, targets, args, secrets, ssh, caches);
    }

    /** Whether the Dockerfile cannot be built as it was asked for. */
    public boolean refused() {
        return problems.stream().anyMatch(problem -> problem.severity().equals(Problem.ERROR));
    }

    /**
     * Something that is wrong.
     *
     * @param severity {@value #WARNING} or {@value #ERROR}
     * @param rule of a warning the rule's name
     * @param code of an error its code
     * @param line where, from 1; null if it belongs to no line
     * @param column where in the line, from 1; null if unknown
     * @param endLine the last line of the instruction, from 1
     */
    public record Problem(
            String severity,
            @Nullable String rule,
            @Nullable String code,
            @Nullable Integer line,
            @Nullable Integer column,
            @Nullable Integer endLine,
            String message,
            @Nullable String hint) {

        public static final String WARNING = "warning";
        public static final String ERROR = "error";
    }

    /**
     * A stage.
     *
     * @param base what it starts from: an image, an earlier stage, a context or {@code scratch}; as it is written if it could not be expanded
     * @param platform what {@code --platform} says
     * @param description what the comment above says behind the name
     * @param line where its FROM stands
     * @param needed whether the target needs it; null if that is not known
     */
    public record OutlinedStage(
            int index,
            @Nullable String name,
            String base,
            @Nullable String platform,
            @Nullable String description,
            int line,
            @Nullable Boolean needed) {}

    /**
     * A stage that can be built.
     *
     * @param name null for a last stage without a name
     * @param stage its index
     * @param isDefault whether it is built if none is asked for
     */
    public record Target(
            @Nullable String name, int stage, @Nullable String description, boolean isDefault) {}

    /**
     * The language that is asked for and the one that is built.
     *
     * @param frontend what {@code # syntax=} or the argument {@code BUILDKIT_SYNTAX} names
     * @param builtIn the frontend whose language Slipway builds whatever the version
     */
    public record Syntax(String frontend, String builtIn) {}

    /**
     * A build argument.
     *
     * @param defaultValue its default: without quotes, or as it is written if it holds variables; null if it has none
     * @param value what it comes to in the build that was asked about; null if it is not set, or that is not known
     * @param description what the comment above says behind the name
     * @param scope {@value #GLOBAL} before the first FROM, {@value #STAGE} behind one
     * @param stage index of the stage, or null
     */
    public record Argument(
            String name,
            @Nullable String defaultValue,
            @Nullable String value,
            @Nullable String description,
            String scope,
            @Nullable Integer stage,
            int line) {

        public static final String GLOBAL = "global";
        public static final String STAGE = "stage";
    }

    /**
     * A secret.
     *
     * @param required whether a build without it fails
     */
    public record Secret(String id, boolean required, List<Use> uses) {

        public Secret {
            uses = List.copyOf(uses);
        }
    }

    /**
     * An SSH agent.
     *
     * @param required whether a build without it fails
     */
    public record Ssh(String id, boolean required, List<Use> uses) {

        public Ssh {
            uses = List.copyOf(uses);
        }
    }

    /** A directory that lives on between builds. */
    public record Cache(String id, List<Use> uses) {

        public Cache {
            uses = List.copyOf(uses);
        }
    }

    /**
     * A RUN that mounts something.
     *
     * @param stage index of its stage
     * @param target path at which it is mounted, or null
     * @param env variable that holds it, or null
     * @param sharing of a cache: {@code shared}, {@code private} or {@code locked}
     */
    public record Use(
            int stage,
            int line,
            @Nullable String target,
            @Nullable String env,
            @Nullable String sharing) {}
}
