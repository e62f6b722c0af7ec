package io.slipway.bench.load;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** db-scheduler's queue of tasks that do nothing, fetched with SKIP LOCKED as its documentation advises for many. */
final class TasksQueue implements QueueLoad.Queue {
    private static final Duration WARM = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(10);
    private static final int MOST = 1_000_000;

    /** db-scheduler, db-scheduler/src/test/resources/postgresql_tables.sql. */
    private static final String TABLE = """
            create table scheduled_tasks (
                task_name text not null, task_instance text not null, task_data bytea,
                execution_time timestamp with time zone not null, picked boolean not null, picked_by text,
                last_success timestamp with time zone, last_failure timestamp with time zone, consecutive_failures int,
                last_heartbeat timestamp with time zone, version bigint not null, priority smallint,
                primary key (task_name, task_instance));
            create index execution_time_idx on scheduled_tasks (execution_time);
            create index last_heartbeat_idx on scheduled_tasks (last_heartbeat);
            """;

    private final AtomicInteger number = new AtomicInteger();
    private final Scheduler scheduler;
    private final OneTimeTask<Void> task;
    private volatile Latencies added = new Latencies(MOST);

    TasksQueue(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
        this.task = Tasks.oneTime("build").execute((_, context) -> {
            long start = System.nanoTime();
            context.getSchedulerClient().scheduleIfNotExists(next(), Instant.now());
            added.add(System.nanoTime() - start);
        });
        this.scheduler = Scheduler.create(source, task)
                .threads(QueueLoad.THREADS)
                .pollUsingLockAndFetch(0.5, 4.0)
                .pollingInterval(Duration.ofMillis(10))
                .enableImmediateExecution()
                .build();
    }

    private com.github.kagkarlsson.scheduler.task.TaskInstance<Void> next() {
        return task.instance(Integer.toString(number.getAndIncrement()));
    }

    @Override
    public void fill(int length) {
        AtomicInteger left = new AtomicInteger(length);
        try (ExecutorService threads = Executors.newFixedThreadPool(QueueLoad.THREADS)) {
            for (int i = 0; i < QueueLoad.THREADS; i++) {
                threads.execute(() -> {
                    while (left.getAndDecrement() > 0) {
                        scheduler.scheduleIfNotExists(next(), Instant.now());
                    }
                });
            }
        }
    }

    @Override
    public QueueLoad.Worked work() throws InterruptedException {
        scheduler.start();
        Thread.sleep(WARM);
        Latencies measured = new Latencies(MOST);
        added = measured;
        Thread.sleep(MEASURED);
        int done = measured.count();
        return new QueueLoad.Worked(done / (double) MEASURED.toSeconds(), measured, " | | | ");
    }

    @Override
    public void close() {
        scheduler.stop();
    }
}
