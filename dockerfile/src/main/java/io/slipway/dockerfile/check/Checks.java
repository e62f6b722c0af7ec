package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.directive.CheckOptions;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks a Dockerfile as it would be built (dockerfile.md §8): what holds for the text as a whole, what holds for every FROM, and what holds for
 * the instructions that the target needs.
 */
public final class Checks {

    /** The build argument whose options count instead of the directive's. */
    private static final String OPTIONS = "BUILDKIT_DOCKERFILE_CHECK";

    private Checks() {}

    /**
     * Runs all checks but those of our own that show only while building.
     *
     * @return never null; a Dockerfile that cannot be built is told in the report, not thrown
     */
    public static CheckReport check(CheckRequest request) {
        CheckOptions options;
        try {
            options = options(request.dockerfile(), request.buildArguments());
        } catch (DockerfileException e) {
            return CheckReport.refused(e);
        }
        WarningCollector collected = new WarningCollector(options);
        warnOfUnknownRules(options, collected);
        CheckRun run = new CheckRun(request, collected);
        DockerfileException refusal = run.run();
        List<Warning> warnings = run.warnings();
        return new CheckReport(
                warnings,
                refusal != null ? refusal : failure(options, warnings, request.buildArguments()),
                run.stages());
    }

    /**
     * Checks as much of a Dockerfile as is in the language: each of its instructions by itself, as the reference does before it comes to the one
     * that is not.
     *
     * @param beginning what could be read
     * @param refusal why the rest could not
     */
    public static CheckReport refused(
            Dockerfile beginning, Map<String, String> buildArguments, DockerfileException refusal) {
        CheckOptions options;
        try {
            options = options(beginning, buildArguments);
        } catch (DockerfileException e) {
            return CheckReport.refused(refusal);
        }
        WarningCollector warnings = new WarningCollector(options);
        TextChecks.checkInstructions(beginning, warnings);
        return new CheckReport(warnings.warnings(), refusal, null);
    }

    /**
     * The options that count: those of the build argument {@code BUILDKIT_DOCKERFILE_CHECK} if it is given, those of the Dockerfile otherwise.
     *
     * @throws DockerfileException if the build argument is malformed
     */
    public static CheckOptions options(Dockerfile dockerfile, Map<String, String> buildArguments) {
        String given = buildArguments.get(OPTIONS);
        if (given == null) {
            return dockerfile.directives().check();
        }
        try {
            return CheckOptions.parse(given);
        } catch (InvalidValueException e) {
            throw DockerfileException.nowhere(OPTIONS + ": " + e.message(), e.hint());
        }
    }

    /**
     * A warning of our own that shows only while building, for whoever finds it.
     *
     * @param origin the instruction that it is about
     * @return no warnings if the rule is skipped
     * @throws DockerfileException if the build argument with the options is malformed
     */
    public static List<Warning> whileBuilding(
            Dockerfile dockerfile, Map<String, String> buildArguments, Rule rule, Origin origin, String message) {
        WarningCollector warnings = new WarningCollector(options(dockerfile, buildArguments));
        warnings.warn(rule, origin, message);
        return warnings.warnings();
    }

    /**
     * A warning of our own about what the build was asked for beside the Dockerfile.
     *
     * @return no warnings if the rule is skipped
     * @throws DockerfileException if the build argument with the options is malformed
     */
    public static List<Warning> ofRequest(
            Dockerfile dockerfile, Map<String, String> buildArguments, Rule rule, String message) {
        WarningCollector warnings = new WarningCollector(options(dockerfile, buildArguments));
        warnings.warnOfRequest(rule, message);
        return warnings.warnings();
    }

    private static void warnOfUnknownRules(CheckOptions options, WarningCollector warnings) {
        options.named()
                .forEach(name ->
                        unknownRule(name).ifPresent(message -> warnings.warnOfRequest(Rule.UNKNOWN_RULE, message)));
    }

    /** What to say of a rule that is to be skipped or switched on, and that there is not. */
    static Optional<String> unknownRule(String name) {
        if (Rule.of(name).isPresent()) {
            return Optional.empty();
        }
        String near = Suggestion.nearest(name, Rule.labels());
        return Optional.of("There is no rule " + name + " to skip or switch on"
                + (near == null ? "" : "; did you mean " + near + "?"));
    }

    @Nullable
    private static DockerfileException failure(
            CheckOptions options, List<Warning> warnings, Map<String, String> buildArguments) {
        TreeMap<String, Integer> rules = new TreeMap<>();
        for (Warning warning : warnings) {
            if (!warning.rule().isOurs()) {
                rules.putIfAbsent(warning.rule().label(), warning.line());
            }
        }
        if (!options.fails() || rules.isEmpty()) {
            return null;
        }
        String asked = buildArguments.containsKey(OPTIONS) ? OPTIONS + "=error=true" : "# check=error=true";
        String failed = rules.entrySet().stream()
                .map(rule -> rule.getKey() + (rule.getValue() == 0 ? "" : " (line " + rule.getValue() + ")"))
                .collect(Collectors.joining(", "));
        return DockerfileException.nowhere(
                "build checks failed, and " + asked + " is set: " + failed,
                "see the warnings, or skip rules with skip=RULE");
    }
}
