package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.registry.RegistryException.Operation;
import io.slipway.image.store.ContentStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Sends images to a registry (OCI distribution specification 1.1, "Push"). */
final class Pusher {
    /** To send so little costs less than to ask first whether it is there. */
    private static final long SMALL_BYTES = 64 * 1024;

    private final RegistrySettings settings;
    private final ContentStore store;
    private final Requests requests;
    private final Retries retries;
    private final Puller puller;
    private final Transfers transfers;
    /** What this client has sent or is sending; what could not be sent is taken out again. */
    private final Map<Place, CompletableFuture<Sent>> blobs = new ConcurrentHashMap<>();

    Pusher(
            RegistrySettings settings,
            ContentStore store,
            Requests requests,
            Retries retries,
            Puller puller,
            Transfers transfers) {
        this.settings = settings;
        this.store = store;
        this.requests = requests;
        this.retries = retries;
        this.puller = puller;
        this.transfers = transfers;
    }

    private enum Way {
        PRESENT,
        MOUNTED,
        UPLOADED
    }

    private record Sent(Way way, long size) {}

    /** A blob in a repository. */
    private record Place(URI root, String repository, Digest blob) {}

    /** See {@link RegistryClient#checkPush}. */
    void check(ImageReference target) throws IOException {
        Purpose purpose = new Purpose(Operation.PUSH, target);
        Endpoint endpoint = Endpoint.origin(settings, target);
        URI upload = retries.run(purpose, endpoint, () -> startUpload(purpose, endpoint));
        cancelUpload(purpose, endpoint, upload);
    }

    /** See {@link RegistryClient#pushAhead}. */
    void pushAhead(ImageReference target, Descriptor blob, @Nullable ImageReference origin) throws IOException {
        pushOnce(new Purpose(Operation.PUSH, target), Endpoint.origin(settings, target), blob, origin, false);
    }

    /** See {@link RegistryClient#pushNew}. */
    void pushNew(ImageReference target, Descriptor blob) throws IOException {
        pushOnce(new Purpose(Operation.PUSH, target), Endpoint.origin(settings, target), blob, null, true);
    }

    /** See {@link RegistryClient#isPushed}. */
    boolean isPushed(ImageReference target, Descriptor image) throws IOException {
        Purpose purpose = new Purpose(Operation.PUSH, target);
        Endpoint endpoint = Endpoint.origin(settings, target);
        HttpRequest request = HttpRequest.of("HEAD", endpoint.uri("/manifests/" + name(target, image)))
                .with("Accept", image.mediaType());
        return retries.run(purpose, endpoint, () -> {
            try (HttpResponse response = send(purpose, endpoint, request)) {
                // Any other answer is one that the push gets as well, with words.
                return response.status() == 200
                        && image.digest().toString().equals(response.header("Docker-Content-Digest"));
            }
        });
    }

    private static String name(ImageReference target, Descriptor image) {
        return target.tag() == null ? image.digest().toString() : target.tag();
    }

    /** See {@link RegistryClient#push}. */
    PushResult push(ImageReference target, Descriptor image, Map<Digest, ImageReference> origins) throws IOException {
        if (target.digest() != null && !target.digest().equals(image.digest())) {
            throw new IllegalArgumentException(
                    target + " names another digest than that of the image, " + image.digest());
        }
        Purpose purpose = new Purpose(Operation.PUSH, target);
        Endpoint endpoint = Endpoint.origin(settings, target);
        List<Sent> sent = new ArrayList<>();
        if (ImageDocuments.isIndex(image.mediaType())) {
            for (Descriptor manifest : ImageDocuments.readIndex(read(image)).manifests()) {
                sent.addAll(pushBlobs(purpose, endpoint, manifest, origins));
                putManifest(purpose, endpoint, manifest, manifest.digest().toString());
            }
        } else {
            sent.addAll(pushBlobs(purpose, endpoint, image, origins));
        }
        putManifest(purpose, endpoint, image, name(target, image));
        return new PushResult(
                target.withDigest(image.digest()),
                count(sent, Way.PRESENT),
                count(sent, Way.MOUNTED),
                count(sent, Way.UPLOADED),
                sent.stream()
                        .filter(blob -> blob.way() == Way.UPLOADED)
                        .mapToLong(Sent::size)
                        .sum());
    }

