package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.expansion.Expander;
import io.slipway.dockerfile.expansion.Expansion;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.dockerfile.stage.StageGraph;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What can be said about every FROM, whether the target needs its stage or not. */
final class FromChecks {

    private final Expander expander;
    private final GlobalScope global;
    private final GlobalScope defaults;
    private final Set<String> declared = new TreeSet<>();
    private final WarningCollector warnings;

    private FromChecks(
            Dockerfile dockerfile, GlobalScope global, Map<String, String> predefined, WarningCollector warnings) {
        this.expander = Expander.ofWords(dockerfile.directives().escape());
        this.global = global;
        this.defaults = GlobalScope.of(dockerfile, Map.of(), predefined);
        this.warnings = warnings;
        for (Arg arg : dockerfile.globalArguments()) {
            arg.declarations().forEach(declaration -> declared.add(declaration.name()));
        }
        declared.addAll(predefined.keySet());
    }

    static void check(
            Dockerfile dockerfile, GlobalScope global, Map<String, String> predefined, WarningCollector warnings) {
        FromChecks checks;
        try {
            checks = new FromChecks(dockerfile, global, predefined, warnings);
        } catch (DockerfileException e) {
            // A default that needs a build argument: only the values of this build can be checked, and they are when
            // the graph is made.
            return;
        }
        for (Stage stage : dockerfile.stages()) {
            try {
                checks.check(stage);
            } catch (InvalidValueException e) {
                // The graph of stages refuses this FROM, with the same error.
                return;
            }
        }
    }

    private void check(Stage stage) {
        From from = stage.from();
        Expansion image = expander.expand(from.image(), global::value);
        checkUndefined(from, image);
        checkDefault(from);
        String platform = from.platform();
        if (platform != null && platform.isEmpty()) {
            warnings.warn(Rule.FLAG_WITHOUT_EFFECT, from.origin(), "FROM --platform= names no platform");
        } else if (platform != null) {
            checkPlatform(stage, platform);
        }
    }

    private void checkUndefined(From from, Expansion expansion) {
        for (String name : expansion.unset()) {
            if (!warnings.isFull() && !declared.contains(name)) {
                String near = Suggestion.nearest(name, declared);
                warnings.warn(
                        Rule.UNDEFINED_ARG_IN_FROM,
                        from.origin(),
                        "FROM argument '" + name + "' is not declared"
                                + (near == null ? "" : " (did you mean " + near + "?)"));
            }
        }
    }

    /** The base has to be a valid name even if no build argument is given. */
    private void checkDefault(From from) {
        String image = expander.expand(from.image(), defaults::value).text();
        if (!StageGraph.isImageName(image)) {
            warnings.warn(
                    Rule.INVALID_DEFAULT_ARG_IN_FROM,
                    from.origin(),
                    "Default value for ARG " + from.image() + " results in empty or invalid base image name");
        }
    }

    private void checkPlatform(Stage stage, String word) {
        From from = stage.from();
        Expansion platform = expander.expand(word, global::value);
        checkUndefined(from, platform);
        boolean constant = platform.set().isEmpty() && platform.unset().isEmpty();
        if (platform.set().equals(Set.of("TARGETPLATFORM"))
                && platform.unset().isEmpty()
                && platform.text().equals(global.value("TARGETPLATFORM"))) {
            warnings.warn(
                    Rule.REDUNDANT_TARGET_PLATFORM,
                    from.origin(),
                    "Setting platform to predefined " + word + " in FROM is redundant as this is the default behavior");
        } else if (constant && !isInName(PlatformName.parse(platform.text()), stage)) {
            warnings.warn(
                    Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
                    from.origin(),
                    "FROM --platform flag should not use constant value \"" + platform.text() + "\"");
        }
    }

    /** A stage that says in its name what it is for may be for that only. */
    private static boolean isInName(PlatformName platform, Stage stage) {
        String name = stage.name();
        return name != null && (name.contains(platform.os()) || name.contains(platform.architecture()));
    }
}
