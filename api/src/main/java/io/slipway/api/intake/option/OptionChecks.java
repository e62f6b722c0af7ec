package io.slipway.api.intake.option;

import io.slipway.api.secret.ProjectSecrets;
import io.slipway.db.access.Project;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.EpochSource;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.compression.Compression.Algorithm;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.InvalidCacheException;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.SecretPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns values as read into checked {@link BuildOptions}. */
final class OptionChecks {
    private static final Pattern SECRET_ID = Pattern.compile("[A-Za-z0-9._/:-]{1,200}");
    private static final Pattern SCOPE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern KEY = Pattern.compile("\\P{Cc}{1,255}");
    private static final String NOT_A_NAME = "is not an image name:";
    private static final int PRIORITY_RANGE = 100;
    private static final List<String> LAYER_RULES = List.of("instruction", "stage", "flat");
    private static final Duration SHORTEST = Duration.ofMillis(1);

    private final Map<BuildOption, OptionValue> values;
    private final Map<String, RegistryCredentials> header;

    /**
     * @param values the options that were given
     * @param header credentials from the header
     */
    OptionChecks(Map<BuildOption, OptionValue> values, Map<String, RegistryCredentials> header) {
        this.values = values;
        this.header = header;
    }

    /** @throws OptionException for the first option that is wrong */
    BuildOptions checked() {
        List<String> tags = tags();
        ImageFormat format = choice(BuildOption.FORMAT, ImageFormat.class, ImageFormat.OCI);
        LayerCompression compression = choice(BuildOption.COMPRESSION, LayerCompression.class, LayerCompression.GZIP);
        if (format == ImageFormat.DOCKER && compression == LayerCompression.ZSTD) {
            throw refused(
                    BuildOption.COMPRESSION, "compression zstd does not exist in format docker", "use format oci");
        }
        Duration timeout = duration(BuildOption.TIMEOUT, "leave it out for the service's own limit");
        return new BuildOptions(
                project(),
                dockerfile(),
                dockerfileInline(),
                contexts(),
                nonEmpty(BuildOption.TARGET),
                pairs(BuildOption.BUILD_ARG),
                tags,
                pairs(BuildOption.LABEL),
                pairs(BuildOption.ANNOTATION),
                platforms(),
                flag(BuildOption.NO_CACHE, false),
                flag(BuildOption.PULL, false),
                choice(BuildOption.NETWORK, NetworkMode.class, NetworkMode.DEFAULT),
                format,
                compression,
                compressionLevel(compression),
                layers(),
                choice(BuildOption.SECRETS_GUARD, SecretPolicy.class, SecretPolicy.WARN),
                sourceDateEpoch(),
                timeout,
                stepTimeout(timeout),
                push(tags),
                supersedes(),
                priority(),
                flag(BuildOption.PROJECT_CREDENTIALS, true),
                registryAuth(),
                secrets(BuildOption.SECRET),
                projectSecrets(),
                keys(),
                caches(BuildOption.CACHE_FROM, CacheSource::parse, CacheSource::kind, CacheSource::place),
                cacheTargets(tags),
                cacheScope());
    }

    private List<CacheTarget> cacheTargets(List<String> tags) {
        List<CacheTarget> targets =
                caches(BuildOption.CACHE_TO, CacheTarget::parse, CacheTarget::kind, CacheTarget::place);
        ImageReference clash = ImageReference.clash(
                targets.stream()
                        .filter(target -> target.kind() == CacheKind.REGISTRY)
                        .map(target -> ImageReference.parse(Objects.requireNonNull(target.place())))
                        .toList(),
                tags.stream().map(ImageReference::parse).toList());
        if (clash != null) {
            throw refused(
                    BuildOption.CACHE_TO,
                    "cacheTo " + clash.familiarName() + " is the name of the image, or of another cache",
                    "a cache is an artifact of its own: give it another tag, such as "
                            + clash.familiarName().replaceFirst(":[^:/]*$", "") + ":cache, or write type=inline");
        }
        return targets;
    }

