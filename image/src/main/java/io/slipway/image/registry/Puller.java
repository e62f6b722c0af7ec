package io.slipway.image.registry;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.registry.RegistryException.Operation;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.BrokenOffException;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.DigestMismatchException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings blobs into the content store. */
final class Puller {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\\*)");

    private final ContentStore store;
    private final Requests requests;
    private final Retries retries;
    private final Mirrors mirrors;
    private final Transfers transfers;
    private final Map<Digest, ReentrantLock> pulling = new ConcurrentHashMap<>();

    Puller(ContentStore store, Requests requests, Retries retries, Mirrors mirrors, Transfers transfers) {
        this.store = store;
        this.requests = requests;
        this.retries = retries;
        this.mirrors = mirrors;
        this.transfers = transfers;
    }

    /** See {@link RegistryClient#pull(ImageReference, Descriptor)}. */
    void pull(ImageReference from, Descriptor blob) throws IOException {
        unlessStored(from, blob, () -> {
            download(from, blob, _ -> {});
            return Optional.empty();
        });
    }

    /** See {@link RegistryClient#pull(ImageReference, Descriptor, RegistryClient.BlobReading)}. */
    <T> T pull(ImageReference from, Descriptor blob, RegistryClient.BlobReading<T> reading) throws IOException {
        Optional<T> made = unlessStored(from, blob, () -> readArriving(from, blob, reading));
        return made.isPresent() ? made.get() : reading.from(store.open(blob.digest()));
    }

    /** Two steps that need the same base at the same time download it once. Empty if it is stored. */
    private <T> Optional<T> unlessStored(ImageReference from, Descriptor blob, Transfers.Transfer<Optional<T>> pull)
            throws IOException {
        if (isOurs(from, blob)) {
            return Optional.empty();
        }
        ReentrantLock lock = pulling.computeIfAbsent(blob.digest(), _ -> new ReentrantLock());
        lock.lock();
        try (Closeable _ = store.claim(claimOf(from, blob))) {
            if (isOurs(from, blob)) {
                return Optional.empty();
            }
            Optional<T> made = pull.run();
            store.noteAt(blob.digest(), from.host());
            return made;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the blob is here and need not be fetched: we have it, or may have it as well as whoever brought it here. */
    private boolean isOurs(ImageReference from, Descriptor blob) throws IOException {
        return store.use(blob) || (!store.isHeld(blob.digest()) && store.useOfAny(blob) && isAllowed(from, blob));
    }

    /** See {@link RegistryClient#mayHave}. */
    boolean mayHave(ImageReference from, Descriptor blob) throws IOException {
        // Not only what is noted: of what is here from an earlier version nothing is.
        return store.isHeld(blob.digest()) || store.contains(blob) || isAllowed(from, blob);
    }

    /** Only the word of a host counts that has had the content: any other may claim to have what somebody else has made. */
    private boolean isAllowed(ImageReference from, Descriptor blob) throws IOException {
        boolean allowed = store.wasAt(blob.digest(), from.host()) && isGiven(from, blob);
        if (allowed) {
            store.hold(blob.digest());
        }
        return allowed;
    }

    private boolean isGiven(ImageReference from, Descriptor blob) throws IOException {
        try {
            return isThere(from, blob);
        } catch (RegistryException e) {
            if (e.kind() == Kind.UNREACHABLE) {
                throw e;
            }
            return false; // whoever has to fetch it is told better why not
        }
    }

    /** What comes from elsewhere is waited for by nobody, however slowly it comes, and goes on with nothing that came from there. */
    private static Digest claimOf(ImageReference from, Descriptor blob) {
        return Digest.of((from.host() + " " + blob.digest()).getBytes(StandardCharsets.UTF_8));
    }

    /** See {@link RegistryClient#has}. */
    boolean has(ImageReference from, Descriptor blob) throws IOException {
        return store.contains(blob) || isThere(from, blob);
    }

    private boolean isThere(ImageReference from, Descriptor blob) throws IOException {
        Purpose purpose = new Purpose(Operation.PULL, from);
        try {
            return mirrors.ask(purpose, endpoint -> retries.run(purpose, endpoint, () -> has(purpose, endpoint, blob)));
        } catch (RegistryException e) {
            if (e.kind() == Kind.NOT_FOUND || e.kind() == Kind.DIGEST_MISMATCH) {
                return false;
            }
            throw e;
        }
    }

    private boolean has(Purpose purpose, Endpoint endpoint, Descriptor blob) throws IOException {
        HttpRequest request = HttpRequest.of("HEAD", endpoint.uri("/blobs/" + blob.digest()));
        try (HttpResponse response = requests.send(purpose, endpoint, request, Set.of(endpoint.pullScope()))) {
            if (response.status() != 200) {
                throw Answers.refusal(purpose, endpoint, response);
            }
            requireSize(purpose, endpoint, blob, response.header("Content-Length"));
            return true;
        }
    }

    /**
     * Reads while another thread downloads.
     *
     * @return what was read; empty if the download broke off and succeeded elsewhere: then it has to be read again
     */
    private <T> Optional<T> readArriving(ImageReference from, Descriptor blob, RegistryClient.BlobReading<T> reading)
            throws IOException {
        CompletableFuture<InputStream> arriving = new CompletableFuture<>();
        FutureTask<Void> download = new FutureTask<>(() -> {
            try {
                download(from, blob, writer -> {
                    if (!arriving.isDone()) {
                        arriving.complete(writer.openArriving());
                    }
                });
            } finally {
                arriving.cancel(false);
            }
            return null;
        });
        Thread downloading = Thread.ofVirtual().start(download);
        boolean downloaded = false;
        try {
            Optional<T> made = readArriving(arriving, reading);
            Transfers.await(download);
            downloaded = true;
            return made;
        } finally {
            if (!downloaded) {
                downloading.interrupt();
                awaitEnd(downloading);
                if (!arriving.isCompletedExceptionally()) {
                    arriving.join().close();
                }
            }
        }
    }

    private static <T> Optional<T> readArriving(
            CompletableFuture<InputStream> arriving, RegistryClient.BlobReading<T> reading) throws IOException {
        InputStream blob;
        try {
            blob = Transfers.await(arriving);
        } catch (CancellationException e) {
            // The download knows why.
            return Optional.empty();
        }
        try (blob) {
            return Optional.of(reading.from(blob));
        } catch (BrokenOffException e) {
            return Optional.empty();
        }
    }

    /** What it was writing must be closed when the caller's own directory goes. */
    private static void awaitEnd(Thread downloading) {
        boolean interrupted = false;
        while (downloading.isAlive()) {
            try {
                downloading.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whoever wants to know of a blob that is being written. */
    @FunctionalInterface
    private interface Begun {
        void with(BlobWriter writer) throws IOException;
    }

    private void download(ImageReference from, Descriptor blob, Begun begun) throws IOException {
        Purpose purpose = new Purpose(Operation.PULL, from);
        transfers.run(() -> mirrors.<Boolean>ask(purpose, endpoint -> {
            download(purpose, endpoint, blob, begun);
            return true;
        }));
    }

    private void download(Purpose purpose, Endpoint endpoint, Descriptor blob, Begun begun) throws IOException {
        boolean resumed = false;
        try (BlobWriter writer = store.resume(claimOf(purpose.reference(), blob), blob)) {
            resumed = writer.size() > 0;
            if (!resumed) {
                // Nobody reads what may have begun wrong before its digest is known.
                begun.with(writer);
            }
            retries.<Boolean>run(purpose, endpoint, writer::size, () -> {
                download(purpose, endpoint, blob, writer);
                return true;
            });
            writer.commit();
        } catch (DigestMismatchException e) {
            if (resumed) {
                // Who knows where the beginning came from; it is gone now.
                download(purpose, endpoint, blob, begun);
                return;
            }
            throw mismatch(purpose, endpoint, blob, e.getMessage() + "");
        }
    }

    /** Writes what is missing at the end of {@code writer}. */
    private void download(Purpose purpose, Endpoint endpoint, Descriptor blob, BlobWriter writer) throws IOException {
        long have = writer.size();
        if (have == blob.size()) {
            requireGiven(purpose, endpoint, blob);
            return;
        }
        HttpRequest request = HttpRequest.of("GET", endpoint.uri("/blobs/" + blob.digest()));
        if (have > 0) {
            request = request.with("Range", "bytes=" + have + "-");
        }
        try (HttpResponse response = requests.send(purpose, endpoint, request, Set.of(endpoint.pullScope()))) {
            InputStream body = response.body();
            switch (response.status()) {
                case 200 -> {
                    requireSize(purpose, endpoint, blob, response.header("Content-Length"));
                    body.skipNBytes(have); // a host that knows no ranges sends all of it again
                }
                case 206 -> {
                    String range = response.header("Content-Range");
                    Matcher matcher = CONTENT_RANGE.matcher(range == null ? "" : range);
                    if (!matcher.matches() || Long.parseLong(matcher.group(1)) != have) {
                        throw new BrokenProtocolException(
                                endpoint.host() + " sends another range than the one asked for");
                    }
                    requireSize(purpose, endpoint, blob, matcher.group(2));
                }
                default -> throw Answers.refusal(purpose, endpoint, response);
            }
            copy(body, writer);
        }
        if (writer.size() < blob.size()) {
            throw new EOFException("it ended after " + writer.size() + " of " + blob.size() + " bytes");
        }
    }

    /** A download that was cut at its very end may have been somebody else's: it is ours only if we could have had it. */
    private void requireGiven(Purpose purpose, Endpoint endpoint, Descriptor blob) throws IOException {
        try {
            has(purpose, endpoint, blob);
        } catch (RegistryException e) {
            if (e.kind() == Kind.UNREACHABLE) {
                throw e;
            }
            // Not every host that gives blobs answers HEAD.
            HttpRequest request = HttpRequest.of("GET", endpoint.uri("/blobs/" + blob.digest()));
            try (HttpResponse response = requests.send(purpose, endpoint, request, Set.of(endpoint.pullScope()))) {
                if (response.status() != 200) {
                    throw Answers.refusal(purpose, endpoint, response);
                }
            }
        }
    }

    private static void copy(InputStream body, BlobWriter writer) throws IOException {
        byte[] buffer = new byte[128 * 1024];
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            try {
                writer.write(buffer, 0, n);
            } catch (IOException e) {
                throw new LocalFailure(e);
            }
        }
    }

    private static void requireSize(Purpose purpose, Endpoint endpoint, Descriptor blob, @Nullable String announced)
            throws RegistryException {
        boolean number = announced != null && announced.matches("[0-9]{1,18}");
        if (number && Long.parseLong(announced) != blob.size()) {
            throw mismatch(purpose, endpoint, blob, "it has " + announced + " bytes instead of " + blob.size());
        }
    }

    private static RegistryException mismatch(Purpose purpose, Endpoint endpoint, Descriptor blob, String why) {
        return purpose.failure(
                Kind.DIGEST_MISMATCH,
                endpoint.host(),
                "the blob " + blob.digest() + " of " + endpoint.host() + " is not what it should be: " + why);
    }
}
