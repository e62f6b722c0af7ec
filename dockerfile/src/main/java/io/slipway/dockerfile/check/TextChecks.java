package io.slipway.dockerfile.check;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.Stage;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.From;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What can be said about the text without knowing what is built of it; stages that the target does not need are checked too. */
final class TextChecks {

    private static final Set<String> RESERVED_STAGE_NAMES = Set.of("context", "scratch");

    private final WarningCollector warnings;

    private TextChecks(WarningCollector warnings) {
        this.warnings = warnings;
    }

    static void check(Dockerfile dockerfile, WarningCollector warnings) {
        checkInstructions(dockerfile, warnings);
        TextChecks checks = new TextChecks(warnings);
        checks.checkDuplicateNames(dockerfile);
        checks.checkInstructionCasing(dockerfile);
    }

    /** Checks what can be said of each instruction by itself, whatever comes after it. */
    static void checkInstructions(Dockerfile dockerfile, WarningCollector warnings) {
        TextChecks checks = new TextChecks(warnings);
        dockerfile.globalArguments().forEach(arg -> {
            checks.checkLines(arg.origin());
            checks.checkDescription(arg);
        });
        for (Stage stage : dockerfile.stages()) {
            checks.checkLines(stage.from().origin());
            checks.checkFrom(stage.from());
            for (Instruction instruction : stage.instructions()) {
                checks.checkLines(instruction.origin());
                if (instruction instanceof Maintainer) {
                    warnings.warn(
                            Rule.MAINTAINER_DEPRECATED,
                            instruction.origin(),
                            "Maintainer instruction is deprecated in favor of using label");
                }
                if (instruction instanceof Arg arg) {
                    checks.checkDescription(arg);
                }
            }
        }
    }

    private void checkLines(Origin origin) {
        warnings.warnOfUnknownRules(origin);
        if (origin.emptyContinuationLine() > 0) {
            warnings.warnAtLine(
                    Rule.NO_EMPTY_CONTINUATION, origin, origin.emptyContinuationLine(), "Empty continuation line");
        }
    }

    private void checkFrom(From from) {
        String written = from.writtenName();
        if (written == null || from.as() == null) {
            return;
        }
        String name = written.toLowerCase(Locale.ROOT);
        if (!written.equals(name)) {
            warnings.warn(Rule.STAGE_NAME_CASING, from.origin(), "Stage name '" + written + "' should be lowercase");
        }
        String keyword = from.origin().keyword();
        boolean lower = isLower(keyword) && !isLower(from.as());
        boolean upper = isUpper(keyword) && !isUpper(from.as());
        if (lower || upper) {
            warnings.warn(
                    Rule.FROM_AS_CASING,
                    from.origin(),
                    "'" + from.as() + "' and '" + keyword + "' keywords' casing do not match");
        }
        if (RESERVED_STAGE_NAMES.contains(name)) {
            warnings.warn(
                    Rule.RESERVED_STAGE_NAME,
                    from.origin(),
                    "Stage name should not use the same name as reserved stage \"" + name + "\"");
        }
        checkDescription("FROM", List.of(name), from.origin());
    }

    private void checkDescription(Arg arg) {
        List<String> names =
                arg.declarations().stream().map(Arg.Declaration::name).toList();
        checkDescription("ARG", names, arg.origin());
    }

    private void checkDescription(String instruction, List<String> names, Origin origin) {
        List<String> comments = origin.comments().stream()
                .filter(comment -> !comment.isEmpty() && !WarningCollector.isOptions(comment))
                .toList();
        if (comments.isEmpty() || names.contains(comments.getLast().split(" ", 2)[0])) {
            return;
        }
        String example = names.size() == 1 ? names.getFirst() : "<arg_key>";
        warnings.warn(
                Rule.INVALID_DEFINITION_DESCRIPTION,
                origin,
                "Comment for " + instruction + " should follow the format: `# " + example + " <description>`");
    }

    private void checkDuplicateNames(Dockerfile dockerfile) {
        Set<String> seen = new HashSet<>();
        for (Stage stage : dockerfile.stages()) {
            String name = stage.name();
            if (name != null && !seen.add(name)) {
                warnings.warn(
                        Rule.DUPLICATE_STAGE_NAME,
                        stage.from().origin(),
                        "Duplicate stage name \"" + name + "\", stage names should be unique");
            }
        }
    }

    private void checkInstructionCasing(Dockerfile dockerfile) {
        List<Origin> origins = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            origins.add(stage.from().origin());
            stage.instructions().forEach(instruction -> origins.add(instruction.origin()));
        }
        long lower =
                origins.stream().filter(origin -> isLower(origin.keyword())).count();
        long upper =
                origins.stream().filter(origin -> isUpper(origin.keyword())).count();
        boolean mostlyLower = lower > upper;
        for (Origin origin : origins) {
            boolean right = mostlyLower ? isLower(origin.keyword()) : isUpper(origin.keyword());
            if (!right) {
                warnings.warn(
                        Rule.CONSISTENT_INSTRUCTION_CASING,
                        origin,
                        "Command '" + origin.keyword() + "' should match the case of the command majority ("
                                + (mostlyLower ? "lowercase" : "uppercase") + ")");
            }
        }
    }

    private static boolean isLower(String word) {
        return word.equals(word.toLowerCase(Locale.ROOT));
    }

    private static boolean isUpper(String word) {
        return word.equals(word.toUpperCase(Locale.ROOT));
    }
}
