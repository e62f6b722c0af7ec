package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.WireJson;
import io.slipway.protocol.storage.StoragePlan;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageReport.Clearing;
import io.slipway.protocol.storage.StorageReport.Collected;
import io.slipway.protocol.storage.StorageRequest;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code collect}: what {@link StorageRequest} says, once. Needs to be root in a user namespace like the workers'. */
public final class Collect {
    private static final int BUSY = 3;
    private static final int DIED = 1;

    private final Path home;
    private final Path store;
    private final Runnable before;

    /** @param before called before each change of the store, for tests */
    Collect(Path home, Runnable before) {
        this.home = home.toAbsolutePath().normalize();
        this.store = this.home.resolve("store");
        this.before = before;
    }

    /**
     * Runs.
     *
     * @param environment {@code SLIPWAY_HOME}
     * @return the process's exit status: 0 when all was done, 1 when nobody wanted it any more, 3 when another process is doing the same
     */
    public static int run(Map<String, String> environment, InputStream in, PrintStream out) throws IOException {
        String home = environment.get("SLIPWAY_HOME");
        if (home == null || home.isEmpty()) {
            throw new IllegalArgumentException("SLIPWAY_HOME is not set");
        }
        return new Collect(Path.of(home), () -> {}).run(in, out);
    }

    /**
     * Does once what somebody wants, in this process.
     *
     * @param home the directory of all data
     * @return null if another process is doing the same, which is said, or nobody wants it any more
     */
    public static @Nullable StorageReport ask(Path home, Asker asker) throws IOException {
        Collect collect = new Collect(home, () -> {});
        try (Fd lock = collect.lock()) {
            return collect.locked(lock, asker);
        } catch (BusyException e) {
            System.err.println(e.getMessage());
            return null;
        }
    }

    /** Reads the request and does it; lines as {@link StorageRequest} has them. */
    int run(InputStream in, PrintStream out) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
        try (Fd lock = lock()) {
            StorageReport report = locked(lock, new Service(lines, out));
            if (report == null) {
                return DIED;
            }
            say(out, WireJson.MAPPER.writeValueAsString(report));
            return 0;
        } catch (BusyException e) {
            System.err.println(e.getMessage());
            return BUSY;
        }
    }

    /** Of collectors among themselves: what is in the trash is one's own, or of one that has died. No build ever asks for it. */
    private Fd lock() throws IOException {
        Files.createDirectories(store);
        String file = store.resolve("collector.lock").toString();
        Fd lock = Linux.open(Fd.CURRENT_DIRECTORY, file, Linux.O_WRONLY | Linux.O_CREAT, 0600, 0);
        if (!Linux.tryLock(lock, true)) {
            lock.close();
            throw new BusyException("another collection goes on in " + store);
        }
        return lock;
    }

    private static final class BusyException extends IOException {
        private static final long serialVersionUID = 1L;

        BusyException(String message) {
            super(message);
        }
    }

    /** The service, which says what it wants in lines. */
    private record Service(BufferedReader in, PrintStream out) implements Asker {
        @Override
        public @Nullable StorageRequest request() throws IOException {
            say(out, StorageRequest.READY);
            String line = in.readLine();
            return line == null ? null : WireJson.MAPPER.readValue(line, StorageRequest.class);
        }

        @Override
        public boolean agrees(StoragePlan plan) throws IOException {
            say(out, WireJson.MAPPER.writeValueAsString(plan));
            return StorageRequest.GO.equals(in.readLine());
        }
    }

    private @Nullable StorageReport locked(Fd lock, Asker asker) throws IOException {
        long started = System.nanoTime();
        Linux.setTimesToNow(lock);
        Instant now = Linux.stat(lock).modified();
        new Trash(store, Instant.MIN, before).empty();
        Instant horizon = Horizon.of(home, now);
        StorageRequest request = asker.request();
        if (request == null) {
            return null;
        }
        Scan scan = new Scan(store);
        Inventory inventory = scan.inventory(request.images());
        Plan plan = new Plan(inventory, horizon);
        StoragePolicy policy = request.policy();
        if (policy != null) {
            plan.apply(policy, now, home.toFile().getUsableSpace());
        }
        if (!asker.agrees(new StoragePlan(plan.images()))) {
            return null;
        }
        Trash trash = new Trash(store, horizon, before);
        Clearing clearing = request.clear() == null ? null : clear(trash, request.clear());
        Removed removed = new Removed();
        for (Victim victim : plan.victims()) {
            if (trash.take(victim)) {
                removed.add(victim);
            }
        }
        if (policy != null) {
            trash.takeForgottenScopes();
        }
        trash.empty();
        boolean changed = policy != null || clearing == Clearing.CLEARED;
        Inventory after = changed ? scan.inventory(request.images()) : inventory;
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        return report(
                after,
                new Plan(after, horizon),
                policy == null ? null : removed.collected(plan.images().size(), took),
                clearing);
    }

    private static void say(PrintStream out, String line) {
        out.println(line);
        out.flush();
    }

    private Clearing clear(Trash trash, String id) throws IOException {
        Path instance = Mounts.find(store, id);
        if (instance == null) {
            return Clearing.NOT_FOUND;
        }
        return trash.takeMount(instance, false) ? Clearing.CLEARED : Clearing.IN_USE;
    }

    /** What was removed, counted. */
    private static final class Removed {
        private final Map<Victim.Kind, Integer> counts = new EnumMap<>(Victim.Kind.class);
        private long bytes;

        void add(Victim victim) {
            counts.merge(victim.kind(), 1, Integer::sum);
            bytes += victim.bytes();
        }

        private int count(Victim.Kind kind) {
            return counts.getOrDefault(kind, 0);
        }

        Collected collected(int images, Duration took) {
            return new Collected(
                    bytes,
                    images,
                    count(Victim.Kind.BLOB) + count(Victim.Kind.DOCUMENT),
                    count(Victim.Kind.SNAPSHOT),
                    count(Victim.Kind.RECORD),
                    count(Victim.Kind.CACHE_MOUNT),
                    took.toMillis());
        }
    }

    private StorageReport report(
            Inventory inventory, Plan plan, @Nullable Collected collected, @Nullable Clearing clearing)
            throws IOException {
        Map<String, Long> mounts = new TreeMap<>();
        inventory.mounts().forEach(mount -> {
            if (mount.project() != null) {
                mounts.merge(mount.project(), mount.bytes(), Long::sum);
            }
        });
        Map<String, StorageReport.ProjectUsage> projects = new TreeMap<>();
        mounts.forEach((project, bytes) ->
                projects.put(project, new StorageReport.ProjectUsage(project, plan.cacheBytes(project), bytes)));
        for (String project : plan.projects()) {
            projects.putIfAbsent(project, new StorageReport.ProjectUsage(project, plan.cacheBytes(project), 0));
        }
        projects.remove(BuildSpec.WARM_UP_PROJECT);
        Path contexts = home.resolve("contexts");
        Path work = home.resolve("work");
        Map<Path, Long> measured = DiskUsage.of(List.of(contexts, work));
        return new StorageReport(
                home.toFile().getTotalSpace(),
                home.toFile().getUsableSpace(),
                Usages.of(inventory, measured.getOrDefault(contexts, 0L), measured.getOrDefault(work, 0L)),
                new ArrayList<>(projects.values()),
                plan.reclaimableBytes(),
                inventory.mounts(),
                collected,
                clearing);
    }
}