    private <C> List<C> caches(
            BuildOption option,
            Function<String, C> parser,
            Function<C, CacheKind> kind,
            Function<C, @Nullable String> place) {
        List<String> texts = values.get(option) instanceof OptionValue.Texts(List<String> given) ? given : List.of();
        if (texts.size() > OptionCounts.CACHES) {
            throw refused(option, "more than " + OptionCounts.CACHES + " of " + option.wireName(), null);
        }
        return texts.stream()
                .map(text -> {
                    C cache;
                    try {
                        cache = parser.apply(text);
                        String name = place.apply(cache);
                        if (kind.apply(cache) == CacheKind.REGISTRY && name != null) {
                            boolean pinned = ImageReference.parse(name).digest() != null;
                            if (pinned && option == BuildOption.CACHE_TO) {
                                throw refused(
                                        option,
                                        "cacheTo " + OptionException.shown(text)
                                                + " has a digest, which only a finished cache has",
                                        "leave out the part from @ on");
                            }
                        }
                    } catch (InvalidCacheException e) {
                        throw refused(
                                option,
                                option.wireName() + " " + OptionException.shown(text) + ": " + e.getMessage(),
                                e.hint());
                    } catch (IllegalArgumentException e) {
                        throw refused(
                                option, option.wireName() + " " + OptionException.shown(text) + ": " + reason(e), null);
                    }
                    if (kind.apply(cache) == CacheKind.LOCAL) {
                        throw refused(
                                option,
                                option.wireName() + " " + OptionException.shown(text)
                                        + " is a directory of the machine that builds, which is for ./dev build only",
                                "use type=registry,ref=REF");
                    }
                    return cache;
                })
                .toList();
    }

    private String project() {
        String project = text(BuildOption.PROJECT);
        if (project == null) {
            return BuildOptions.DEFAULT_PROJECT;
        }
        if (!Project.canBeNamed(project)) {
            throw refused(
                    BuildOption.PROJECT,
                    "project " + OptionException.shown(project) + " is not a project's name",
                    "lower-case letters and digits, joined by single . _ or -");
        }
        return project;
    }

