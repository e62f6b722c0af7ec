package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an image runs on (OCI image specification 1.1, image-index.md, "platform").
 *
 * @param os operating system in Go's words, such as {@code linux}
 * @param architecture processor in Go's words, such as {@code amd64}
 * @param variant variant of the processor such as {@code v7}, or null
 * @param osVersion version of the operating system (Windows), or null
 * @param osFeatures features of the operating system (Windows), or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Platform(
        String os,
        String architecture,
        @Nullable String variant,
        @JsonProperty("os.version") @Nullable String osVersion,
        @JsonProperty("os.features") @Nullable List<String> osFeatures) {

    /** A platform without the Windows parts. */
    public Platform(String os, String architecture, @Nullable String variant) {
        this(os, architecture, variant, null, null);
    }

    /**
     * Parses {@code os/arch[/variant]} with the usual aliases ({@code x86_64}, {@code aarch64}); a bare architecture means linux.
     *
     * @throws IllegalArgumentException if {@code text} has no or more than three parts
     */
    public static Platform parse(String text) {
        String[] parts = text.strip().split("/", -1);
        for (String part : parts) {
            if (part.isEmpty() || parts.length > 3) {
                throw new IllegalArgumentException("not a platform (os/architecture[/variant]): " + text);
            }
        }
        if (parts.length == 1) {
            return normal("linux", parts[0], null);
        }
        return normal(parts[0], parts[1], parts.length == 3 ? parts[2] : null);
    }

    /** The platform of the machine that this runs on. */
    public static Platform local() {
        return normal("linux", System.getProperty("os.arch"), null);
    }

    private static Platform normal(String os, String architecture, @Nullable String variant) {
        return switch (architecture) {
            case "x86_64", "x86-64", "amd64" -> new Platform(os, "amd64", "v1".equals(variant) ? null : variant);
            case "aarch64", "arm64" -> new Platform(os, "arm64", "v8".equals(variant) ? null : variant);
            case "armhf" -> new Platform(os, "arm", "v7");
            case "armel" -> new Platform(os, "arm", "v6");
            case "arm" -> new Platform(os, "arm", variant == null ? "v7" : variant);
            case "i386", "i686" -> new Platform(os, "386", variant);
            default -> new Platform(os, architecture, variant);
        };
    }

    /** {@code os/architecture[/variant]}. */
    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
