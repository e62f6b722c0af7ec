package io.slipway.worker.cli;

import io.slipway.image.ImageReference;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.InvalidCacheException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The values of {@code --cache-from} and {@code --cache-to}, as other builders have them. */
final class CacheOption {
    private CacheOption() {}

    /** @throws ParameterException if one is not written so */
    static List<CacheSource> sources(CommandLine command, List<String> options) {
        return options.stream()
                .map(option -> {
                    try {
                        CacheSource source = CacheSource.parse(option);
                        return new CacheSource(source.kind(), place(source.kind(), source.place()));
                    } catch (IllegalArgumentException e) {
                        throw wrong(command, "--cache-from " + option, e);
                    }
                })
                .toList();
    }

    /** @throws ParameterException if one is not written so */
    static List<CacheTarget> targets(CommandLine command, List<String> options) {
        return options.stream()
                .map(option -> {
                    try {
                        CacheTarget target = CacheTarget.parse(option);
                        String place = target.place();
                        if (place != null
                                && target.kind() == CacheKind.REGISTRY
                                && ImageReference.parse(place).digest() != null) {
                            throw new IllegalArgumentException("leave out the digest, which only a finished cache has");
                        }
                        return new CacheTarget(
                                target.kind(),
                                place == null ? null : place(target.kind(), place),
                                target.all(),
                                target.mounts(),
                                target.required());
                    } catch (IllegalArgumentException e) {
                        throw wrong(command, "--cache-to " + option, e);
                    }
                })
                .toList();
    }

    /** @throws ParameterException if a cache would be written where the image, or another cache, is */
    static void requireApart(CommandLine command, List<String> options, List<String> tags) {
        ImageReference clash = ImageReference.clash(
                targets(command, options).stream()
                        .filter(target -> target.kind() == CacheKind.REGISTRY)
                        .map(target -> ImageReference.parse(Objects.requireNonNull(target.place())))
                        .toList(),
                tags.stream().map(ImageReference::parse).toList());
        if (clash != null) {
            throw new ParameterException(
                    command,
                    "--cache-to " + clash.familiarName()
                            + " is the name of the image, or of another cache (give the cache another tag, or write type=inline)");
        }
    }

    private static String place(CacheKind kind, String place) {
        return switch (kind) {
            case LOCAL -> Path.of(place).toAbsolutePath().normalize().toString();
            case REGISTRY, INLINE -> {
                var _ = ImageReference.parse(place);
                yield place;
            }
        };
    }

    private static ParameterException wrong(CommandLine command, String option, IllegalArgumentException e) {
        @Nullable String hint = e instanceof InvalidCacheException invalid ? invalid.hint() : null;
        return new ParameterException(
                command, option + ": " + e.getMessage() + (hint == null ? "" : " (" + hint + ")"), e);
    }
}