    private @Nullable String dockerfile() {
        String path = nonEmpty(BuildOption.DOCKERFILE);
        if (path == null) {
            return null;
        }
        StringBuilder clean = new StringBuilder();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                throw refused(
                        BuildOption.DOCKERFILE,
                        "dockerfile " + OptionException.shown(path) + " leaves the context",
                        "name a file inside the context");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                clean.append(clean.isEmpty() ? "" : "/").append(part);
            }
        }
        if (clean.isEmpty()) {
            throw refused(BuildOption.DOCKERFILE, "dockerfile " + OptionException.shown(path) + " names no file", null);
        }
        return clean.toString();
    }

    /** Its length is checked where the Dockerfile is read, as if it were in the context. */
    private @Nullable String dockerfileInline() {
        if (!(values.get(BuildOption.DOCKERFILE_INLINE) instanceof OptionValue.Text(String text))) {
            return null;
        }
        if (values.containsKey(BuildOption.DOCKERFILE)) {
            throw refused(
                    BuildOption.DOCKERFILE_INLINE, "dockerfile and dockerfileInline are both given", "use one of them");
        }
        return text;
    }

    private Map<String, NamedSource> contexts() {
        Map<String, NamedSource> given =
                values.get(BuildOption.BUILD_CONTEXT) instanceof OptionValue.Contexts(Map<String, NamedSource> sources)
                        ? sources
                        : Map.of();
        if (given.size() > ContextNames.MOST) {
            throw refused(BuildOption.BUILD_CONTEXT, "more than " + ContextNames.MOST + " of buildContext", null);
        }
        Map<String, NamedSource> contexts = new LinkedHashMap<>();
        given.forEach((name, source) -> {
            if (contexts.put(ContextNames.shortForm(name), source) != null) {
                throw refused(
                        BuildOption.BUILD_CONTEXT,
                        "buildContext " + OptionException.shown(name) + " is given more than once",
                        "alpine, alpine:latest and docker.io/library/alpine are one name");
            }
        });
        return contexts;
    }

    private List<String> tags() {
        List<String> tags =
                values.get(BuildOption.TAG) instanceof OptionValue.Texts(List<String> texts) ? texts : List.of();
        if (tags.size() > OptionCounts.TAGS) {
            throw refused(BuildOption.TAG, "more than " + OptionCounts.TAGS + " tags", null);
        }
        for (String tag : tags) {
            try {
                if (ImageReference.parse(tag).digest() != null) {
                    throw refused(
                            BuildOption.TAG,
                            "tag " + OptionException.shown(tag) + " has a digest, which only a finished build has",
                            "leave out the part from @ on");
                }
            } catch (IllegalArgumentException e) {
                throw refused(BuildOption.TAG, "tag " + OptionException.shown(tag) + ": " + reason(e), null);
            }
        }
        return tags.stream().distinct().toList();
    }

    /** What is wrong, without the name, which may be long and is said already. */
    private static String reason(IllegalArgumentException e) {
        String message = String.valueOf(e.getMessage());
        int reason = message.lastIndexOf(NOT_A_NAME);
        return reason < 0 ? message : "it " + message.substring(reason);
    }

    private List<String> platforms() {
        List<String> given =
                values.get(BuildOption.PLATFORM) instanceof OptionValue.Texts(List<String> texts) ? texts : List.of();
        Set<String> platforms = new LinkedHashSet<>();
        for (String texts : given) {
            for (String text : texts.split(",", -1)) {
                if (!platforms.add(platform(text).toString())) {
                    throw refused(
                            BuildOption.PLATFORM, "platform " + OptionException.shown(text) + " is given twice", null);
                }
            }
        }
        if (platforms.size() > OptionCounts.PLATFORMS) {
            throw refused(BuildOption.PLATFORM, "more than " + OptionCounts.PLATFORMS + " platforms", null);
        }
        return List.copyOf(platforms);
    }

    private static Platform platform(String text) {
        Platform platform;
        try {
            platform = Platform.parse(PlatformName.parse(text.strip()).toString());
        } catch (IllegalArgumentException | InvalidValueException e) {
            throw refused(
                    BuildOption.PLATFORM,
                    "platform is not one: " + OptionException.shown(text),
                    "write os/architecture[/variant], such as " + Platform.local());
        }
        if (!platform.os().equals(Platform.local().os())) {
            throw refused(
                    BuildOption.PLATFORM,
                    "platform " + OptionException.shown(text) + " cannot be built here: the workers run "
                            + Platform.local().os(),
                    "build for " + Platform.local());
        }
        return platform;
    }

    private @Nullable Integer compressionLevel(LayerCompression compression) {
        Long level = integer(BuildOption.COMPRESSION_LEVEL);
        if (level == null) {
            return null;
        }
        Algorithm algorithm = switch (compression) {
            case GZIP -> Algorithm.GZIP;
            case ZSTD -> Algorithm.ZSTD;
            case NONE ->
                throw refused(
                        BuildOption.COMPRESSION_LEVEL, "compressionLevel means nothing without compression", null);
        };
        return (int) within(BuildOption.COMPRESSION_LEVEL, level, algorithm.leastLevel(), algorithm.mostLevel());
    }

    private LayerRule layers() {
        List<String> words = values.get(BuildOption.LAYERS) instanceof OptionValue.Texts(List<String> texts)
                ? texts.stream()
                        .flatMap(text -> Arrays.stream(text.split(",", -1)))
                        .toList()
                : List.of();
        if (words.size() > OptionCounts.COMMIT_POINTS) {
            throw refused(BuildOption.LAYERS, "layers names more than " + OptionCounts.COMMIT_POINTS + " steps", null);
        }
        if (words.size() == 1 && !words.getFirst().contains(".") && !LAYER_RULES.contains(words.getFirst())) {
            OptionException unknown = OptionException.unknown("value of layers:", words.getFirst(), LAYER_RULES);
            throw refused(
                    BuildOption.LAYERS,
                    String.valueOf(unknown.getMessage()),
                    (unknown.hint() == null ? "" : unknown.hint() + "; ")
                            + "names of steps are written so: build.2,final.5");
        }
        try {
            return LayerRule.of(words);
        } catch (IllegalArgumentException e) {
            throw refused(
                    BuildOption.LAYERS,
                    OptionException.shown(String.valueOf(e.getMessage())),
                    "write instruction, stage, flat, or names of steps such as build.2,final.5");
        }
    }

    private @Nullable String sourceDateEpoch() {
        BuildOption option = BuildOption.SOURCE_DATE_EPOCH;
        String text = text(option);
        if (text == null || text.equals(EpochSource.CONTEXT)) {
            return text;
        }
        if (!text.matches("[+-]?[0-9]+")) {
            throw refused(
                    option,
                    option.wireName() + " " + OptionException.shown(text) + " is neither a whole number nor context",
                    "write seconds since 1970, or context for the time of the commit or file that the context comes from");
        }
        Long seconds = integer(option);
        return seconds == null ? null : Long.toString(within(option, seconds, 0, EpochSource.LATEST));
    }

    private @Nullable Duration stepTimeout(@Nullable Duration timeout) {
        Duration stepTimeout = duration(BuildOption.STEP_TIMEOUT, "leave it out for none but the build's own limit");
        if (stepTimeout != null && timeout != null && stepTimeout.compareTo(timeout) > 0) {
            throw refused(
                    BuildOption.STEP_TIMEOUT,
                    "stepTimeout is longer than timeout, the limit of the whole build, and would never count",
                    null);
        }
        return stepTimeout;
    }

    private @Nullable Duration duration(BuildOption option, String otherwise) {
        String text = text(option);
        if (text == null) {
            return null;
        }
        Duration duration = GoDuration.parse(text)
                .orElseThrow(() -> refused(
                        option,
                        option.wireName() + " " + OptionException.shown(text) + " is not a duration",
                        "write seconds, or a duration such as 90s or 1h30m"));
        if (duration.compareTo(SHORTEST) < 0) {
            throw refused(
                    option,
                    option.wireName() + " " + OptionException.shown(text) + " is shorter than a millisecond",
                    otherwise);
        }
        return duration;
    }

    private boolean push(List<String> tags) {
        boolean push = flag(BuildOption.PUSH, !tags.isEmpty());
        if (push && tags.isEmpty()) {
            throw refused(BuildOption.PUSH, "push needs a tag that says where to", "add tag=registry.example/name:1");
        }
        return push;
    }

    private @Nullable String supersedes() {
        String key = nonEmpty(BuildOption.SUPERSEDES);
        if (key != null && !KEY.matcher(key).matches()) {
            throw refused(
                    BuildOption.SUPERSEDES,
                    "supersedes " + OptionException.shown(key) + " is no key",
                    "1 to 255 characters without control characters, such as the name of a branch");
        }
        return key;
    }

    private @Nullable String cacheScope() {
        String scope = nonEmpty(BuildOption.CACHE_SCOPE);
        if (scope != null && !SCOPE.matcher(scope).matches()) {
            throw refused(
                    BuildOption.CACHE_SCOPE,
                    "cacheScope " + OptionException.shown(scope) + " is no name of a scope",
                    "1 to 100 letters, digits, dots, dashes and underscores, and a letter or a digit first");
        }
        return scope;
    }

    private int priority() {
        Long priority = integer(BuildOption.PRIORITY);
        return priority == null ? 0 : (int) within(BuildOption.PRIORITY, priority, -PRIORITY_RANGE, PRIORITY_RANGE);
    }

    private Map<String, RegistryCredentials> registryAuth() {
        Map<String, RegistryCredentials> given = values.get(BuildOption.REGISTRY_AUTH)
                        instanceof OptionValue.Credentials(Map<String, RegistryCredentials> hosts)
                ? hosts
                : Map.of();
        if (!given.isEmpty() && !header.isEmpty()) {
            throw refused(
                    BuildOption.REGISTRY_AUTH,
                    "registryAuth and the header " + RegistryConfigHeader.NAME + " both have credentials",
                    "use one of them");
        }
        Map<String, RegistryCredentials> auth = new LinkedHashMap<>();
        (given.isEmpty() ? header : given).forEach((host, credentials) -> auth.put(host(host), credentials));
        return auth;
    }

    private Map<String, byte[]> secrets(BuildOption option) {
        Map<String, byte[]> secrets =
                values.get(option) instanceof OptionValue.Secrets(Map<String, byte[]> given, Map<String, String> _)
                        ? given
                        : Map.of();
        requireIds(option, secrets.keySet());
        secrets.forEach((id, value) -> {
            if (value.length > ProjectSecrets.MOST_BYTES) {
                throw refused(
                        option,
                        option.wireName() + " " + id + " is larger than " + ProjectSecrets.MOST_BYTES + " bytes",
                        "that is the limit of other builders, too");
            }
        });
        return secrets;
    }

    private Map<String, String> projectSecrets() {
        Map<String, String> names = values.get(BuildOption.SECRET)
                        instanceof OptionValue.Secrets(Map<String, byte[]> _, Map<String, String> given)
                ? given
                : Map.of();
        requireIds(BuildOption.SECRET, names.keySet());
        return names;
    }

    private static void requireIds(BuildOption option, Set<String> ids) {
        if (ids.size() > OptionCounts.SECRETS) {
            throw refused(option, "more than " + OptionCounts.SECRETS + " of " + option.wireName(), null);
        }
        for (String id : ids) {
            if (!SECRET_ID.matcher(id).matches()) {
                throw refused(
                        option,
                        option.wireName() + " " + OptionException.shown(id) + " is not a secret's id",
                        "letters, digits, and . _ - /; at most 200 characters");
            }
        }
    }

    /** Private keys for SSH. Whether they are any is found out where they are used. */
    private Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        secrets(BuildOption.SSH).forEach((id, value) -> {
            String key = new String(value, StandardCharsets.UTF_8);
            if (!key.contains("-----BEGIN")) {
                throw refused(
                        BuildOption.SSH,
                        "ssh " + id + " is no private key",
                        "give the text of a key file without a passphrase: it has a line -----BEGIN …-----");
            }
            keys.put(id, key);
        });
        return keys;
    }

    /** Docker's clients write {@code https://index.docker.io/v1/} for docker.io, and some write other hosts as URLs, too. */
    private static String host(String written) {
        String host =
                written.replaceFirst("^https?://", "").replaceFirst("/.*$", "").toLowerCase(Locale.ROOT);
        if (host.isEmpty()) {
            throw refused(
                    BuildOption.REGISTRY_AUTH,
                    "registryAuth: " + OptionException.shown(written) + " is not a registry host",
                    "write host or host:port");
        }
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? "docker.io" : host;
    }

    private Map<String, String> pairs(BuildOption option) {
        Map<String, String> pairs =
                values.get(option) instanceof OptionValue.Pairs(Map<String, String> given) ? given : Map.of();
        if (pairs.size() > OptionCounts.PAIRS) {
            throw refused(option, "more than " + OptionCounts.PAIRS + " of " + option.wireName(), null);
        }
        pairs.forEach((name, value) -> {
            if (name.isEmpty() || name.contains("=") || name.indexOf('\0') >= 0 || value.indexOf('\0') >= 0) {
                throw refused(
                        option,
                        option.wireName() + " has an impossible name or value: " + OptionException.shown(name),
                        "names are not empty and have no =; neither has a zero byte");
            }
            if (name.length() + value.length() > OptionCounts.CHARACTERS) {
                throw refused(option, option.wireName() + " " + OptionException.shown(name) + " is too long", null);
            }
        });
        return pairs;
    }

    private boolean flag(BuildOption option, boolean otherwise) {
        String text = text(option);
        if (text == null) {
            return otherwise;
        }
        return switch (text) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw refused(option, option.wireName() + " must be true or false", null);
        };
    }

    private <E extends Enum<E>> E choice(BuildOption option, Class<E> type, E otherwise) {
        String text = text(option);
        if (text == null) {
            return otherwise;
        }
        if (!option.choices().contains(text)) {
            OptionException unknown =
                    OptionException.unknown("value of " + option.wireName() + ":", text, option.choices());
            throw refused(option, String.valueOf(unknown.getMessage()), unknown.hint());
        }
        return Enum.valueOf(type, text.toUpperCase(Locale.ROOT));
    }

    private @Nullable Long integer(BuildOption option) {
        String text = text(option);
        if (text == null) {
            return null;
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw refused(option, option.wireName() + " must be a whole number", null);
        }
    }

    private static long within(BuildOption option, long value, long least, long most) {
        if (value < least || value > most) {
            throw refused(option, option.wireName() + " must be between " + least + " and " + most, null);
        }
        return value;
    }

    private @Nullable String nonEmpty(BuildOption option) {
        String text = text(option);
        if (text != null && text.isEmpty()) {
            throw refused(option, option.wireName() + " is empty", "leave it out for the default");
        }
        return text;
    }

    private @Nullable String text(BuildOption option) {
        if (!(values.get(option) instanceof OptionValue.Text(String text))) {
            return null;
        }
        if (text.length() > OptionCounts.CHARACTERS || text.indexOf('\0') >= 0) {
            throw refused(option, option.wireName() + " is too long or has a zero byte", null);
        }
        return text;
    }

    private static OptionException refused(BuildOption option, String message, @Nullable String hint) {
        return new OptionException(option.wireName(), message, hint);
    }
}
