package io.slipway.api.storage;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.launch.DiskRoom;
import io.slipway.api.launch.FinishedBuilds;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.storage.Collection.Reason;
import io.slipway.api.upload.UploadedContexts;
import io.slipway.db.DatabaseException;
import io.slipway.db.build.Builds;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageReport.Clearing;
import io.slipway.protocol.storage.StorageReport.Collected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.SortedMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;

/**
 * Keeps the store within its policy: collects after builds, when the disk is low, and when it is asked to; one collection at a time. Thread-safe.
 */
@Component
public final class StorageKeeper implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(StorageKeeper.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** How long after a collection for want of room the next may begin, if that has helped. */
    private static final Duration LOW_DISK_PAUSE = Duration.ofSeconds(10);

    private final Collector collector;
    private final FinishedBuilds finished;
    private final UploadedContexts uploads;
    private final Clock clock;
    private final Path home;
    private final SlipwayProperties.Storage settings;
    private final StoragePolicy policy;
    private final long leastFree;
    private final DiskRoom room;
    private final Builds builds;
    private final HomeId homeId;
    private final ReentrantLock running = new ReentrantLock();
    private final Semaphore stopped = new Semaphore(0);
    private volatile @Nullable Measured last;
    private volatile @Nullable Collection lastCollection;
    // By System.nanoTime: the machine's clock may be set.
    private volatile long measuredAt;
    private volatile long collectedAt;
    private volatile long lastTry;
    private volatile long collectedAfter;
    private volatile @Nullable Thread thread;

    StorageKeeper(
            Collector collector,
            FinishedBuilds finished,
            UploadedContexts uploads,
            SlipwayProperties properties,
            DiskRoom room,
            Builds builds,
            HomeId homeId,
            Clock clock) {
        this.room = room;
        this.builds = builds;
        this.homeId = homeId;
        this.collector = collector;
        this.finished = finished;
        this.uploads = uploads;
        this.clock = clock;
        this.home = properties.home();
        this.settings = properties.storage();
        this.leastFree = Math.max(
                settings.minimumFree().toBytes(),
                properties.limits().freeSpace().toBytes());
        this.policy = policy(settings, leastFree);
        this.lastTry = System.nanoTime() - LOW_DISK_PAUSE.toNanos();
    }

    private static StoragePolicy policy(SlipwayProperties.Storage settings, long leastFree) {
        return new StoragePolicy(
                settings.reserved().toBytes(),
                bytes(settings.maximum()),
                leastFree,
                settings.maximumAge().isZero() ? null : settings.maximumAge().toMillis(),
                bytes(settings.projectQuota()),
                bytes(settings.cacheMountQuota()));
    }

    private static @Nullable Long bytes(@Nullable DataSize size) {
        return size == null ? null : size.toBytes();
    }

    /**
     * What was found at that time.
     *
     * @param report the store
     * @param uploads what contexts that were sent to {@code /v1/contexts} take, in bytes, by project
     */
    record Measured(Instant at, StorageReport report, SortedMap<String, Long> uploads) {
        /** What such contexts take together. */
        long uploadBytes() {
            return uploads.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** The policy that collections follow. */
    StoragePolicy policy() {
        return policy;
    }

    /** How long images are kept in any case. */
    Duration imageAge() {
        return settings.imageAge();
    }

    /** What was found last, or null. */
    @Nullable
    Measured last() {
        return last;
    }

    /** The last collection since the service started, or null. */
    @Nullable
    Collection lastCollection() {
        return lastCollection;
    }

    /**
     * What is in the store.
     *
     * @param age how old the answer may be
     * @throws ProblemException {@link ProblemType#STORAGE_UNAVAILABLE}
     */
    Measured measured(Duration age) {
        return locked(() -> {
            Measured known = last;
            if (known != null && System.nanoTime() - measuredAt < age.toNanos()) {
                return known;
            }
            return measure(null, null);
        });
    }

    /**
     * Clears a cache mount.
     *
     * @throws ProblemException {@link ProblemType#STORAGE_UNAVAILABLE}
     */
    Clearing clear(String id) {
        return locked(() -> Objects.requireNonNull(measure(null, id).report().clearing(), "it was asked for"));
    }

    /**
     * Collects.
     *
     * @throws ProblemException {@link ProblemType#STORAGE_UNAVAILABLE}
     */
    Collection collect(Reason reason) {
        return locked(() -> collectNow(reason));
    }

    /** Whether there is a store to look after: workers of Slipway's own keep it. */
    boolean isEnabled() {
        return collector.isEnabled();
    }

    /**
     * Collects, unless that has just been tried, because there is no room for something.
     *
     * @return whether there may be more room now
     */
    public boolean makeRoom() {
        if (!collector.isEnabled()) {
            return false;
        }
        long asked = System.nanoTime();
        try {
            return locked(() -> {
                Collection known = lastCollection;
                if (known != null && collectedAt - asked > 0) {
                    return true; // by somebody else, while this one waited
                }
                return asked - lastTry >= LOW_DISK_PAUSE.toNanos()
                        && collectNow(Reason.LOW_DISK).freedBytes() > 0;
            });
        } catch (ProblemException | DatabaseException e) {
            LOG.warn("Nothing could be collected from the store: {}", e.getMessage());
            return false;
        }
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T locked(Work<T> work) {
        running.lock();
        try {
            return work.run();
        } catch (IOException e) {
            LOG.warn("The store can't be looked at", e);
            throw new ProblemException(
                    ProblemType.STORAGE_UNAVAILABLE, "The store can't be looked at: " + e.getMessage() + ".");
        } finally {
            running.unlock();
        }
    }

    private Measured measure(@Nullable StoragePolicy wanted, @Nullable String clear) throws IOException {
        Measured found = new Measured(clock.instant(), collector.run(wanted, clear), uploads.bytesByProject());
        last = found;
        measuredAt = System.nanoTime();
        return found;
    }

    private Collection collectNow(Reason reason) throws IOException {
        long ended = finished.total();
        lastTry = System.nanoTime();
        long uploadBytes = reason == Reason.LOW_DISK ? giveBackUploads() : 0;
        Measured found = measure(policy, null);
        Collected collected = Objects.requireNonNull(found.report().collected(), "there was a policy");
        Collection collection = new Collection(clock.instant(), reason, collected, uploadBytes);
        lastCollection = collection;
        collectedAt = System.nanoTime();
        lastTry = collectedAt;
        collectedAfter = ended;
        if (collection.freedBytes() > 0 || reason != Reason.BUILDS) {
            LOG.info(
                    "Collected {} bytes in {} ms ({}): {} images, {} blobs, {} snapshots, {} records, {} cache mounts, {} bytes of uploads",
                    collection.freedBytes(),
                    collected.durationMillis(),
                    reason.wireName(),
                    collected.images(),
                    collected.blobs(),
                    collected.snapshots(),
                    collected.records(),
                    collected.cacheMounts(),
                    uploadBytes);
        }
        return collection;
    }

    private long giveBackUploads() {
        try {
            return uploads.giveBack();
        } catch (IOException e) {
            LOG.warn("Contents that no context names any more could not be removed; the store is collected", e);
            return 0;
        }
    }

    private void run() {
        while (!pause()) {
            try {
                look();
            } catch (ProblemException | DatabaseException e) {
                // The log has why; the database's absence others tell.
                lastTry = System.nanoTime();
            } catch (IOException | RuntimeException e) {
                lastTry = System.nanoTime();
                LOG.error("Looking after the store failed; it is tried again", e);
            }
        }
    }

    private void look() throws IOException {
        if (!collector.isEnabled()) {
            return;
        }
        Duration since = Duration.ofNanos(System.nanoTime() - lastTry);
        if (since.compareTo(settings.interval()) >= 0 && finished.total() > collectedAfter) {
            collect(Reason.BUILDS);
            return;
        }
        Collection known = lastCollection;
        boolean helped = known == null || known.freedBytes() > 0;
        if (since.compareTo(LOW_DISK_PAUSE) < 0 || Files.getFileStore(home).getUsableSpace() >= leastFree) {
            return;
        }
        // What could not go a while ago may go now, and somebody waits for it.
        if (helped || since.compareTo(settings.interval()) >= 0 || keepsBuildsWaiting()) {
            collect(Reason.LOW_DISK);
        }
    }

    private boolean keepsBuildsWaiting() {
        return room.shortage() != null && builds.isAnyWaiting(homeId.value());
    }

    private boolean pause() {
        try {
            return stopped.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("storage").start(this::run);
    }

    /** A collection that goes on may be left alone: it ends by itself, and loses nothing if it is killed. */
    @Override
    public void stop() {
        stopped.release();
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
