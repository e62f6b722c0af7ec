package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.Expansion;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The variables at one place of a stage: those of the base image, of ENV and of ARG. A later one wins over an earlier one, whichever kind it is
 * (dockerfile.md §5 ARG). A stage that starts from another goes on with what the other ended with ({@link #ofNextStage}). Immutable.
 */
public final class StageScope {

    private final GlobalScope global;
    private final SharingMap<String> variables;
    private final SharingMap<String> environment;
    private final SharingMap<Arg.Declaration> arguments;

    private StageScope(
            GlobalScope global,
            SharingMap<String> variables,
            SharingMap<String> environment,
            SharingMap<Arg.Declaration> arguments) {
        this.global = global;
        this.variables = variables;
        this.environment = environment;
        this.arguments = arguments;
    }

    /** The scope right after FROM an image with this environment. */
    public static StageScope of(GlobalScope global, Map<String, String> environment) {
        SharingMap<String> set = SharingMap.of(environment);
        return new StageScope(global, set, set, SharingMap.of(Map.of()));
    }

    /** The scope right after FROM the stage that ended with this one: the image's environment wins over arguments again, however late they came. */
    public StageScope ofNextStage() {
        return new StageScope(global, variables.with(environment.entries()), environment, arguments);
    }

    /** The arguments that ARG imports. */
    public GlobalScope global() {
        return global;
    }

    /** The variables that have a value, in the order in which they first got one. */
    public Map<String, String> variables() {
        return variables.entries();
    }

    /** The arguments that ARG declared so far, in order, with their values or null; one per name. */
    public List<Arg.Declaration> arguments() {
        return List.copyOf(arguments.entries().values());
    }

    /** The value of a variable, or null if it is not set. */
    @Nullable
    public String value(String name) {
        return variables.get(name);
    }

    /** Whether ARG declared this name, with a value or without. */
    public boolean declares(String name) {
        return arguments.get(name) != null;
    }

    /** The scope after ENV, whose words have to be expanded. */
    public StageScope after(Env env) {
        Map<String, String> set = new LinkedHashMap<>();
        for (KeyValue pair : env.pairs()) {
            set.put(pair.key(), pair.value());
        }
        return new StageScope(global, variables.with(set), environment.with(set), arguments);
    }

    /**
     * What ARG does.
     *
     * @param scope the scope after it
     * @param arg the instruction with the values that count instead of its defaults
     * @param unset names that its defaults ask for and that are not set
     */
    public record Declared(StageScope scope, Arg arg, NavigableSet<String> unset) {}

    /**
     * Evaluates ARG: a value that the build was given wins over the default, and an argument without either takes the global one.
     *
     * @param escape the escape character of the Dockerfile
     * @throws DockerfileException at the instruction, if a default cannot be expanded
     */
    public Declared declare(Arg arg, char escape) {
        return declare(arg, Expander.ofWords(escape));
    }

    /**
     * Evaluates ARG, as {@link #declare(Arg, char)}.
     *
     * @param expander what expands the words of the Dockerfile
     * @throws DockerfileException at the instruction, if a default cannot be expanded
     */
    public Declared declare(Arg arg, Expander expander) {
        Map<String, String> set = new LinkedHashMap<>();
        Map<String, Arg.Declaration> declared = new LinkedHashMap<>();
        List<Arg.Declaration> evaluated = new ArrayList<>();
        NavigableSet<String> unset = new TreeSet<>();
        for (Arg.Declaration declaration : arg.declarations()) {
            String name = declaration.name();
            String value = global.buildArguments().get(name);
            if (value == null && declaration.value() == null) {
                value = global.value(name);
            } else if (value == null && declaration.value() != null) {
                try {
                    Expansion expansion = expander.expand(declaration.value(), asked -> {
                        String before = set.get(asked);
                        return before != null ? before : variables.get(asked);
                    });
                    value = expansion.text();
                    unset.addAll(expansion.unset());
                } catch (InvalidValueException e) {
                    throw e.at(arg.origin().range());
                }
            }
            if (value != null && PredefinedArguments.isVariable(name)) {
                set.put(name, value);
            }
            Arg.Declaration result = new Arg.Declaration(name, value);
            evaluated.add(result);
            declared.put(name, result);
        }
        StageScope scope = new StageScope(global, variables.with(set), environment, arguments.with(declared));
        return new Declared(scope, new Arg(arg.origin(), evaluated), Collections.unmodifiableNavigableSet(unset));
    }
}
