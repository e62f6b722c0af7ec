package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.source.DockerfileException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Build arguments that no Dockerfile has to declare, or that have a value without being given (dockerfile.md §6). */
public final class PredefinedArguments {

    private static final List<String> PROXIES =
            List.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY");

    /** Arguments that ARG declares without making them a variable. */
    private static final Set<String> NOT_VARIABLES = Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

    /** What {@code TARGETSTAGE} calls a last stage without a name; only the reference's code says so. */
    private static final String UNNAMED_STAGE = "default";

    private static final String MULTI_PLATFORM = "BUILDKIT_MULTI_PLATFORM";
    private static final String HOSTNAME = "BUILDKIT_SANDBOX_HOSTNAME";
    /** That of the reference, since Dockerfiles in use depend on it. */
    private static final String DEFAULT_HOSTNAME = "buildkitsandbox";

    /** Names as the kernel takes them (sethostname(2): 64 bytes), of the letters that /etc/hosts may hold. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");

    private static final Pattern OF_PLATFORMS =
            Pattern.compile("(TARGET|BUILD)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)|TARGETSTAGE");

    private PredefinedArguments() {}

    /**
     * Whether the image is to be an index also if it is for one platform only ({@code BUILDKIT_MULTI_PLATFORM}).
     *
     * @throws DockerfileException if the argument is neither true nor false
     */
    public static boolean isMultiPlatform(Map<String, String> buildArguments) {
        String value = buildArguments.getOrDefault(MULTI_PLATFORM, "");
        return switch (value) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "", "0", "f", "F", "FALSE", "false", "False" -> false;
            default ->
                throw DockerfileException.nowhere(
                        MULTI_PLATFORM + "=" + value + " is neither true nor false", "write 1, or leave it out");
        };
    }

    /**
     * The name of the machine that a RUN finds itself on ({@code BUILDKIT_SANDBOX_HOSTNAME}).
     *
     * @throws DockerfileException if no machine can have the name that is asked for
     */
    public static String hostname(Map<String, String> buildArguments) {
        String name = buildArguments.getOrDefault(HOSTNAME, "");
        if (name.isEmpty()) {
            return DEFAULT_HOSTNAME;
        }
        if (!HOST.matcher(name).matches()) {
            throw DockerfileException.nowhere(
                    HOSTNAME + "=" + name + " is not the name of a machine",
                    "it has 64 letters, digits, dots and hyphens at most");
        }
        return name;
    }

    /** The given arguments that tell the reference to attach something to the image, which is not done here. */
    public static List<String> withoutEffect(Map<String, String> buildArguments) {
        return buildArguments.keySet().stream()
                .filter(name -> name.equals("BUILDKIT_INLINE_CACHE") || name.startsWith("BUILDKIT_ATTEST_"))
                .sorted()
                .toList();
    }

    /** Whether an argument of this name means something without being declared. */
    public static boolean isPredefined(String name) {
        return name.startsWith("BUILDKIT_")
                || name.equals(EpochSource.ARGUMENT)
                || isProxy(name)
                || OF_PLATFORMS.matcher(name).matches();
    }

    /**
     * The arguments of the global scope: {@code TARGETPLATFORM} and its parts, {@code BUILDPLATFORM} and its parts, {@code TARGETSTAGE}.
     *
     * @param target the platform that is built for
     * @param build the platform that builds
     * @param dockerfile gives the stage that is built unless another is asked for
     * @param stage the stage that is asked for, as its user wrote it; null or empty for the last
     */
    public static Map<String, String> ofGlobalScope(
            PlatformName target, PlatformName build, Dockerfile dockerfile, @Nullable String stage) {
        Map<String, String> arguments = new TreeMap<>();
        addPlatform("TARGET", target, arguments);
        addPlatform("BUILD", build, arguments);
        arguments.put("TARGETSTAGE", stage == null || stage.isEmpty() ? lastStage(dockerfile) : stage);
        return Map.copyOf(arguments);
    }

    private static String lastStage(Dockerfile dockerfile) {
        String name = dockerfile.stages().getLast().name();
        return name == null ? UNNAMED_STAGE : name;
    }

    /**
     * The proxy settings among the build arguments: variables of every RUN that are in no history and no cache key. Each is there in capitals and
     * in small letters, whichever was given.
     */
    public static Map<String, String> proxies(Map<String, String> buildArguments) {
        Map<String, String> proxies = new TreeMap<>();
        for (String name : PROXIES) {
            String lower = name.toLowerCase(Locale.ROOT);
            String upperValue = buildArguments.get(name);
            String value = upperValue != null ? upperValue : buildArguments.get(lower);
            if (value != null) {
                proxies.put(name, value);
                proxies.put(lower, buildArguments.getOrDefault(lower, value));
            }
        }
        return Map.copyOf(proxies);
    }

    /** Whether {@code name} is a proxy setting, in any case. */
    public static boolean isProxy(String name) {
        return PROXIES.contains(name.toUpperCase(Locale.ROOT));
    }

    /** Whether a declared argument of this name becomes a variable. */
    static boolean isVariable(String name) {
        return !NOT_VARIABLES.contains(name);
    }

    private static void addPlatform(String prefix, PlatformName platform, Map<String, String> arguments) {
        arguments.put(prefix + "PLATFORM", platform.toString());
        arguments.put(prefix + "OS", platform.os());
        arguments.put(prefix + "OSVERSION", platform.osVersion());
        arguments.put(prefix + "ARCH", platform.architecture());
        arguments.put(prefix + "VARIANT", platform.variant());
    }
}
