package io.slipway.bench.load;

import io.slipway.db.Database;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildDraft;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildQueue;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.ClaimedBuild;
import io.slipway.db.build.ContextFile;
import io.slipway.db.build.DockerfileText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Slipway's queue: builds of ten projects that take turns, with their logs and notifications, as the service has them. */
final class BuildsQueue implements QueueLoad.Queue {
    private static final int PROJECTS = 10;
    private static final Duration WARM = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final Duration LEASE = Duration.ofSeconds(60);
    private static final int MOST = 1_000_000;

    private final BuildQueue queue;
    private final AtomicInteger number = new AtomicInteger();

    BuildsQueue(DataSource source) {
        Database database = new Database(source);
        database.migrate();
        Projects projects = new Projects(database);
        for (int i = 0; i < PROJECTS; i++) {
            projects.create("p" + i, "", "usr_bench");
        }
        this.queue = new BuildQueue(database);
    }

    private void submit() {
        int index = number.getAndIncrement();
        queue.submit(new BuildDraft(
                BuildId.create(Instant.now()),
                "p" + index % PROJECTS,
                "{}",
                null,
                List.of("registry.example/app:latest"),
                null,
                0,
                3_600_000,
                new DockerfileText("Dockerfile", "FROM scratch\n"),
                new ContextFile("/contexts/" + index + ".tar", 10_240, "0".repeat(64)),
                null,
                List.of()));
    }

    @Override
    public void fill(int length) throws Exception {
        AtomicInteger left = new AtomicInteger(length);
        inThreads(() -> {
            while (left.getAndDecrement() > 0) {
                submit();
            }
        });
    }

    @Override
    public QueueLoad.Worked work() throws Exception {
        cycle(WARM, new Latencies(MOST), new Latencies(MOST), new Latencies(MOST));
        Latencies submits = new Latencies(MOST);
        Latencies claims = new Latencies(MOST);
        Latencies ends = new Latencies(MOST);
        cycle(MEASURED, submits, claims, ends);
        return new QueueLoad.Worked(
                ends.count() / (double) MEASURED.toSeconds(), submits, claims.cells() + " | " + ends.cells());
    }

    private void cycle(Duration time, Latencies submits, Latencies claims, Latencies ends) throws Exception {
        long deadline = System.nanoTime() + time.toNanos();
        inThreads(() -> {
            while (System.nanoTime() < deadline) {
                long start = System.nanoTime();
                ClaimedBuild claimed =
                        queue.claim("wrk_bench", null, new byte[32], LEASE).orElse(null);
                if (claimed == null) {
                    // Of a short queue another thread has all.
                    continue;
                }
                long taken = System.nanoTime();
                queue.record(
                        claimed.build().id(),
                        claimed.fencingToken(),
                        1,
                        List.of("succeeded"),
                        LEASE,
                        (writer, _) -> writer.succeeded(new BuildResult(
                                "sha256:" + "0".repeat(64), "application/vnd.oci.image.manifest.v1+json", 1000)));
                long ended = System.nanoTime();
                submit();
                claims.add(taken - start);
                ends.add(ended - taken);
                submits.add(System.nanoTime() - ended);
            }
        });
    }

    private static void inThreads(Runnable work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(QueueLoad.THREADS)) {
            List<Future<?>> all = new java.util.ArrayList<>();
            for (int i = 0; i < QueueLoad.THREADS; i++) {
                all.add(threads.submit(work));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    @Override
    public void close() {}
}
