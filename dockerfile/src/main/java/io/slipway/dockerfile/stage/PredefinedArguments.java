package io.slipway.dockerfile.stage;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Build arguments that no Dockerfile has to declare, or that have a value without being given (dockerfile.md §6). */
public final class PredefinedArguments {

    private static final List<String> PROXIES =
            List.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY");

    /** Arguments that ARG declares without making them a variable. */
    private static final Set<String> NOT_VARIABLES = Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

    private PredefinedArguments() {}

    /**
     * The arguments of the global scope: {@code TARGETPLATFORM} and its parts, {@code BUILDPLATFORM} and its parts, {@code TARGETSTAGE}.
     *
     * @param target the platform that is built for
     * @param build the platform that builds
     * @param targetStage name of the stage that is built; empty if it has none
     */
    public static Map<String, String> ofGlobalScope(PlatformName target, PlatformName build, String targetStage) {
        Map<String, String> arguments = new TreeMap<>();
        addPlatform("TARGET", target, arguments);
        addPlatform("BUILD", build, arguments);
        arguments.put("TARGETSTAGE", targetStage);
        return Map.copyOf(arguments);
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
