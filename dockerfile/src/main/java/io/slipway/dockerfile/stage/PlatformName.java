package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A platform as FROM and the build arguments name it: {@code os[(version)]/architecture[/variant]}, in the words that containerd's platforms
 * package settles on.
 *
 * @param variant empty if there is none
 * @param osVersion empty if there is none
 */
public record PlatformName(String os, String architecture, String variant, String osVersion) {

    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Pattern OS = Pattern.compile("([A-Za-z0-9_-]+)(?:\\(([A-Za-z0-9_.%-]*)\\))?");
    private static final Set<String> SYSTEMS = Set.of(
            "aix",
            "android",
            "darwin",
            "dragonfly",
            "freebsd",
            "hurd",
            "illumos",
            "ios",
            "js",
            "linux",
            "nacl",
            "netbsd",
            "openbsd",
            "plan9",
            "solaris",
            "windows",
            "zos");
    private static final Set<String> ARCHITECTURES = Set.of(
            "386",
            "amd64",
            "amd64p32",
            "arm",
            "armbe",
            "arm64",
            "arm64be",
            "ppc64",
            "ppc64le",
            "loong64",
            "mips",
            "mipsle",
            "mips64",
            "mips64le",
            "mips64p32",
            "mips64p32le",
            "ppc",
            "riscv",
            "riscv64",
            "s390",
            "s390x",
            "sparc",
            "sparc64",
            "wasm");

    /**
     * Parses a platform; aliases such as {@code x86_64} become the usual word. An architecture alone means linux, a system alone this machine's
     * architecture.
     *
     * @throws InvalidValueException if {@code text} is no platform
     */
    public static PlatformName parse(String text) {
        String[] parts = text.split("/", -1);
        Matcher os = OS.matcher(parts[0]);
        boolean wellFormed = parts.length <= 3 && os.matches();
        for (int i = 1; i < parts.length; i++) {
            wellFormed &= PART.matcher(parts[i]).matches();
        }
        if (!wellFormed) {
            throw refusal(text);
        }
        if (parts.length == 1 && SYSTEMS.contains(system(os.group(1)))) {
            String version = os.group(2) == null ? "" : os.group(2);
            return normal(system(os.group(1)), System.getProperty("os.arch"), "", version);
        }
        if (parts.length == 1) {
            PlatformName alone = normal("linux", parts[0], "", "");
            if (!ARCHITECTURES.contains(alone.architecture)) {
                throw refusal(text);
            }
            return alone;
        }
        String version = os.group(2) == null ? "" : os.group(2);
        PlatformName platform = normal(system(os.group(1)), parts[1], parts.length == 3 ? parts[2] : "", version);
        if (parts.length == 2 && !SYSTEMS.contains(platform.os) && !ARCHITECTURES.contains(platform.architecture)) {
            throw refusal(text);
        }
        return platform;
    }

    /** {@code os/architecture[/variant]}, with the version of the system after it in parentheses if there is one. */
    @Override
    public String toString() {
        String system = osVersion.isEmpty() ? os : os + "(" + osVersion + ")";
        return system + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }

    private static String system(String os) {
        String lower = os.toLowerCase(Locale.ROOT);
        return lower.equals("macos") ? "darwin" : lower;
    }

    private static PlatformName normal(String os, String architecture, String variant, String osVersion) {
        String arch = architecture.toLowerCase(Locale.ROOT);
        String kind = variant.toLowerCase(Locale.ROOT);
        return switch (arch) {
            case "i386", "i486", "i586", "i686" -> new PlatformName(os, "386", "", osVersion);
            case "x86_64", "x86-64", "amd64" -> new PlatformName(os, "amd64", kind.equals("v1") ? "" : kind, osVersion);
            case "aarch64", "arm64" -> {
                boolean standard = kind.equals("8") || kind.equals("v8");
                yield new PlatformName(os, "arm64", standard ? "" : kind, osVersion);
            }
            case "armhf" -> new PlatformName(os, "arm", "v7", osVersion);
            case "armel" -> new PlatformName(os, "arm", "v6", osVersion);
            case "arm" -> {
                String numbered = kind.matches("[5-8]") ? "v" + kind : kind;
                yield new PlatformName(os, "arm", numbered.isEmpty() ? "v7" : numbered, osVersion);
            }
            default -> new PlatformName(os, arch, kind, osVersion);
        };
    }

    private static InvalidValueException refusal(String text) {
        return new InvalidValueException(
                "\"" + text + "\" is not a platform",
                "write OS/ARCHITECTURE, such as linux/amd64 or linux/arm/v7",
                text);
    }
}
