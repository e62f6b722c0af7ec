package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to registries (OCI distribution specification 1.1 and Docker Registry HTTP API V2) for one content store.
 *
 * <p>Every method waits until it is done, and throws {@link RegistryException} for all that a registry or the network did
 * wrong, a plain {@link IOException} if our own disk failed, and {@link java.io.InterruptedIOException} (with the thread
 * still marked) after an interrupt, which on a virtual thread ends a transfer at once. What can pass (broken connections,
 * 429, 5xx) has been tried several times by then. Content is checked against digest and size before it is kept.
 *
 * <p>Thread-safe. Holds nothing that must be closed. One client remembers tokens, and mirrors that are down, for the
 * credentials it was made with: different tenants need different clients.
 */
public final class RegistryClient {
    private final ContentStore store;
    private final Resolver resolver;
    private final Puller puller;
    private final Pusher pusher;
    private final Transfers transfers;

    /** A client that keeps in {@code store} what it fetches, and sends from there. */
    public RegistryClient(RegistrySettings settings, ContentStore store) {
        this.store = store;
        Requests requests = new Requests(settings);
        Retries retries = new Retries(settings);
        Mirrors mirrors = new Mirrors(settings);
        transfers = new Transfers(settings.parallelTransfers());
        resolver = new Resolver(store, requests, retries, mirrors);
        puller = new Puller(store, requests, retries, mirrors, transfers);
        pusher = new Pusher(settings, store, requests, retries, puller, transfers);
    }

    /**
     * Fetches the manifest or index that the name means now, mirrors first, and keeps it in the store. Always asks a
     * registry, also if the name has a digest that the store has: the answer is also whether one may read it.
     *
     * @return the document's own media type (OCI or Docker, manifest or index), digest and size
     */
    public Descriptor fetch(ImageReference reference) throws IOException {
        return resolver.fetch(reference);
    }

    /**
     * The digest of the manifest or index that the name means now, mirrors first: what {@link #fetch} would give, without fetching it where the
     * registry tells it in the answer to HEAD. Nothing is kept.
     */
    public Digest digest(ImageReference reference) throws IOException {
        return resolver.digest(reference);
    }

    /**
     * Finds the image for a platform that the name means now, and keeps its manifest (and index) in the store. A name that
     * means one manifest is answered with it for any platform; its config says what it runs on.
     *
     * @throws RegistryException of kind PLATFORM_NOT_FOUND, with what there is, if the index has nothing for the platform
     */
    public ResolvedImage resolve(ImageReference reference, Platform platform) throws IOException {
        return resolver.resolve(reference, platform);
    }

    /**
     * The config of the image for a platform that the name means now: {@link #resolve} and its config's blob.
     *
     * @throws io.slipway.image.ImageDocumentException if it is none
     */
    public ImageConfig config(ImageReference reference, Platform platform) throws IOException {
        ResolvedImage image = resolve(reference, platform);
        Descriptor config = image.manifest().config();
        puller.pull(image.reference(), config);
        return ImageDocuments.readConfig(store.readSmall(config.digest(), ImageDocuments.MAX_CONFIG_BYTES));
    }

    /**
     * Brings a blob of the image's repository into the store, unless it is there already. A download that breaks off is gone
     * on with where it broke.
     *
     * @param from any name in the repository that has the blob
     */
    public void pull(ImageReference from, Descriptor blob) throws IOException {
        puller.pull(from, blob);
    }

    /**
     * Whether {@link #pull} would find a blob: the store has it, or the registry or one of its mirrors says that it does, with this size.
     *
     * @param from any name in the repository that may have the blob
     */
    public boolean has(ImageReference from, Descriptor blob) throws IOException {
        return puller.has(from, blob);
    }

    /**
     * Whether the tenant of the store may have a blob's content without fetching it: it has it, or the registry that it came from for others says that it is in
     * this repository, too. The store need not have it.
     *
     * @param from any name in the repository that may have the blob
     */
    public boolean mayHave(ImageReference from, Descriptor blob) throws IOException {
        return puller.mayHave(from, blob);
    }

    /** Something that reads a blob. May be asked to read it again, from the beginning. */
    @FunctionalInterface
    public interface BlobReading<T> {
        /** Reads from {@code blob}, and closes it. */
        T from(InputStream blob) throws IOException;
    }

    /**
     * {@link #pull}, and reads the blob already while it arrives. What is read is what the descriptor says only once this method has
     * returned.
     *
     * @param from any name in the repository that has the blob
     * @return what the reading gives
     */
    public <T> T pull(ImageReference from, Descriptor blob, BlobReading<T> reading) throws IOException {
        return puller.pull(from, blob, reading);
    }

    /** {@link #pull} for several blobs, a few at the same time. The first failure ends the others. */
    public void pullAll(ImageReference from, Collection<Descriptor> blobs) throws IOException {
        transfers.<Descriptor, Boolean>all(blobs, blob -> {
            puller.pull(from, blob);
            return true;
        });
    }

    /** Finds out whether we may push there, by starting an upload and cancelling it. */
    public void checkPush(ImageReference target) throws IOException {
        pusher.check(target);
    }

    /**
     * Sends one blob ahead of the image that it will belong to: {@link #push} finds it there, or waits for it if it is still on its
     * way. Nothing happens to a repository that has it.
     *
     * @param origin where the blob came from if it can be mounted or pulled from there, or null
     * @throws java.io.FileNotFoundException if the blob is not in the store and there is no origin
     */
    public void pushAhead(ImageReference target, Descriptor blob, @Nullable ImageReference origin) throws IOException {
        pusher.pushAhead(target, blob, origin);
    }

    /**
     * {@link #pushAhead} of a blob that was made just now, so that hardly any registry has it: a small one is sent without asking.
     *
     * @throws java.io.FileNotFoundException if the blob is not in the store
     */
    public void pushNew(ImageReference target, Descriptor blob) throws IOException {
        pusher.pushNew(target, blob);
    }

    /**
     * Whether the name means this image already: then its repository has all parts of it, too, for a registry takes no manifest whose parts
     * it lacks (OCI distribution specification 1.1, "Pushing Manifests"). False if the registry does not say.
     *
     * @param image the manifest or index
     */
    public boolean isPushed(ImageReference target, Descriptor image) throws IOException {
        return pusher.isPushed(target, image);
    }

    /**
     * Sends an image, or all images of an index: what the repository does not have is mounted from another repository of
     * the same registry or uploaded, several blobs at a time; then the manifest under the target's tag, or under its digest
     * if the target has no tag.
     *
     * @param target where to; if it has a digest, it must be the image's
     * @param image the manifest or index, which must be in the store
     * @param origins where blobs came from, for those that can be mounted, or that the store need not have because they can
     *     be pulled from there: base layers are typically neither downloaded nor uploaded
     * @throws IllegalArgumentException if the target's digest is another
     * @throws java.io.FileNotFoundException if a blob is neither in the store nor in {@code origins}
     */
    public PushResult push(ImageReference target, Descriptor image, Map<Digest, ImageReference> origins)
            throws IOException {
        return pusher.push(target, image, origins);
    }
}
