package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Index;
import io.slipway.image.Platform;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses an index's manifest for a platform. */
final class PlatformChoice {
    /** ARM processors run what was made for older ones (the order that Docker and containerd try them in). */
    private static final List<String> ARM_VARIANTS = List.of("v8", "v7", "v6", "v5");

    private PlatformChoice() {}

    /** The manifest for the platform: its very variant, else the best one that runs there; null if there is none. */
    static @Nullable Descriptor choose(Index index, Platform wanted) {
        Platform normal = normal(wanted);
        Descriptor best = null;
        int bestRank = Integer.MAX_VALUE;
        for (Descriptor candidate : index.manifests()) {
            if (candidate.platform() != null) {
                int rank = rank(normal(candidate.platform()), normal);
                if (rank < bestRank) {
                    best = candidate;
                    bestRank = rank;
                }
            }
        }
        if (best == null
                && index.manifests().size() == 1
                && index.manifests().getFirst().platform() == null) {
            return index.manifests().getFirst(); // whoever reads its config will see what it runs on
        }
        return best;
    }

    /** The platforms of an index, for an error message. */
    static String list(Index index) {
        String platforms = index.manifests().stream()
                .map(Descriptor::platform)
                .filter(Objects::nonNull)
                .map(Platform::toString)
                .filter(platform -> !platform.startsWith("unknown/"))
                .distinct()
                .collect(Collectors.joining(", "));
        return platforms.isEmpty() ? "none" : platforms;
    }

    private static int rank(Platform offered, Platform wanted) {
        if (!offered.os().equals(wanted.os()) || !offered.architecture().equals(wanted.architecture())) {
            return Integer.MAX_VALUE;
        }
        if (Objects.equals(offered.variant(), wanted.variant())) {
            return 0;
        }
        return switch (wanted.architecture()) {
            case "arm" -> {
                int want = ARM_VARIANTS.indexOf(wanted.variant());
                int offer = ARM_VARIANTS.indexOf(offered.variant());
                yield want >= 0 && offer > want ? offer - want : Integer.MAX_VALUE;
            }
            case "amd64" -> amd64Rank(offered.variant(), wanted.variant());
            default -> offered.variant() == null ? 1 : Integer.MAX_VALUE;
        };
    }

    /** The levels of amd64, v1 (no variant) to v4, each run what was made for the lower ones. */
    private static int amd64Rank(@Nullable String offered, @Nullable String wanted) {
        int rank = level(wanted) - level(offered);
        return rank >= 0 ? rank : Integer.MAX_VALUE;
    }

    private static int level(@Nullable String variant) {
        return variant == null ? 1 : variant.matches("v[1-9]") ? variant.charAt(1) - '0' : Integer.MAX_VALUE / 2;
    }

    private static Platform normal(Platform platform) {
        String text = platform.toString();
        boolean whole =
                !platform.os().isBlank() && !platform.architecture().isBlank() && text.split("/", -1).length <= 3;
        return whole && !text.endsWith("/") ? Platform.parse(text) : platform;
    }
}
