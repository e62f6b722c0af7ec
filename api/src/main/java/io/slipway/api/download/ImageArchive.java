package io.slipway.api.download;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The forms in which an image can be downloaded. */
enum ImageArchive {
    /** An OCI image layout in a tar. */
    OCI,
    /** What {@code docker load} reads. */
    DOCKER,
    /** The files that a container of the image sees. */
    ROOTFS;

    /** The form of that name; OCI for null; empty if there is none. */
    static Optional<ImageArchive> named(@Nullable String name) {
        return name == null
                ? Optional.of(OCI)
                : Arrays.stream(values())
                        .filter(archive -> archive.wireName().equals(name))
                        .findFirst();
    }

    /** All names, for people. */
    static String names() {
        return Arrays.stream(values()).map(ImageArchive::wireName).collect(Collectors.joining(", "));
    }

    /** The name in the API. */
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
