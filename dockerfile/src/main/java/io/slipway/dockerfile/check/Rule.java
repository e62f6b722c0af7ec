package io.slipway.dockerfile.check;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The build checks, by the names that {@code # check=skip=} knows: those of the reference (dockerfile.md §8), and after them our own, for what the
 * reference accepts without a word and nobody can have meant.
 */
public enum Rule {
    STAGE_NAME_CASING("StageNameCasing", "write the stage's name in small letters"),
    FROM_AS_CASING("FromAsCasing", "write FROM and AS in the same case"),
    NO_EMPTY_CONTINUATION("NoEmptyContinuation", "remove the empty lines after the continued line"),
    CONSISTENT_INSTRUCTION_CASING(
            "ConsistentInstructionCasing", "write all instructions in capitals, or all in small letters"),
    DUPLICATE_STAGE_NAME("DuplicateStageName", "give each stage a name of its own"),
    RESERVED_STAGE_NAME("ReservedStageName", "give the stage another name"),
    JSON_ARGS_RECOMMENDED(
            "JSONArgsRecommended", "write the command as a JSON array, such as [\"program\", \"argument\"]"),
    MAINTAINER_DEPRECATED("MaintainerDeprecated", "write LABEL org.opencontainers.image.authors=…"),
    UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom", "declare it with ARG before the first FROM"),
    WORKDIR_RELATIVE_PATH("WorkdirRelativePath", "write a path that starts with /"),
    UNDEFINED_VAR("UndefinedVar", "declare it with ARG or ENV before, or correct its name"),
    MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed", "keep the last one only"),
    LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "write NAME=VALUE"),
    INVALID_BASE_IMAGE_PLATFORM(
            "InvalidBaseImagePlatform", "use an image of the platform that is built for, or set --platform"),
    REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform", "leave --platform out"),
    SECRETS_USED_IN_ARG_OR_ENV(
            "SecretsUsedInArgOrEnv", "use RUN --mount=type=secret: arguments and variables stay in the image"),
    INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom", "give the argument a default that makes a valid name"),
    FROM_PLATFORM_FLAG_CONST_DISALLOWED(
            "FromPlatformFlagConstDisallowed", "use $BUILDPLATFORM or $TARGETPLATFORM, or leave --platform out"),
    COPY_IGNORED_FILE("CopyIgnoredFile", "take the file out of .dockerignore, or do not copy it"),
    EXPOSE_PROTO_CASING("ExposeProtoCasing", "write the protocol in small letters"),
    EXPOSE_INVALID_FORMAT("ExposeInvalidFormat", "name the container's port only"),
    INVALID_DEFINITION_DESCRIPTION(
            Kind.EXPERIMENTAL,
            "InvalidDefinitionDescription",
            "start the comment with the name, or leave an empty line after it"),
    UNKNOWN_OWNER(Kind.OURS, "UnknownOwner", "add the name to the image before this line, or use its number"),
    OVERWRITTEN_SOURCE(
            Kind.OURS, "OverwrittenSource", "end the destination with a slash, or copy the last source only"),
    SOURCE_BEHIND_SYMLINK(
            Kind.OURS, "SourceBehindSymlink", "write the path that the link leads to, or the pivot /./ after the link"),
    ARGUMENT_WITHOUT_EFFECT(Kind.OURS, "ArgumentWithoutEffect", "leave it out"),
    CONTEXT_WITHOUT_EFFECT(
            Kind.OURS, "ContextWithoutEffect", "leave it out, or name it in FROM, COPY --from or RUN --mount"),
    EMPTY_NAME(Kind.OURS, "EmptyName", "give the variable in the name a value"),
    NO_SUCH_SIGNAL(Kind.OURS, "NoSuchSignal", "write a name such as SIGTERM, or a number from 1 to 64"),
    UNKNOWN_RULE(Kind.OURS, "UnknownRule", "correct the name, or leave it out"),
    FLAG_WITHOUT_EFFECT(Kind.OURS, "FlagWithoutEffect", "leave it out"),
    SOURCE_DATE_EPOCH_UNSET(
            Kind.OURS,
            "SourceDateEpochUnset",
            "give seconds since 1970, or what has a time: a commit, a file of an HTTP server"),
    SECRET_IN_LAYER(
            Kind.OURS, "SecretInLayer", "read it from RUN --mount=type=secret, and write it to no file that stays"),
    SECRET_IN_CONFIG(Kind.OURS, "SecretInConfig", "use RUN --mount=type=secret: config and history stay in the image");

    private enum Kind {
        REFERENCE,
        EXPERIMENTAL,
        OURS
    }

    private final Kind kind;
    private final String label;
    private final String hint;

    Rule(String label, String hint) {
        this(Kind.REFERENCE, label, hint);
    }

    Rule(Kind kind, String label, String hint) {
        this.kind = kind;
        this.label = label;
        this.hint = hint;
    }

    /** The rule's name, such as {@code StageNameCasing}. */
    public String label() {
        return label;
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }

    /** Whether the rule fires only if {@code # check=experimental=} names it. */
    public boolean isExperimental() {
        return kind == Kind.EXPERIMENTAL;
    }

    /**
     * Whether the reference does not know the rule. It then never fails a build, whatever {@code # check=error=} says: what the reference builds
     * is built.
     */
    public boolean isOurs() {
        return kind == Kind.OURS;
    }

    /** The names of all rules. */
    static List<String> labels() {
        return Arrays.stream(values()).map(Rule::label).toList();
    }

    /** The rule of this name, if there is one. */
    public static Optional<Rule> of(String label) {
        return Arrays.stream(values()).filter(rule -> rule.label.equals(label)).findFirst();
    }
}
