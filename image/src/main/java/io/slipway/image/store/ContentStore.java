package io.slipway.image.store;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Blobs by digest in one directory. Finished blobs are {@code blobs/sha256/HEX}, so the directory is an OCI layout's blob
 * folder (OCI image specification 1.1, image-layout.md); unfinished ones are where whoever opens the store wants them, so that what a
 * process leaves that dies is found with the rest of what it leaves.
 *
 * <p>Any number of threads and processes may use one directory at the same time: a blob appears whole, by an atomic
 * rename, and its content never changes afterwards.
 *
 * <p>What survives what: when the process dies at any point (also by SIGKILL or lack of memory) the store holds whole
 * blobs only. When the machine loses its
 * power, blobs of the last seconds can be missing or damaged, because nothing is forced to the disk one by one; the size
 * check of {@link #contains(Descriptor)} finds the usual damage, {@link #verify} all of it, and writing a blob again heals
 * it. A full disk is an {@link IOException} of the writer and leaves nothing behind.
 *
 * <p>A store that tenants share (the projects of a service) is used through what {@link #heldBy} gives, one for each: it answers as if it had only what that
 * tenant has made, sent or fetched. Contents are kept once nonetheless, and whoever may have what is here already need not fetch it ({@link #wasAt}).
 *
 * <p>A garbage collector may remove what nobody uses. Whoever relies on a blob that it has not written itself asks {@link #use}, which
 * leaves a mark for the collector (docs/decisions/0013-garbage-collection.md).
 */
public final class ContentStore {
    /** The directory of blobs that were not downloaded to their end, by the names of their downloads. */
    public static final String PARTIAL = "partial";

    /** The directory of notes about blobs, in directories by the first two letters of their digests; each is named {@code HEX.SOMETHING}. */
    public static final String HELD = "held";

    /** Longer than a garbage collector needs to put back what it should not have taken, while it has a processor. */
    private static final long PUT_BACK_MILLIS = 20;

    /** How often that is waited for: on a machine that is busy the collector may have to wait for a processor first. */
    private static final int PUT_BACK_WAITS = 20;

    private final Path root;
    private final Path blobs;
    private final Path origins;
    private final Supplier<Path> unfinished;
    private final @Nullable Exclusion downloads;
    private final Holders holders;
    private final @Nullable String tenant;

    private ContentStore(Path root, Supplier<Path> unfinished, @Nullable Exclusion downloads, @Nullable String tenant) {
        this.downloads = downloads;
        this.tenant = tenant;
        this.holders = new Holders(root.resolve(HELD));
        this.root = root;
        this.blobs = root.resolve("blobs").resolve("sha256");
        this.origins = root.resolve("origins");
        this.unfinished = unfinished;
    }

    /**
     * The store in directory {@code root}, which is made if it does not exist. Idempotent.
     *
     * @param unfinished gives a new path on the same file system for each blob that is being written
     * @throws IOException if the directories can't be made
     */
    public static ContentStore at(Path root, Supplier<Path> unfinished) throws IOException {
        return at(new ContentStore(root.toAbsolutePath().normalize(), unfinished, null, null));
    }

    /**
     * The same, of which several processes download each blob once: the others wait for the one that was first, and if that ends before the blob
     * does, by being killed for instance, the next one goes on with what has come.
     *
     * @param downloads gives each blob to one at a time
     */
    public static ContentStore at(Path root, Supplier<Path> unfinished, Exclusion downloads) throws IOException {
        ContentStore store = new ContentStore(root.toAbsolutePath().normalize(), unfinished, downloads, null);
        Files.createDirectories(store.root.resolve(PARTIAL));
        return at(store);
    }

    private static ContentStore at(ContentStore store) throws IOException {
        Files.createDirectories(store.blobs);
        Files.createDirectories(store.origins);
        return store;
    }

    /**
     * The same store for one tenant: {@link #use} and {@link #contains(Descriptor)} know of what that one has, and what is written is that one's. Whoever
     * knows a digest only learns nothing by it, not even whether its content is here.
     *
     * @param tenant any name; the same one means the same tenant, also in other processes and later
     */
    public ContentStore heldBy(String tenant) {
        return new ContentStore(root, unfinished, downloads, tenant);
    }

    /** Whether the tenant has had a blob's content, which need not be here (any more); true of any blob for a store of nobody in particular. */
    public boolean isHeld(Digest blob) {
        return tenant == null || holders.isHeldBy(blob, tenant);
    }

    private boolean isOurs(Digest blob) {
        return isHeld(blob) || holders.isNobodys(blob);
    }

    /** Notes that the tenant has, or may have, a blob's content. What is here and everybody's stays so. */
    public void hold(Digest blob) throws IOException {
        if (tenant != null && !(contains(blob) && holders.isNobodys(blob))) {
            holders.hold(blob, tenant);
        }
    }

    /** Notes that a blob's content has come from a registry's host, or was sent there. */
    public void noteAt(Digest blob, String host) throws IOException {
        holders.noteAt(blob, host);
    }

    /**
     * Whether a blob's content has come from that registry's host, for any tenant, or was sent there. If so it is for that host to say who may have it: what
     * any other host says of a blob proves nothing.
     */
    public boolean wasAt(Digest blob, String host) {
        return holders.wasAt(blob, host);
    }

    /** Notes that a layer's blob was found to have this diff ID. */
    public void noteDiffId(Digest blob, Digest diffId) throws IOException {
        holders.noteDiffId(blob, diffId);
    }

    /** Whether a layer's blob was found to have this diff ID: what an image's config says of it proves nothing. */
    public boolean hasDiffId(Digest blob, Digest diffId) {
        return holders.hasDiffId(blob, diffId);
    }

    /** Gives something to one at a time, of all processes that use a store; when a process ends, what it has is given to the next. */
    @FunctionalInterface
    public interface Exclusion {
        /**
         * Waits until nobody has it.
         *
         * @param name names what is wanted
         *
         * @return gives it back when it is closed
         * @throws java.io.InterruptedIOException if the thread is interrupted, which it stays
         */
        Closeable claim(Digest name) throws IOException;
    }

    /**
     * The store in directory {@code root}, for those who leave nothing because they read only, or because the store goes with them:
     * unfinished blobs are in {@code root/ingest}.
     *
     * @throws IOException if the directories can't be made
     */
    public static ContentStore at(Path root) throws IOException {
        Path ingest = Files.createDirectories(root.toAbsolutePath().normalize().resolve("ingest"));
        return at(root, () -> ingest.resolve(UUID.randomUUID().toString()));
    }

    /** The directory of the store, absolute. */
    public Path root() {
        return root;
    }

    /** Where the blob is, or would be. Its file must only be read. */
    public Path path(Digest digest) {
        return blobs.resolve(digest.hex());
    }

    /** Starts a blob whose digest is not known yet. The caller must close the writer. */
    public BlobWriter create() throws IOException {
        return BlobWriter.create(this, unfinished.get(), null);
    }

    /**
     * Starts a blob that must turn out to have {@code expected}'s digest and size. The caller must close the writer. Does
     * not look whether the store has it already: see {@link #contains(Descriptor)}.
     */
    public BlobWriter create(Descriptor expected) throws IOException {
        return BlobWriter.create(this, unfinished.get(), expected);
    }

    /**
     * The right to download a blob, if several processes share the store; the caller closes it. May wait for others, which may have
     * brought it then.
     *
     * @param name of the download: of the blob and where it is to come from
     */
    public Closeable claim(Digest name) throws IOException {
        return downloads == null ? () -> {} : downloads.claim(name);
    }

    /**
     * Goes on with a blob whose download was cut, or starts it as {@link #create(Descriptor)} does. The caller has {@linkplain #claim claimed} it. What is there
     * may be anything: a mismatch at the end is no proof that what came now was wrong, and removes all of it.
     *
     * @param name of the download, that was claimed
     */
    public BlobWriter resume(Digest name, Descriptor expected) throws IOException {
        return downloads == null
                ? create(expected)
                : BlobWriter.resume(this, root.resolve(PARTIAL).resolve(name.hex()), expected);
    }

    /** Stores these bytes. Atomic and idempotent. */
    public Digest put(byte[] content) throws IOException {
        Digest digest = Digest.of(content);
        if (!use(new Descriptor("", digest, content.length))) {
            try (BlobWriter writer = create()) {
                writer.write(content);
                writer.commit();
            }
        }
        return digest;
    }

    /** {@link #put(byte[])}, described. */
    public Descriptor put(String mediaType, byte[] content) throws IOException {
        return new Descriptor(mediaType, put(content), content.length);
    }

    /**
     * Whether the blob is here with the descriptor's size; if so it stays here for as long as the build goes on that asks: its time of
     * modification is that of its last use.
     */
    public boolean use(Descriptor descriptor) throws IOException {
        return isOurs(descriptor.digest()) && useOfAny(descriptor);
    }

    /** The same, whoever has it. */
    public boolean useOfAny(Descriptor descriptor) throws IOException {
        try {
            // In this order: what is here after it was marked, the collector finds marked when it looks once more.
            Files.setLastModifiedTime(path(descriptor.digest()), FileTime.from(Instant.now()));
        } catch (NoSuchFileException e) {
            return false;
        }
        return isHere(descriptor);
    }

    private boolean isHere(Descriptor descriptor) throws IOException {
        try {
            return Files.size(path(descriptor.digest())) == descriptor.size();
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether the blob is here. */
    public boolean contains(Digest digest) {
        return Files.isRegularFile(path(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /** Whether the blob is here with the descriptor's size: what to ask before skipping a download. */
    public boolean contains(Descriptor descriptor) throws IOException {
        return isOurs(descriptor.digest()) && isHere(descriptor);
    }

    /** Notes where the tenant can have a blob that is not here, or may go. Replaces what was noted. */
    public void noteOrigin(Digest digest, ImageReference origin) throws IOException {
        Path note = Files.writeString(unfinished.get(), origin.toString());
        Files.move(note, originOf(digest), StandardCopyOption.ATOMIC_MOVE);
    }

    private Path originOf(Digest digest) {
        return origins.resolve(tenant == null ? digest.hex() : Holders.name(digest, "of " + tenant));
    }

    /** A name in the repository from which the tenant can have the blob, as far as one was {@linkplain #noteOrigin noted} for it; or null. */
    public @Nullable ImageReference origin(Digest digest) throws IOException {
        ImageReference own = noted(originOf(digest));
        // An earlier version noted for everybody.
        return own != null || tenant == null ? own : noted(origins.resolve(digest.hex()));
    }

    private static @Nullable ImageReference noted(Path note) throws IOException {
        try {
            return ImageReference.parse(Files.readString(note));
        } catch (NoSuchFileException | IllegalArgumentException e) {
            // A note that a power cut has damaged is none.
            return null;
        }
    }

    /**
     * The blob's size in bytes.
     *
     * @throws NoSuchFileException if it is not here
     */
    public long size(Digest digest) throws IOException {
        Path path = path(digest);
        return untilPutBack(() -> Files.size(path));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /** The collector takes a blob aside for a moment before it sees that it is in use. What is not here at all is waited for as well, in vain. */
    private static <T> T untilPutBack(Reading<T> reading) throws IOException {
        for (int waits = 0; waits < PUT_BACK_WAITS; waits++) {
            try {
                return reading.read();
            } catch (NoSuchFileException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PUT_BACK_MILLIS));
            }
        }
        return reading.read();
    }

    /**
     * Opens the blob, unbuffered. The caller must close the stream.
     *
     * @throws NoSuchFileException if it is not here
     */
    public InputStream open(Digest digest) throws IOException {
        return Channels.newInputStream(openChannel(digest));
    }

    /**
     * Opens the blob for reading. The caller must close the channel.
     *
     * @throws NoSuchFileException if it is not here
     */
    public FileChannel openChannel(Digest digest) throws IOException {
        Path path = path(digest);
        return untilPutBack(() -> FileChannel.open(path, StandardOpenOption.READ));
    }

    /**
     * Reads a blob into memory and checks it against its digest: for manifests and configs.
     *
     * @param limit the most bytes to read
     * @throws NoSuchFileException if it is not here
     * @throws DigestMismatchException if the file is damaged
     * @throws IOException if it is larger than {@code limit} bytes
     */
    public byte[] readSmall(Digest digest, int limit) throws IOException {
        byte[] content;
        try (InputStream in = open(digest)) {
            content = in.readNBytes(limit);
            if (content.length == limit && in.read() >= 0) {
                throw new IOException("more than " + limit + " bytes: " + digest);
            }
        }
        Digest actual = Digest.of(content);
        if (!actual.equals(digest)) {
            throw DigestMismatchException.digest(digest, actual);
        }
        return content;
    }

    /**
     * Reads the whole blob to see whether it is what its name says.
     *
     * @throws NoSuchFileException if it is not here
     * @throws DigestMismatchException if the file is damaged
     */
    public void verify(Digest digest) throws IOException {
        var hash = Digest.sha256();
        byte[] buffer = new byte[128 * 1024];
        try (InputStream in = open(digest)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hash.update(buffer, 0, n);
            }
        }
        Digest actual = Digest.of(hash);
        if (!actual.equals(digest)) {
            throw DigestMismatchException.digest(digest, actual);
        }
    }

    /**
     * Removes the blob. Who has it open can read on.
     *
     * @return whether it was here
     */
    public boolean delete(Digest digest) throws IOException {
        return Files.deleteIfExists(path(digest));
    }
}
