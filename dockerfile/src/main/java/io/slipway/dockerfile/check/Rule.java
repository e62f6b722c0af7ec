package io.slipway.dockerfile.check;

import java.util.Arrays;
import java.util.Optional;

/** The build checks, by the names that {@code # check=skip=} knows (dockerfile.md §8). */
public enum Rule {
    STAGE_NAME_CASING("StageNameCasing"),
    FROM_AS_CASING("FromAsCasing"),
    NO_EMPTY_CONTINUATION("NoEmptyContinuation"),
    CONSISTENT_INSTRUCTION_CASING("ConsistentInstructionCasing"),
    DUPLICATE_STAGE_NAME("DuplicateStageName"),
    RESERVED_STAGE_NAME("ReservedStageName"),
    JSON_ARGS_RECOMMENDED("JSONArgsRecommended"),
    MAINTAINER_DEPRECATED("MaintainerDeprecated"),
    UNDEFINED_ARG_IN_FROM("UndefinedArgInFrom"),
    WORKDIR_RELATIVE_PATH("WorkdirRelativePath"),
    UNDEFINED_VAR("UndefinedVar"),
    MULTIPLE_INSTRUCTIONS_DISALLOWED("MultipleInstructionsDisallowed"),
    LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat"),
    INVALID_BASE_IMAGE_PLATFORM("InvalidBaseImagePlatform"),
    REDUNDANT_TARGET_PLATFORM("RedundantTargetPlatform"),
    SECRETS_USED_IN_ARG_OR_ENV("SecretsUsedInArgOrEnv"),
    INVALID_DEFAULT_ARG_IN_FROM("InvalidDefaultArgInFrom"),
    FROM_PLATFORM_FLAG_CONST_DISALLOWED("FromPlatformFlagConstDisallowed"),
    COPY_IGNORED_FILE("CopyIgnoredFile"),
    EXPOSE_PROTO_CASING("ExposeProtoCasing"),
    EXPOSE_INVALID_FORMAT("ExposeInvalidFormat"),
    INVALID_DEFINITION_DESCRIPTION("InvalidDefinitionDescription");

    private final String label;

    Rule(String label) {
        this.label = label;
    }

    /** The rule's name, such as {@code StageNameCasing}. */
    public String label() {
        return label;
    }

    /** Whether the rule fires only if {@code # check=experimental=} names it. */
    public boolean isExperimental() {
        return this == INVALID_DEFINITION_DESCRIPTION;
    }

    /** The rule of this name, if there is one. */
    public static Optional<Rule> of(String label) {
        return Arrays.stream(values()).filter(rule -> rule.label.equals(label)).findFirst();
    }
}
