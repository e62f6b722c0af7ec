package io.slipway.api.dockerfile;

import io.slipway.api.intake.option.ContextNames;
import io.slipway.api.intake.option.OptionCounts;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.ContextName;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.Platform;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the values of the options, which are the same in a query and in JSON; with the limits that they have for builds. */
final class CheckOptions {
    private static final int MOST_IGNORE_CHARACTERS = 1024 * 1024;

    private CheckOptions() {}

    /**
     * @param contexts names of named contexts, as written
     * @param target null for the last stage
     * @param platform null for this machine's
     * @param ignore text of a {@code .dockerignore}, or null
     * @throws ProblemException if one of them is wrong
     */
    static OutlineRequest of(
            @Nullable String target,
            Map<String, String> buildArguments,
            @Nullable String platform,
            Set<String> contexts,
            @Nullable String ignore) {
        if (buildArguments.size() > OptionCounts.PAIRS) {
            throw invalid("buildArg", "There are more than " + OptionCounts.PAIRS + " build arguments.", null);
        }
        buildArguments.forEach((name, value) -> {
            if (name.length() + value.length() > OptionCounts.CHARACTERS) {
                throw invalid(
                        "buildArg",
                        "A build argument is longer than " + OptionCounts.CHARACTERS + " characters.",
                        null);
            }
        });
        refuseEmpty("target", target);
        refuseEmpty("platform", platform);
        PlatformName here = PlatformName.parse(Platform.local().toString());
        return new OutlineRequest(
                buildArguments,
                target,
                platform == null ? here : platform(platform),
                here,
                contexts(contexts),
                ignore == null ? IgnorePatterns.NONE : ignored(ignore));
    }

    private static void refuseEmpty(String option, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw invalid(option, option + " is empty.", "leave it out for the default");
        }
    }

    /** What each stands for is not asked: nothing is fetched. */
    private static Set<String> contexts(Set<String> names) {
        if (names.size() > ContextNames.MOST) {
            throw invalid("buildContext", "There are more than " + ContextNames.MOST + " named contexts.", null);
        }
        Set<String> contexts = new HashSet<>();
        for (String name : names) {
            try {
                contexts.add(ContextName.of(name));
            } catch (InvalidValueException e) {
                throw invalid("buildContext", "buildContext: " + shown(e.message()) + ".", e.hint());
            }
        }
        return contexts;
    }

    /** The problem of an option. */
    static ProblemException invalid(String option, String detail, @Nullable String hint) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail)
                .with("parameter", option)
                .with("hint", hint);
    }

    private static PlatformName platform(String text) {
        try {
            return PlatformName.parse(text);
        } catch (InvalidValueException e) {
            throw invalid("platform", "platform: " + shown(e.message()) + ".", e.hint());
        }
    }

    private static IgnorePatterns ignored(String text) {
        if (text.length() > MOST_IGNORE_CHARACTERS) {
            throw invalid("ignore", "ignore is longer than " + MOST_IGNORE_CHARACTERS + " characters.", null);
        }
        try {
            return IgnorePatterns.parse(text);
        } catch (InvalidValueException e) {
            throw invalid("ignore", "ignore: " + shown(e.message()) + ".", e.hint());
        }
    }

    private static String shown(String message) {
        return message.length() <= 500 ? message : message.substring(0, 500) + "…";
    }
}
