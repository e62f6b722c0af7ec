package io.slipway.api.registry;

import io.slipway.api.HomeId;
import io.slipway.api.access.Caller;
import io.slipway.api.registry.RegistryException.Code;
import io.slipway.db.access.Role;
import io.slipway.db.access.Scope;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.Builds;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Finds the images of builds. Thread-safe. */
@Component
final class BuiltImages {
    private final Builds builds;
    private final ContentStore store;
    private final HomeId home;

    BuiltImages(Builds builds, ContentStore store, HomeId home) {
        this.builds = builds;
        this.store = store;
        this.home = home;
    }

    /**
     * The build, with an image, behind the repository {@code project/id}.
     *
     * @throws RegistryException NAME_UNKNOWN if there is none that the caller may see
     */
    Build build(Caller caller, String project, String id) {
        Build build = BuildId.parse(id)
                .filter(_ -> caller.may(project, Role.VIEWER))
                .flatMap(known -> builds.find(known, Scope.of(project)))
                .orElseThrow(() -> new RegistryException(
                        HttpStatus.NOT_FOUND, Code.NAME_UNKNOWN, "there is no build " + id + " in project " + project));
        if (build.result() == null) {
            throw new RegistryException(
                    HttpStatus.NOT_FOUND,
                    Code.NAME_UNKNOWN,
                    "the build " + id + " has no image: it is " + build.state().wireName());
        }
        return build;
    }

    /** The content of a build's image. */
    BuiltImage image(Build build) throws IOException {
        BuildResult result = Objects.requireNonNull(build.result());
        if (build.imageRemovedAt() != null) {
            throw new RegistryException(
                    HttpStatus.NOT_FOUND,
                    Code.MANIFEST_UNKNOWN,
                    "the image of build " + build.id() + " was removed at " + build.imageRemovedAt()
                            + "; build it again");
        }
        try {
            return BuiltImage.read(store, Digest.parse(result.digest()), result.mediaType());
        } catch (NoSuchFileException e) {
            throw new RegistryException(
                    HttpStatus.NOT_FOUND,
                    Code.MANIFEST_UNKNOWN,
                    "the image of build " + build.id()
                            + (build.isAt(home.value())
                                    ? " is not in the content store any more"
                                    : " is at the service of this database that has built it, and not here"));
        }
    }

    /** The tags of a build's repository: {@code latest}, and those that it was built under. */
    static List<String> tags(Build build) {
        TreeSet<String> tags = new TreeSet<>();
        tags.add(ImageReference.DEFAULT_TAG);
        for (String name : build.tags()) {
            String tag = ImageReference.parse(name).tag();
            if (tag != null) {
                tags.add(tag);
            }
        }
        return List.copyOf(tags);
    }
}
