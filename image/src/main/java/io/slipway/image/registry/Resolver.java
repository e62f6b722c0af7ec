package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocumentException;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Index;
import io.slipway.image.MediaType;
import io.slipway.image.Platform;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.registry.RegistryException.Operation;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds out what a name means now. */
final class Resolver {
    private static final String ACCEPT = String.join(
            ", ",
            MediaType.OCI_INDEX,
            MediaType.OCI_MANIFEST,
            MediaType.DOCKER_MANIFEST_LIST,
            MediaType.DOCKER_MANIFEST);

    private final ContentStore store;
    private final Requests requests;
    private final Retries retries;
    private final Mirrors mirrors;

    Resolver(ContentStore store, Requests requests, Retries retries, Mirrors mirrors) {
        this.store = store;
        this.requests = requests;
        this.retries = retries;
        this.mirrors = mirrors;
    }

    /** See {@link RegistryClient#fetch}. */
    Descriptor fetch(ImageReference reference) throws IOException {
        Purpose purpose = new Purpose(Operation.RESOLVE, reference);
        return mirrors.ask(
                purpose, endpoint -> retries.run(purpose, endpoint, () -> fetch(purpose, endpoint, reference)));
    }

    /** See {@link RegistryClient#digest}. */
    Digest digest(ImageReference reference) throws IOException {
        Purpose purpose = new Purpose(Operation.RESOLVE, reference);
        return mirrors.ask(
                purpose, endpoint -> retries.run(purpose, endpoint, () -> digest(purpose, endpoint, reference)));
    }

    private Digest digest(Purpose purpose, Endpoint endpoint, ImageReference reference) throws IOException {
        try (HttpResponse response = send(purpose, endpoint, reference, "HEAD")) {
            if (response.status() == 405) {
                return document(purpose, endpoint, reference).digest(); // a registry that does not know HEAD
            }
            if (response.status() != 200) {
                throw Answers.refusal(purpose, endpoint, response);
            }
            String told = response.header("Docker-Content-Digest");
            if (told == null) {
                return document(purpose, endpoint, reference).digest(); // no registry has to tell it
            }
            try {
                return Digest.parse(told);
            } catch (IllegalArgumentException e) {
                throw purpose.failure(
                        Kind.INVALID,
                        endpoint.host(),
                        endpoint.host() + " answers with something that is no digest",
                        e);
            }
        }
    }

    /** See {@link RegistryClient#resolve}. */
    ResolvedImage resolve(ImageReference reference, Platform platform) throws IOException {
        Purpose purpose = new Purpose(Operation.RESOLVE, reference);
        Descriptor named = fetch(reference);
        ImageReference pinned = reference.withDigest(named.digest());
        try {
            if (ImageDocuments.isManifest(named.mediaType())) {
                return new ResolvedImage(pinned, named, ImageDocuments.readManifest(read(named.digest())), null);
            }
            Index index = ImageDocuments.readIndex(read(named.digest()));
            Descriptor chosen = PlatformChoice.choose(index, platform);
            if (chosen == null) {
                throw purpose.failure(
                        Kind.PLATFORM_NOT_FOUND,
                        reference.host(),
                        "it is not there for " + platform + ", only for " + PlatformChoice.list(index));
            }
            if (!ImageDocuments.isManifest(chosen.mediaType())) {
                throw purpose.failure(
                        Kind.INVALID,
                        reference.host(),
                        "its index points to " + chosen.mediaType() + ", not to a manifest");
            }
            Descriptor fetched = store.use(chosen) ? chosen : fetch(reference.withDigest(chosen.digest()));
            return new ResolvedImage(
                    pinned,
                    new Descriptor(chosen.mediaType(), fetched.digest(), fetched.size()),
                    ImageDocuments.readManifest(read(fetched.digest())),
                    named);
        } catch (ImageDocumentException e) {
            throw purpose.failure(Kind.INVALID, reference.host(), e.getMessage() + "", e);
        }
    }

    private byte[] read(Digest digest) throws IOException {
        return store.readSmall(digest, ImageDocuments.MAX_MANIFEST_BYTES);
    }

    private HttpResponse send(Purpose purpose, Endpoint endpoint, ImageReference reference, String method)
            throws IOException {
        HttpRequest request = HttpRequest.of(method, endpoint.uri("/manifests/" + reference.tagOrDigest()))
                .with("Accept", ACCEPT);
        return requests.send(purpose, endpoint, request, Set.of(endpoint.pullScope()));
    }

    private Descriptor fetch(Purpose purpose, Endpoint endpoint, ImageReference reference) throws IOException {
        Document document = document(purpose, endpoint, reference);
        return keep(purpose, endpoint, document.content(), document.contentType());
    }

    /** What a registry has sent, whole. */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    private record Document(
            byte[] content, Digest digest, @Nullable String contentType) {}

    private Document document(Purpose purpose, Endpoint endpoint, ImageReference reference) throws IOException {
        try (HttpResponse response = send(purpose, endpoint, reference, "GET")) {
            if (response.status() != 200) {
                throw Answers.refusal(purpose, endpoint, response);
            }
            byte[] document = response.readUpTo(ImageDocuments.MAX_MANIFEST_BYTES);
            if (document.length > ImageDocuments.MAX_MANIFEST_BYTES) {
                throw purpose.failure(
                        Kind.INVALID,
                        endpoint.host(),
                        "its manifest at " + endpoint.host() + " has more than " + ImageDocuments.MAX_MANIFEST_BYTES
                                + " bytes");
            }
            requireWhole(response, document);
            Digest digest = Digest.of(document);
            if (reference.digest() != null && !reference.digest().equals(digest)) {
                throw purpose.failure(
                        Kind.DIGEST_MISMATCH,
                        endpoint.host(),
                        endpoint.host() + " sent a manifest that is " + digest + " instead");
            }
            String promised = response.header("Docker-Content-Digest");
            if (promised != null && promised.startsWith("sha256:") && !promised.equals(digest.toString())) {
                throw purpose.failure(
                        Kind.DIGEST_MISMATCH,
                        endpoint.host(),
                        endpoint.host() + " announced the manifest " + promised + " and sent " + digest);
            }
            return new Document(document, digest, response.contentType());
        }
    }

    private Descriptor keep(Purpose purpose, Endpoint endpoint, byte[] document, @Nullable String contentType)
            throws IOException {
        String mediaType;
        try {
            mediaType = ImageDocuments.mediaType(document, contentType);
        } catch (ImageDocumentException e) {
            throw purpose.failure(Kind.INVALID, endpoint.host(), e.getMessage() + "", e);
        }
        try {
            Descriptor kept = store.put(mediaType, document);
            store.noteAt(kept.digest(), purpose.reference().host());
            return kept;
        } catch (IOException e) {
            throw new LocalFailure(e);
        }
    }

    /** A cut connection looks like the end of the document: the length tells them apart. */
    private static void requireWhole(HttpResponse response, byte[] document) throws IOException {
        String length = response.header("Content-Length");
        if (length != null && !length.equals(Integer.toString(document.length))) {
            throw new IOException("the connection ended after " + document.length + " of " + length + " bytes");
        }
    }
}
