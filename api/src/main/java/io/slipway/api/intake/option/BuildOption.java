package io.slipway.api.intake.option;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Every option of {@code POST /v1/builds}. The name is the same in a query string and in JSON. {@code openapi.yaml} lists
 * exactly these; a test compares the two.
 */
public enum BuildOption {
    PROJECT("project", OptionKind.TEXT),
    DOCKERFILE("dockerfile", OptionKind.TEXT),
    DOCKERFILE_INLINE("dockerfileInline", OptionKind.TEXT),
    BUILD_CONTEXT("buildContext", OptionKind.CONTEXTS),
    TARGET("target", OptionKind.TEXT),
    BUILD_ARG("buildArg", OptionKind.PAIRS),
    TAG("tag", OptionKind.TEXTS),
    LABEL("label", OptionKind.PAIRS),
    ANNOTATION("annotation", OptionKind.PAIRS),
    PLATFORM("platform", OptionKind.TEXTS),
    CACHE_FROM("cacheFrom", OptionKind.TEXTS),
    CACHE_TO("cacheTo", OptionKind.TEXTS),
    NO_CACHE("noCache", OptionKind.FLAG),
    PULL("pull", OptionKind.FLAG),
    NETWORK("network", OptionKind.CHOICE, "default", "none"),
    FORMAT("format", OptionKind.CHOICE, "oci", "docker"),
    COMPRESSION("compression", OptionKind.CHOICE, "gzip", "zstd", "none"),
    COMPRESSION_LEVEL("compressionLevel", OptionKind.INTEGER),
    LAYERS("layers", OptionKind.TEXTS),
    SECRETS_GUARD("secretsGuard", OptionKind.CHOICE, "warn", "fail", "off"),
    SOURCE_DATE_EPOCH("sourceDateEpoch", OptionKind.TIME),
    TIMEOUT("timeout", OptionKind.DURATION),
    STEP_TIMEOUT("stepTimeout", OptionKind.DURATION),
    PUSH("push", OptionKind.FLAG),
    SUPERSEDES("supersedes", OptionKind.TEXT),
    PRIORITY("priority", OptionKind.INTEGER),
    CACHE_SCOPE("cacheScope", OptionKind.TEXT),
    PROJECT_CREDENTIALS("projectCredentials", OptionKind.FLAG),
    REGISTRY_AUTH("registryAuth", OptionKind.CREDENTIALS),
    SECRET("secret", OptionKind.SECRETS),
    SSH("ssh", OptionKind.KEYS);

    private final String wireName;
    private final OptionKind kind;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of, which the checker can't see
    private final List<String> choices;

    BuildOption(String wireName, OptionKind kind, String... choices) {
        this.wireName = wireName;
        this.kind = kind;
        this.choices = List.of(choices);
    }

    /** The name in query strings and in JSON. */
    public String wireName() {
        return wireName;
    }

    /** The form of its value. */
    public OptionKind kind() {
        return kind;
    }

    /** The words that a {@link OptionKind#CHOICE} can be; empty for other kinds. */
    public List<String> choices() {
        return choices;
    }

    /**
     * The option of that name.
     *
     * @throws OptionException if there is none, with the nearest name as its hint
     */
    static BuildOption named(String name) {
        Optional<BuildOption> option = Arrays.stream(values())
                .filter(candidate -> candidate.wireName.equals(name))
                .findFirst();
        if (option.isPresent()) {
            return option.get();
        }
        List<String> known = new ArrayList<>(names());
        known.add("wait"); // which is no option, but stands beside them
        throw OptionException.unknown("option", name, known);
    }

    /** The names of all options, in the order of the table. */
    public static List<String> names() {
        return Arrays.stream(values()).map(BuildOption::wireName).toList();
    }
}
