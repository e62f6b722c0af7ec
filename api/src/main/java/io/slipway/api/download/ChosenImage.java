package io.slipway.api.download;

import io.slipway.api.HomeId;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildResult;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Index;
import io.slipway.image.Platform;
import io.slipway.image.registry.LocalImage;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** What of a build's result is downloaded: all of it, or one platform's image. */
final class ChosenImage {
    private ChosenImage() {}

    /**
     * The manifest or index to write.
     *
     * @param platform null for all of it, which only an OCI layout can hold if there are several
     * @throws ProblemException if the image is not for that platform, one has to be named, or the image is gone
     */
    static Descriptor of(
            ContentStore store,
            Build build,
            BuildResult result,
            ImageArchive archive,
            @Nullable String platform,
            HomeId home)
            throws IOException {
        Digest digest = Digest.parse(result.digest());
        try {
            Descriptor whole = new Descriptor(result.mediaType(), digest, store.size(digest));
            boolean index = ImageDocuments.isIndex(whole.mediaType());
            if (!index && platform != null) {
                throw refused("The image is for one platform only.", "leave platform out");
            }
            if (!index || (platform == null && archive == ImageArchive.OCI)) {
                return whole;
            }
            Index images = ImageDocuments.readIndex(store.readSmall(digest, ImageDocuments.MAX_MANIFEST_BYTES));
            if (platform == null) {
                throw refused(
                        "The image is for several platforms, and `" + archive.wireName() + "` holds one.",
                        "add platform=, one of " + LocalImage.platforms(images));
            }
            Descriptor chosen = LocalImage.choose(images, parsed(platform));
            if (chosen == null) {
                throw refused(
                        "The image is not for the platform `" + platform + "`.",
                        "it is for " + LocalImage.platforms(images));
            }
            return new Descriptor(chosen.mediaType(), chosen.digest(), chosen.size());
        } catch (NoSuchFileException e) {
            throw gone(build, home);
        }
    }

    /** The store does not have the image, or not any more. */
    static ProblemException gone(Build build, HomeId home) {
        return new ProblemException(
                ProblemType.IMAGE_REMOVED,
                "The image of build " + build.id()
                        + (build.isAt(home.value())
                                ? " is not in the content store any more. Build it again."
                                : " is at the service of this database that has built it, and not here."));
    }

    private static Platform parsed(String platform) {
        try {
            return Platform.parse(platform);
        } catch (IllegalArgumentException e) {
            throw refused("`platform` is `" + platform + "`.", "write os/architecture[/variant]");
        }
    }

    private static ProblemException refused(String detail, String hint) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail)
                .with("parameter", "platform")
                .with("hint", hint);
    }
}
