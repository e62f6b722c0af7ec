package io.slipway.worker.collect;

import static java.nio.charset.StandardCharsets.UTF_8;

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

    /** Reads the request and does it; lines as {@link StorageRequest} has them. */
    int run(InputStream in, PrintStream out) throws IOException {
        Files.createDirectories(store);
        try (Fd lock = Linux.open(
                Fd.CURRENT_DIRECTORY,
                store.resolve("collector.lock").toString(),
                Linux.O_WRONLY | Linux.O_CREAT,
                0600,
                0)) {
            // Of collectors among themselves: what is in the trash is one's own, or of one that has died. No build ever
            // asks for it.
            if (!Linux.tryLock(lock, true)) {
                System.err.println("another collection goes on in " + store);
                return BUSY;
            }
            Linux.setTimesToNow(lock);
            return locked(Linux.stat(lock).modified(), new BufferedReader(new InputStreamReader(in, UTF_8)), out);
        }
    }

    private int locked(Instant now, BufferedReader in, PrintStream out) throws IOException {
        long started = System.nanoTime();
        Trash left = new Trash(store, Instant.MIN, before);
        left.empty();
        Instant horizon = Horizon.of(home, now);
        say(out, StorageRequest.READY);
        String line = in.readLine();
        if (line == null) {
            return DIED;
        }
        StorageRequest request = WireJson.MAPPER.readValue(line, StorageRequest.class);
        Scan scan = new Scan(store);
        Inventory inventory = scan.inventory(request.images());
        Plan plan = new Plan(inventory, horizon);
        StoragePolicy policy = request.policy();
        if (policy != null) {
            plan.apply(policy, now, home.toFile().getUsableSpace());
        }
        say(out, WireJson.MAPPER.writeValueAsString(new StoragePlan(plan.images())));
        if (!StorageRequest.GO.equals(in.readLine())) {
            return DIED;
        }
        Trash trash = new Trash(store, horizon, before);
        Clearing clearing = request.clear() == null ? null : clear(trash, request.clear());
        Removed removed = new Removed();
        for (Victim victim : plan.victims()) {
            if (trash.take(victim)) {
                removed.add(victim);
            }
        }
        trash.empty();
        boolean changed = policy != null || clearing == Clearing.CLEARED;
        Inventory after = changed ? scan.inventory(request.images()) : inventory;
        Duration took = Duration.ofNanos(System.nanoTime() - started);
        say(
                out,
                WireJson.MAPPER.writeValueAsString(report(
                        after,
                        new Plan(after, horizon),
                        policy == null ? null : removed.collected(plan.images().size(), took),
                        clearing)));
        return 0;
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
