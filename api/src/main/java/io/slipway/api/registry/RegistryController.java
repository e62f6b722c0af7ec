package io.slipway.api.registry;

import io.slipway.api.access.Caller;
import io.slipway.api.registry.RegistryException.Code;
import io.slipway.db.build.Build;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.store.ContentStore;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The pulling half of the distribution specification 1.1. The repository of a build's image is {@code PROJECT/BUILD}; the
 * token filter lets registry clients in by Basic authentication, too.
 */
@RestController
final class RegistryController {
    private static final String DIGEST_HEADER = "Docker-Content-Digest";
    private static final String VERSION_HEADER = "Docker-Distribution-Api-Version";
    private static final String VERSION = "registry/2.0";

    private final BuiltImages images;
    private final ContentStore store;
    private final BaseLayers bases;

    RegistryController(BuiltImages images, ContentStore store, BaseLayers bases) {
        this.images = images;
        this.store = store;
        this.bases = bases;
    }

    /** {@code GET /v2/}: says that this is a registry, and that the client is let in. */
    @GetMapping({"/v2", "/v2/"})
    ResponseEntity<Map<String, String>> version() {
        return ResponseEntity.ok().header(VERSION_HEADER, VERSION).body(Map.of());
    }

    /** A manifest or index by tag or digest. */
    @GetMapping("/v2/{project}/{build}/manifests/{reference}")
    void manifest(
            @PathVariable("project") String project,
            @PathVariable("build") String id,
            @PathVariable("reference") String reference,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Build build = images.build(Caller.of(request), project, id);
        BuiltImage image = images.image(build);
        Optional<Descriptor> found = reference.contains(":")
                ? image.manifest(digest(reference))
                : Optional.of(image.root()).filter(_ -> BuiltImages.tags(build).contains(reference));
        Descriptor manifest = found.orElseThrow(() -> new RegistryException(
                HttpStatus.NOT_FOUND,
                Code.MANIFEST_UNKNOWN,
                "the image of build " + id + " has no manifest " + reference));
        if (isKnown(request, response, manifest, manifest.mediaType())) {
            return;
        }
        image.use(store);
        byte[] json = store.readSmall(manifest.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
        response.setContentLengthLong(json.length);
        if (!isHead(request)) {
            response.getOutputStream().write(json);
        }
    }

    /** A config or layer by digest, whole or in part. */
    @GetMapping("/v2/{project}/{build}/blobs/{digest}")
    void blob(
            @PathVariable("project") String project,
            @PathVariable("build") String id,
            @PathVariable("digest") String digest,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        Build build = images.build(Caller.of(request), project, id);
        Descriptor blob = images.image(build).blob(digest(digest)).orElseThrow(() -> blobUnknown(id, digest));
        if (isHead(request)) {
            describe(build, blob, request, response);
            return;
        }
        try (FileChannel content = open(build, blob)) {
            // The type of a layer is the manifest's to say; some clients refuse anything else here (Docker's registry
            // does so, too).
            if (!isKnown(request, response, blob, MediaType.APPLICATION_OCTET_STREAM_VALUE)) {
                send(content, request, response);
            }
        } catch (NoSuchFileException e) {
            throw blobUnknown(id, digest);
        }
    }

    /** Answers a HEAD: nothing is fetched for that. */
    private void describe(Build build, Descriptor blob, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (!bases.isKnown(build, blob)) {
            throw blobUnknown(build.id().value(), blob.digest().toString());
        }
        if (!isKnown(request, response, blob, MediaType.APPLICATION_OCTET_STREAM_VALUE)) {
            response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
            response.setContentLengthLong(blob.size());
        }
    }

    private FileChannel open(Build build, Descriptor blob) throws IOException {
        try {
            bases.require(build, blob);
        } catch (io.slipway.image.registry.RegistryException e) {
            throw new RegistryException(
                    HttpStatus.BAD_GATEWAY,
                    Code.UNAVAILABLE,
                    "the layer " + blob.digest() + " of build " + build.id()
                            + "'s base is at its registry still, and can't be had: " + e.getMessage());
        }
        return store.openChannel(blob.digest());
    }

    /** The tags of a build's repository. */
    @GetMapping("/v2/{project}/{build}/tags/list")
    ResponseEntity<Map<String, Object>> tags(
            @PathVariable("project") String project,
            @PathVariable("build") String id,
            @RequestParam(name = "n", required = false) @Nullable Integer most,
            @RequestParam(name = "last", required = false) @Nullable String last,
            HttpServletRequest request) {
        List<String> behind = BuiltImages.tags(images.build(Caller.of(request), project, id)).stream()
                .filter(tag -> last == null || tag.compareTo(last) > 0)
                .toList();
        int size = most == null ? behind.size() : Math.clamp(most, 0, behind.size());
        List<String> tags = behind.subList(0, size);
        ResponseEntity.BodyBuilder response = ResponseEntity.ok().header(VERSION_HEADER, VERSION);
        if (size > 0 && size < behind.size()) {
            // As the specification has it: relative to where the list is.
            response.header(
                    HttpHeaders.LINK,
                    "<" + request.getRequestURI() + "?n=" + most + "&last="
                            + URLEncoder.encode(tags.getLast(), StandardCharsets.UTF_8) + ">; rel=\"next\"");
        }
        return response.body(Map.of("name", project + "/" + id, "tags", tags));
    }

    /** Everything else below {@code /v2/}: pushing, the catalog, names that are no builds. */
    @RequestMapping("/v2/**")
    ResponseEntity<Object> other(HttpServletRequest request) {
        if (request.getMethod().equals("GET") || isHead(request)) {
            throw new RegistryException(
                    HttpStatus.NOT_FOUND,
                    Code.NAME_UNKNOWN,
                    "images are named PROJECT/BUILD here: see `pullName` of a succeeded build");
        }
        throw new RegistryException(
                HttpStatus.METHOD_NOT_ALLOWED,
                Code.UNSUPPORTED,
                "this registry is for pulling only: builds push into it");
    }

    @ExceptionHandler
    ResponseEntity<Map<String, List<Map<String, String>>>> refused(RegistryException exception) {
        return ResponseEntity.status(exception.status())
                .header(VERSION_HEADER, VERSION)
                .contentType(MediaType.APPLICATION_JSON)
                .body(exception.body());
    }

    /** Writes the headers that all content has; true if the client has the content already and nothing more is to be sent. */
    private static boolean isKnown(
            HttpServletRequest request, HttpServletResponse response, Descriptor content, String type) {
        String tag = "\"" + content.digest() + "\"";
        response.setHeader(VERSION_HEADER, VERSION);
        response.setHeader(DIGEST_HEADER, content.digest().toString());
        response.setHeader(HttpHeaders.ETAG, tag);
        String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (known != null && (known.contains(tag) || known.strip().equals("*"))) {
            response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            return true;
        }
        response.setContentType(type);
        return false;
    }

    private static void send(FileChannel content, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        long size = content.size();
        response.setHeader(HttpHeaders.ACCEPT_RANGES, "bytes");
        Optional<ByteRange> range = ByteRange.parse(request.getHeader(HttpHeaders.RANGE), size);
        if (range.isPresent() && range.get().first() >= size) {
            response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes */" + size);
            response.setStatus(HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE.value());
            return;
        }
        ByteRange part = range.orElse(new ByteRange(0, size - 1));
        if (range.isPresent()) {
            response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
            response.setHeader(HttpHeaders.CONTENT_RANGE, "bytes " + part.first() + "-" + part.last() + "/" + size);
        }
        response.setContentLengthLong(part.length());
        WritableByteChannel out = Channels.newChannel(response.getOutputStream());
        long position = part.first();
        while (position <= part.last()) {
            position += content.transferTo(position, part.last() - position + 1, out);
        }
    }

    private static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RegistryException(
                    HttpStatus.BAD_REQUEST, Code.DIGEST_INVALID, "not a digest (sha256: and 64 hex digits): " + text);
        }
    }

    private static RegistryException blobUnknown(String id, String digest) {
        return new RegistryException(
                HttpStatus.NOT_FOUND,
                Code.BLOB_UNKNOWN,
                "the image of build " + id + " has no blob " + digest + " here");
    }

    private static boolean isHead(HttpServletRequest request) {
        return request.getMethod().equals("HEAD");
    }
}