    private static int count(List<Sent> sent, Way way) {
        return (int) sent.stream().filter(blob -> blob.way() == way).count();
    }

    private byte[] read(Descriptor document) throws IOException {
        return store.readSmall(document.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
    }

    private List<Sent> pushBlobs(
            Purpose purpose, Endpoint endpoint, Descriptor image, Map<Digest, ImageReference> origins)
            throws IOException {
        Manifest manifest = ImageDocuments.readManifest(read(image));
        Map<Digest, Descriptor> parts = new LinkedHashMap<>();
        for (Descriptor layer : manifest.layers()) {
            parts.putIfAbsent(layer.digest(), layer);
        }
        parts.putIfAbsent(manifest.config().digest(), manifest.config());
        return transfers.all(
                parts.values(), blob -> pushOnce(purpose, endpoint, blob, origins.get(blob.digest()), false));
    }

    private Sent pushOnce(
            Purpose purpose, Endpoint endpoint, Descriptor blob, @Nullable ImageReference origin, boolean isNew)
            throws IOException {
        Place place = new Place(endpoint.root(), endpoint.repository(), blob.digest());
        CompletableFuture<Sent> mine = new CompletableFuture<>();
        CompletableFuture<Sent> known = blobs.putIfAbsent(place, mine);
        if (known != null) {
            return Transfers.await(known);
        }
        try {
            Sent sent = pushBlob(purpose, endpoint, blob, origin, isNew);
            mine.complete(sent);
            return sent;
        } catch (IOException | RuntimeException e) {
            blobs.remove(place, mine);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private Sent pushBlob(
            Purpose purpose, Endpoint endpoint, Descriptor blob, @Nullable ImageReference origin, boolean isNew)
            throws IOException {
        boolean asks = !isNew || blob.size() > SMALL_BYTES;
        if (asks && transfers.run(() -> isPresent(purpose, endpoint, blob))) {
            return new Sent(Way.PRESENT, blob.size());
        }
        if (origin != null && transfers.run(() -> mount(purpose, endpoint, blob, origin))) {
            return new Sent(Way.MOUNTED, blob.size());
        }
        if (origin != null) {
            puller.pull(origin, blob);
        } else if (!store.use(blob)) {
            throw new FileNotFoundException(
                    "the content store does not have " + blob.digest() + ", and nobody says where to get it");
        }
        Sent sent = transfers.run(() -> retries.run(purpose, endpoint, () -> upload(purpose, endpoint, blob)));
        store.noteAt(blob.digest(), purpose.reference().host());
        return sent;
    }

    private boolean isPresent(Purpose purpose, Endpoint endpoint, Descriptor blob) throws IOException {
        HttpRequest request = HttpRequest.of("HEAD", endpoint.uri("/blobs/" + blob.digest()));
        return retries.run(purpose, endpoint, () -> {
            try (HttpResponse response = send(purpose, endpoint, request)) {
                return switch (response.status()) {
                    case 200 -> true;
                    case 401, 403 -> throw Answers.refusal(purpose, endpoint, response);
                    default -> false; // whatever it is, the upload will say it better than an answer without a body
                };
            }
        });
    }

    /** Has the registry take the blob from another of its repositories. Its refusal costs an upload, nothing more. */
    private boolean mount(Purpose purpose, Endpoint endpoint, Descriptor blob, ImageReference origin)
            throws IOException {
        for (Endpoint source : Endpoint.forPull(settings, origin)) {
            if (!Http.sameOrigin(source.root(), endpoint.root())
                    || source.repository().equals(endpoint.repository())) {
                continue;
            }
            URI mount = endpoint.uri("/blobs/uploads/?mount="
                    + encode(blob.digest().toString()) + "&from=" + encode(source.repository()));
            Set<String> scopes = Authorizer.scopes(endpoint.pushScope(), source.pullScope());
            try {
                URI upload = retries.run(purpose, endpoint, () -> {
                    try (HttpResponse response =
                            requests.send(purpose, endpoint, HttpRequest.of("POST", mount), scopes)) {
                        return switch (response.status()) {
                            case 201 -> mount;
                            case 202 -> location(endpoint, response);
                            default -> throw Answers.refusal(purpose, endpoint, response);
                        };
                    }
                });
                if (upload.equals(mount)) {
                    return true;
                }
                cancelUpload(purpose, endpoint, upload); // accepted as an upload means: not mounted
            } catch (RegistryException e) {
                if (e.kind() == Kind.UNREACHABLE) {
                    throw e;
                }
            }
        }
        return false;
    }

    /** Start and content in one attempt: an upload that broke off is not gone on with but started again. */
    private Sent upload(Purpose purpose, Endpoint endpoint, Descriptor blob) throws IOException {
        URI upload = startUpload(purpose, endpoint);
        String separator = upload.getRawQuery() == null ? "?" : "&";
        URI put =
                URI.create(upload + separator + "digest=" + encode(blob.digest().toString()));
        HttpRequest request = HttpRequest.of("PUT", put)
                .with("Content-Type", "application/octet-stream")
                .with(new StoredBlob(blob));
        try (HttpResponse response = send(purpose, endpoint, request)) {
            if (response.status() != 201 && response.status() != 204) {
                throw Answers.refusal(purpose, endpoint, response);
            }
        }
        return new Sent(Way.UPLOADED, blob.size());
    }

    private URI startUpload(Purpose purpose, Endpoint endpoint) throws IOException {
        try (HttpResponse response = send(purpose, endpoint, HttpRequest.of("POST", endpoint.uri("/blobs/uploads/")))) {
            if (response.status() != 202) {
                throw Answers.refusal(purpose, endpoint, response);
            }
            return location(endpoint, response);
        }
    }

    private static URI location(Endpoint endpoint, HttpResponse response) throws IOException {
        String location = response.header("Location");
        if (location == null) {
            throw new BrokenProtocolException(endpoint.host() + " starts an upload and does not say where");
        }
        if (endpoint.root().getScheme().equals("https")
                && location.startsWith("http://" + endpoint.root().getRawAuthority() + "/")) {
            // A registry behind a proxy that ends TLS often believes that it is spoken to in plain http.
            location = "https" + location.substring("http".length());
        }
        return Http.follow(response.uri(), location);
    }

    private void cancelUpload(Purpose purpose, Endpoint endpoint, URI upload) throws IOException {
        Set<String> scopes = Set.of(endpoint.deleteScope());
        try (HttpResponse response = requests.send(purpose, endpoint, HttpRequest.of("DELETE", upload), scopes)) {
            response.status(); // registries that can't cancel forget the upload after a while
        } catch (IOException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
            // As above: the question was whether the upload may start.
        }
    }

    private void putManifest(Purpose purpose, Endpoint endpoint, Descriptor document, String name) throws IOException {
        byte[] content = read(document);
        HttpRequest request = HttpRequest.of("PUT", endpoint.uri("/manifests/" + name))
                .with("Content-Type", document.mediaType())
                .with(HttpRequest.Body.of(content));
        String stored = retries.run(purpose, endpoint, () -> {
            try (HttpResponse response = send(purpose, endpoint, request)) {
                if (response.status() / 100 != 2) {
                    throw Answers.refusal(purpose, endpoint, response);
                }
                String digest = response.header("Docker-Content-Digest");
                return digest == null ? "" : digest;
            }
        });
        if (stored.startsWith("sha256:") && !stored.equals(document.digest().toString())) {
            throw purpose.failure(
                    Kind.DIGEST_MISMATCH,
                    endpoint.host(),
                    endpoint.host() + " stored the manifest " + document.digest() + " as " + stored);
        }
    }

    private HttpResponse send(Purpose purpose, Endpoint endpoint, HttpRequest request) throws IOException {
        return requests.send(purpose, endpoint, request, Set.of(endpoint.pushScope()));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private final class StoredBlob implements HttpRequest.Body {
        private final Descriptor blob;

        StoredBlob(Descriptor blob) {
            this.blob = blob;
        }

        @Override
        public long size() {
            return blob.size();
        }

        @Override
        public InputStream open() throws IOException {
            return store.open(blob.digest());
        }
    }
}
