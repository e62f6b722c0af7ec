package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Digest;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.WireJson;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageReport.Clearing;
import io.slipway.protocol.storage.StorageRequest;
import io.slipway.protocol.storage.StoredImage;
import io.slipway.worker.mount.CacheDirectories;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes and what stays, in a store whose things were last used when the test says. */
final class CollectTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final StoragePolicy EVERYTHING = MadeUpStore.maximum(0);
    private static final long UNLIMITED = Long.MAX_VALUE;

    @TempDir
    private Path home;

    private MadeUpStore store;

    @BeforeEach
    void make() throws IOException {
        store = new MadeUpStore(home);
    }

    @Test
    void whatWasUsedLastGoesLast() throws IOException {
        Digest old = store.layer("default", "old", WEEK);
        Digest young = store.layer("default", "young", HOUR);
        StorageReport report = store.collect(MadeUpStore.maximum(3 * MadeUpStore.LAYER_BYTES));
        assertThat(store.has(old)).isFalse();
        assertThat(store.hasSnapshot("old")).isFalse();
        assertThat(store.recordFile("default", "old").getParent()).doesNotExist();
        assertThat(store.has(young)).isTrue();
        assertThat(store.hasSnapshot("young")).isTrue();
        assertThat(store.recordFile("default", "young")).exists();
        StorageReport.Collected collected = Objects.requireNonNull(report.collected());
        assertThat(collected.freedBytes()).isGreaterThanOrEqualTo(2 * MadeUpStore.LAYER_BYTES);
        assertThat(collected.blobs()).isEqualTo(1);
        assertThat(collected.snapshots()).isEqualTo(1);
        assertThat(collected.records()).isEqualTo(1);
        assertThat(report.usage().store()).isLessThanOrEqualTo(3 * MadeUpStore.LAYER_BYTES);
    }

    @Test
    void aScopeCountsForItsProjectAndIsGoneWithItsLastRecord() throws IOException {
        store.layer("default", "own", HOUR);
        store.layer("default+pull.7", "scoped", WEEK);
        for (String kind : List.of("running", "failures")) {
            for (String tenant : List.of("default", "default+pull.7", "default+pull.8")) {
                Files.createDirectories(home.resolve("store").resolve(kind));
                Files.createFile(home.resolve("store").resolve(kind).resolve(tenant));
            }
        }
        StorageReport before = store.collect(MadeUpStore.maximum(UNLIMITED));
        assertThat(before.projects()).hasSize(1);
        assertThat(before.projects().getFirst().project()).isEqualTo("default");
        assertThat(before.projects().getFirst().cache()).isGreaterThanOrEqualTo(4 * MadeUpStore.LAYER_BYTES);
        assertThat(home.resolve("store/running/default+pull.7")).exists();
        assertThat(home.resolve("store/running/default+pull.8")).doesNotExist();
        store.collect(MadeUpStore.maximum(3 * MadeUpStore.LAYER_BYTES));
        assertThat(home.resolve("store/cache/default")).exists();
        for (String kind : List.of("cache", "running", "failures")) {
            assertThat(home.resolve("store").resolve(kind).resolve("default+pull.7"))
                    .doesNotExist();
        }
        assertThat(home.resolve("store/running/default")).exists();
    }

    @Test
    void aRecordThatWasUsedKeepsItsBlob() throws IOException {
        Digest blob = store.layer("default", "layer", WEEK);
        Digest other = store.layer("default", "other", DAY);
        store.used(store.recordFile("default", "layer"), HOUR);
        store.collect(MadeUpStore.maximum(3 * MadeUpStore.LAYER_BYTES));
        assertThat(store.has(other))
                .as("the snapshot of the first goes, then the other layer")
                .isFalse();
        assertThat(store.has(blob)).isTrue();
    }

    @Test
    void nothingGoesThatARunningBuildMayHaveUsed() throws IOException {
        Digest before = store.layer("default", "before", DAY);
        Digest during = store.layer("default", "during", Duration.ofMinutes(5));
        store.running(HOUR);
        StorageReport report = store.collect(EVERYTHING);
        assertThat(store.has(before)).isFalse();
        assertThat(store.has(during)).isTrue();
        assertThat(store.hasSnapshot("during")).isTrue();
        assertThat(store.recordFile("default", "during")).exists();
        assertThat(report.reclaimableBytes()).isZero();
    }

    @Test
    void nothingGoesWhenTheClockWasSetBackWhileABuildRuns() throws IOException {
        Digest blob = store.layer("default", "layer", WEEK);
        store.running(HOUR.negated());
        store.collect(EVERYTHING);
        assertThat(store.has(blob)).isTrue();
    }

    @Test
    void aLocalBuildThatWasKilledHoldsNothing() throws IOException {
        Digest blob = store.layer("default", "layer", HOUR);
        Path dead = Files.createDirectories(home.resolve("work/local-1"));
        Files.createFile(dead.resolve("lock"));
        store.used(Files.createFile(dead.resolve("begun")), DAY);
        store.collect(EVERYTHING);
        assertThat(store.has(blob)).isFalse();
    }

    @Test
    void whatKeptImagesConsistOfStays() throws IOException {
        Digest layer = store.layer("default", "kept", WEEK);
        Digest rest = store.layer("default", "rest", HOUR);
        StoredImage image = store.image(true, WEEK, layer);
        MadeUpStore.Outcome outcome = store.collect(EVERYTHING, null, () -> {}, image);
        assertThat(outcome.images()).isEmpty();
        assertThat(store.has(layer)).isTrue();
        assertThat(store.has(Digest.parse(image.digest()))).isTrue();
        assertThat(store.hasSnapshot("kept")).as("it can be made again").isFalse();
        assertThat(store.has(rest)).isFalse();
    }

    @Test
    void anImageThatLosesALayerGoesWhole() throws IOException {
        Digest lost = store.layer("default", "lost", WEEK);
        Digest shared = store.layer("default", "shared", HOUR);
        StoredImage image = store.image(false, DAY, shared, lost);
        StoredImage other = store.image(false, HOUR, shared);
        long enough = 3 * MadeUpStore.LAYER_BYTES + 8 * 4096;
        MadeUpStore.Outcome outcome = store.collect(MadeUpStore.maximum(enough), null, () -> {}, image, other);
        assertThat(outcome.images()).containsExactly(image.digest());
        assertThat(store.has(lost)).isFalse();
        assertThat(store.has(Digest.parse(image.digest()))).isFalse();
        assertThat(store.has(shared)).isTrue();
        assertThat(store.has(Digest.parse(other.digest()))).isTrue();
    }

    @Test
    void anImageThatIsNotWholeAnyMoreIsTold() throws IOException {
        Digest layer = store.layer("default", "layer", HOUR);
        StoredImage image = store.image(false, HOUR, layer);
        Files.delete(home.resolve("store/blobs/sha256").resolve(layer.hex()));
        MadeUpStore.Outcome outcome = store.collect(MadeUpStore.maximum(UNLIMITED), null, () -> {}, image);
        assertThat(outcome.images()).containsExactly(image.digest());
        assertThat(store.has(Digest.parse(image.digest()))).isFalse();
    }

    @Test
    void anImageStaysWithoutABasesLayerThatCanBeHadElsewhere() throws IOException {
        Digest base = store.blob("base", WEEK);
        Digest layer = store.layer("default", "layer", HOUR);
        StoredImage image = store.image(false, HOUR, base, layer);
        store.origin(base, WEEK);
        Digest forgotten = Digest.of("of no image".getBytes(UTF_8));
        store.origin(forgotten, WEEK);
        long enough = 2 * MadeUpStore.LAYER_BYTES + 8 * 4096;
        MadeUpStore.Outcome outcome = store.collect(MadeUpStore.maximum(enough), null, () -> {}, image);
        assertThat(outcome.images()).isEmpty();
        assertThat(store.has(base)).isFalse();
        assertThat(store.has(Digest.parse(image.digest()))).isTrue();
        assertThat(home.resolve("store/origins").resolve(base.hex())).exists();
        assertThat(home.resolve("store/origins").resolve(forgotten.hex())).doesNotExist();
        assertThat(store.collect(MadeUpStore.maximum(UNLIMITED), null, () -> {}, image)
                        .images())
                .as("it is whole still")
                .isEmpty();
    }

    @Test
    void whatIsTooOldGoesAlthoughThereIsRoom() throws IOException {
        Digest old = store.layer("default", "old", WEEK);
        Digest young = store.layer("default", "young", DAY);
        Digest kept = store.layer("default", "kept", WEEK);
        StoredImage image = store.image(true, WEEK, kept);
        store.collect(new StoragePolicy(UNLIMITED, null, 0, DAY.multipliedBy(2).toMillis(), null, null), image);
        assertThat(store.has(old)).isFalse();
        assertThat(store.has(young)).isTrue();
        assertThat(store.has(kept)).isTrue();
        assertThat(store.recordFile("default", "kept"))
                .as("nobody has looked for it")
                .doesNotExist();
    }

    @Test
    void whatStepsDependedOnGoesWithItsAge() throws IOException {
        Path old = store.history("default", "old", WEEK);
        Path young = store.history("default", "young", DAY);
        store.collect(new StoragePolicy(UNLIMITED, null, 0, DAY.multipliedBy(2).toMillis(), null, null));
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void whatStepsDependedOnStaysUntilTheirResultsHaveGone() throws IOException {
        Path history = store.history("default", "old", WEEK);
        Digest layer = store.layer("default", "layer", DAY);
        store.collect(new StoragePolicy(UNLIMITED, null, 0, DAY.multipliedBy(2).toMillis(), null, null));
        assertThat(history).exists();
        store.collect(new StoragePolicy(0, MadeUpStore.LAYER_BYTES, 0, null, null, null));
        assertThat(store.has(layer)).isFalse();
        assertThat(history).exists();
    }

    @Test
    void whatStepsDependedOnGoesForNoLimitAndLastForWantOfRoom() throws IOException {
        Path history = store.history("default", "old", WEEK);
        Digest layer = store.layer("default", "layer", DAY);
        store.collect(new StoragePolicy(0, 0L, 0, null, 0L, null));
        assertThat(store.has(layer)).isFalse();
        assertThat(history).exists();
        store.collect(new StoragePolicy(0, null, UNLIMITED, null, null, null));
        assertThat(history).doesNotExist();
    }

    @Test
    void downloadsThatNobodyGoesOnWithGo() throws IOException {
        Path old = store.partial("old", DAY);
        Path young = store.partial("young", Duration.ofMinutes(30));
        StorageReport report = store.collect(new StoragePolicy(UNLIMITED, null, 0, null, null, null));
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(report.usage().downloads()).isPositive();
        store.collect(new StoragePolicy(0, null, UNLIMITED, null, null, null));
        assertThat(young).as("for want of room").doesNotExist();
        Path late = store.partial("of a running build", Duration.ofHours(2));
        store.running(Duration.ofHours(3));
        store.collect(EVERYTHING);
        assertThat(late).exists();
    }

    @Test
    void theStoreIsNotMadeSmallerThanWhatIsReserved() throws IOException {
        store.layer("default", "first", WEEK);
        Digest second = store.layer("default", "second", DAY);
        store.collect(new StoragePolicy(3 * MadeUpStore.LAYER_BYTES, null, UNLIMITED, null, null, null));
        assertThat(store.has(second)).isTrue();
        assertThat(store.hasSnapshot("first")).isFalse();
        store.collect(new StoragePolicy(0, null, UNLIMITED, null, null, null));
        assertThat(store.has(second)).isFalse();
    }

    @Test
    void aProjectsQuotaIsOfWhatOnlyItUses() throws IOException {
        Digest mine = store.layer("mine", "mine", DAY);
        Digest shared = store.layer("mine", "shared", WEEK);
        store.record("theirs", "shared too", Digest.of("diff shared".getBytes(UTF_8)), shared, WEEK);
        Digest theirs = store.layer("theirs", "theirs", WEEK);
        StorageReport before = store.collect(new StoragePolicy(0, null, 0, null, 3 * MadeUpStore.LAYER_BYTES, null));
        assertThat(before.projects()).extracting(project -> project.project()).containsExactly("mine", "theirs");
        assertThat(store.has(mine)).isTrue();
        assertThat(store.has(theirs)).isTrue();
        Digest more = store.layer("mine", "more", HOUR);
        store.collect(new StoragePolicy(0, null, 0, null, 3 * MadeUpStore.LAYER_BYTES, null));
        assertThat(store.has(mine)).isFalse();
        assertThat(store.has(more)).isTrue();
        assertThat(store.has(shared)).isTrue();
        assertThat(store.has(theirs)).isTrue();
    }

    @Test
    void cacheMountsHaveAQuotaOfTheirOwnAndThoseInUseStay() throws Exception {
        store.mount("mine", "/old").close();
        store.mount("mine", "/young").close();
        age("/old", WEEK);
        age("/young", DAY);
        CacheDirectories.Lease used = store.mount("theirs", "/used");
        StoragePolicy policy = new StoragePolicy(0, null, 0, null, null, MadeUpStore.LAYER_BYTES + 64 * 1024);
        StorageReport report = store.collect(policy);
        assertThat(report.cacheMounts())
                .extracting(StorageReport.CacheMount::name)
                .containsExactly("/young", "/used");
        assertThat(report.cacheMounts())
                .extracting(StorageReport.CacheMount::inUse)
                .containsExactly(false, true);
        assertThat(report.cacheMounts())
                .extracting(StorageReport.CacheMount::project)
                .containsExactly("mine", "theirs");
        assertThat(report.usage().cacheMounts()).isGreaterThanOrEqualTo(2 * MadeUpStore.LAYER_BYTES);
        age("/used", WEEK);
        store.collect(EVERYTHING);
        assertThat(used.data().resolve("file")).exists();
        used.close();
    }

    private void age(String id, Duration ago) throws IOException {
        for (StorageReport.CacheMount mount :
                store.collect(MadeUpStore.maximum(UNLIMITED)).cacheMounts()) {
            if (id.equals(mount.name())) {
                Path instance = Objects.requireNonNull(Mounts.find(home.resolve("store"), mount.id()));
                store.used(instance.resolve("lock"), ago);
            }
        }
    }

    @Test
    void aCacheMountIsClearedUnlessItIsInUse() throws Exception {
        CacheDirectories.Lease lease = store.mount("default", "/cache");
        String id = store.collect(MadeUpStore.maximum(UNLIMITED))
                .cacheMounts()
                .getFirst()
                .id();
        assertThat(store.collect(null, id, () -> {}).reported().clearing()).isEqualTo(Clearing.IN_USE);
        assertThat(lease.data().resolve("file")).exists();
        lease.close();
        store.running(HOUR);
        StorageReport report = store.collect(null, id, () -> {}).reported();
        assertThat(report.clearing()).isEqualTo(Clearing.CLEARED);
        assertThat(report.cacheMounts()).isEmpty();
        assertThat(store.collect(null, id, () -> {}).reported().clearing()).isEqualTo(Clearing.NOT_FOUND);
        try (CacheDirectories.Lease anew = store.mount("default", "/cache")) {
            assertThat(anew.data().resolve("file")).exists();
        }
    }

    @Test
    void whatIsUsedInTheLastMomentIsPutBack() throws IOException {
        Digest blob = store.layer("default", "layer", WEEK);
        Set<String> all = store.paths();
        StorageReport report = store.collect(EVERYTHING, null, this::useAll).reported();
        assertThat(store.paths()).containsAll(all);
        assertThat(store.has(blob)).isTrue();
        assertThat(Objects.requireNonNull(report.collected()).freedBytes()).isZero();
    }

    /** As every build does it, at each moment at which the collector changes something. */
    private void useAll() {
        try (var files = Files.walk(home.resolve("store"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.startsWith(home.resolve("store/trash"))) {
                    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aBlobThatIsAsideForAMomentIsFoundAgain() throws Exception {
        Digest blob = store.blob("layer", WEEK);
        ContentStore content = ContentStore.at(home.resolve("store"));
        Path file = content.path(blob);
        Path aside = home.resolve("aside");
        Files.move(file, aside);
        Thread collector = Thread.ofVirtual().unstarted(() -> {
            try {
                Files.move(aside, file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        collector.start();
        assertThat(content.size(blob)).isEqualTo(MadeUpStore.LAYER_BYTES);
        collector.join();
    }

    @Test
    void aCollectorThatDiesAtAnyPointLeavesWhatTheNextOneFinishes() throws IOException {
        int points = 0;
        while (true) {
            Path other = Files.createDirectory(home.resolve("home-" + points));
            MadeUpStore made = new MadeUpStore(other);
            Digest kept = made.layer("default", "kept", WEEK);
            StoredImage image = made.image(true, WEEK, kept);
            Digest lost = made.layer("default", "lost", WEEK);
            StoredImage gone = made.image(false, DAY, lost);
            AtomicInteger left = new AtomicInteger(points);
            boolean died = false;
            try {
                made.collect(
                        EVERYTHING,
                        null,
                        () -> {
                            if (left.getAndDecrement() == 0) {
                                throw new IllegalStateException("killed");
                            }
                        },
                        image,
                        gone);
            } catch (IllegalStateException e) {
                died = true;
            }
            made.collect(EVERYTHING, image, gone);
            assertThat(made.has(kept)).isTrue();
            assertThat(made.has(Digest.parse(image.digest()))).isTrue();
            assertThat(made.has(lost)).isFalse();
            assertThat(made.has(Digest.parse(gone.digest()))).isFalse();
            assertThat(made.hasSnapshot("lost")).isFalse();
            assertThat(other.resolve("store/trash")).isEmptyDirectory();
            if (!died) {
                break;
            }
            points++;
        }
        assertThat(points).isGreaterThan(5);
    }

    @Test
    void withoutTheServicesWordNothingIsRemoved() throws IOException {
        Digest blob = store.layer("default", "layer", WEEK);
        Set<String> before = store.paths();
        String request = WireJson.MAPPER.writeValueAsString(new StorageRequest(EVERYTHING, List.of(), null)) + "\n";
        int status = new Collect(home, () -> {})
                .run(
                        new ByteArrayInputStream(request.getBytes(UTF_8)),
                        new PrintStream(new ByteArrayOutputStream(), true, UTF_8));
        assertThat(status).isEqualTo(1);
        assertThat(store.has(blob)).isTrue();
        assertThat(store.paths()).containsAll(before);
    }

    @Test
    void hardLinksCountOnce() throws IOException {
        Digest diffId = Digest.of("linked".getBytes(UTF_8));
        store.snapshot(diffId, HOUR);
        Path tree = home.resolve("store/snapshots").resolve(diffId.hex());
        long once = store.collect(null, null, () -> {}).reported().usage().snapshots();
        Files.delete(home.resolve("store/sizes"));
        Files.createLink(tree.resolve("second"), tree.resolve("file"));
        assertThat(store.collect(null, null, () -> {}).reported().usage().snapshots())
                .isEqualTo(once);
        assertThat(once).isBetween(MadeUpStore.LAYER_BYTES, 2 * MadeUpStore.LAYER_BYTES);
    }

    @Test
    void itNeedsAHome() {
        assertThatThrownBy(() -> Collect.run(java.util.Map.of(), new ByteArrayInputStream(new byte[0]), System.out))
                .hasMessageContaining("SLIPWAY_HOME");
    }
}
