package io.slipway.api.download;

import io.slipway.api.HomeId;
import io.slipway.api.build.BuildAccess;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.registry.BaseLayers;
import io.slipway.db.access.Role;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildResult;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.export.DockerArchive;
import io.slipway.image.export.OciLayoutTar;
import io.slipway.image.export.RootfsTar;
import io.slipway.image.registry.RegistryException;
import io.slipway.image.store.ContentStore;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /v1/builds/{id}/image}: streamed from the content store, so memory does not grow with the image. */
@RestController
final class DownloadController {
    private static final KnownParameters KNOWN = KnownParameters.of("format", "platform");

    private final BuildAccess access;
    private final ContentStore store;
    private final BaseLayers bases;
    private final HomeId home;

    DownloadController(BuildAccess access, ContentStore store, BaseLayers bases, HomeId home) {
        this.access = access;
        this.store = store;
        this.bases = bases;
        this.home = home;
    }

    /** Writes the image of a build as a tar. */
    @GetMapping("/v1/builds/{id}/image")
    void image(
            @PathVariable("id") String id,
            @RequestParam(name = "format", required = false) @Nullable String format,
            @RequestParam(name = "platform", required = false) @Nullable String platform,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        KNOWN.check(request);
        ImageArchive archive = ImageArchive.named(format)
                .orElseThrow(() -> new ProblemException(
                                ProblemType.PARAMETER_INVALID,
                                "`format` must be one of " + ImageArchive.names() + ", but is `" + format + "`.")
                        .with("parameter", "format"));
        Build build = access.require(id, request, Role.VIEWER);
        BuildResult result = build.result();
        if (result == null) {
            throw new ProblemException(
                            ProblemType.BUILD_NOT_SUCCEEDED,
                            "The build has no image: it is " + build.state().wireName() + ".")
                    .with("state", build.state().wireName());
        }
        if (build.imageRemovedAt() != null) {
            throw ChosenImage.gone(build, home);
        }
        Descriptor image = ChosenImage.of(store, build, result, archive, platform, home);
        Digest digest = image.digest();
        String tag = "\"" + digest.hex() + "-" + archive.wireName() + "\"";
        response.setHeader(HttpHeaders.ETAG, tag);
        String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known != null && (known.contains(tag) || known.strip().equals("*"))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return;
        }
        response.setContentType("application/x-tar");
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                "attachment; filename=\"" + build.id() + "." + archive.wireName() + ".tar\"");
        if (!request.getMethod().equals("HEAD")) {
            write(archive, build, image, response);
        }
    }

    private void write(ImageArchive archive, Build build, Descriptor image, HttpServletResponse response)
            throws IOException {
        try {
            bases.requireAll(build, image);
            List<ImageReference> names =
                    build.tags().stream().map(ImageReference::parse).toList();
            switch (archive) {
                // Readers that take a layout's only image want it under one name, or none.
                case OCI ->
                    OciLayoutTar.write(store, image, names.size() == 1 ? names : List.of(), response.getOutputStream());
                case DOCKER -> DockerArchive.write(store, image, names, response.getOutputStream());
                case ROOTFS -> RootfsTar.write(store, image, response.getOutputStream());
            }
        } catch (RegistryException e) {
            forgetImage(response);
            throw new ProblemException(
                    ProblemType.BASE_UNAVAILABLE,
                    "A layer of the image's base is at its registry still, and can't be had: " + e.getMessage());
        } catch (NoSuchFileException e) {
            // The exporters look before they write, so the answer can still be this one.
            forgetImage(response);
            throw ChosenImage.gone(build, home);
        }
    }

    /** Not all headers: what filters have set, such as the request's id, is true of any answer. */
    private static void forgetImage(HttpServletResponse response) {
        response.resetBuffer();
        for (String header : List.of(HttpHeaders.ETAG, HttpHeaders.CONTENT_DISPOSITION, HttpHeaders.CONTENT_TYPE)) {
            response.setHeader(header, null);
        }
    }
}
