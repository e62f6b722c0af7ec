package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.directive.DirectiveReader;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What FROM can see, and what a stage imports with ARG: the ARGs before the first FROM and the predefined arguments (dockerfile.md §5 ARG, §6).
 *
 * @param buildArguments the arguments that the build was given; they win over every default
 * @param values the values of the global arguments that have one, in the order of their declaration
 */
public record GlobalScope(Map<String, String> buildArguments, Map<String, String> values) {

    public GlobalScope {
        buildArguments = Map.copyOf(buildArguments);
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /**
     * Evaluates the global arguments from the first to the last.
     *
     * @param buildArguments the arguments that the build was given
     * @param predefined the values of {@link PredefinedArguments#ofGlobalScope}; the build's win over them
     * @throws DockerfileException if a default cannot be expanded, or if {@code BUILDKIT_SYNTAX} asks for another language
     */
    public static GlobalScope of(
            Dockerfile dockerfile, Map<String, String> buildArguments, Map<String, String> predefined) {
        String syntax = buildArguments.get("BUILDKIT_SYNTAX");
        if (syntax != null && !syntax.isBlank()) {
            DirectiveReader.requireStandardFrontend(syntax);
        }
        Map<String, String> values = new LinkedHashMap<>();
        predefined.forEach((name, value) -> values.put(name, buildArguments.getOrDefault(name, value)));
        Expander expander = Expander.ofWords(dockerfile.directives().escape());
        for (Arg arg : dockerfile.globalArguments()) {
            for (Arg.Declaration declaration : arg.declarations()) {
                String value = buildArguments.get(declaration.name());
                if (value == null && declaration.value() != null) {
                    try {
                        value = expander.expand(declaration.value(), values::get)
                                .text();
                    } catch (InvalidValueException e) {
                        throw e.at(arg.origin().range());
                    }
                }
                if (value != null) {
                    values.put(declaration.name(), value);
                }
            }
        }
        return new GlobalScope(buildArguments, values);
    }

    /** The same with another value for an argument that has one already, wherever it has it from. */
    public GlobalScope withValue(String name, String value) {
        Map<String, String> given = new LinkedHashMap<>(buildArguments);
        given.replace(name, value);
        Map<String, String> all = new LinkedHashMap<>(values);
        all.replace(name, value);
        return new GlobalScope(given, all);
    }

    /** A global ARG with the values that count instead of its defaults; null for none. */
    public Arg evaluated(Arg arg) {
        return new Arg(
                arg.origin(),
                arg.declarations().stream()
                        .map(declaration -> new Arg.Declaration(declaration.name(), values.get(declaration.name())))
                        .toList());
    }

    /** The value of a global argument, or null if it has none. */
    @Nullable
    public String value(String name) {
        return values.get(name);
    }
}
