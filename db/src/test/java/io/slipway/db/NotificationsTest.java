package io.slipway.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class NotificationsTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration AT_ONCE = Duration.ZERO;

    private final Database database = TestDatabase.create();

    @Test
    void aSignalIsSetByItsOwnChannelAndPayloadOnly() {
        try (Notifications notifications = new Notifications(database);
                Signal mine = notifications.subscribe(Channel.BUILD_EVENTS, "a");
                Signal any = notifications.subscribe(Channel.BUILD_EVENTS, null);
                Signal other = notifications.subscribe(Channel.BUILD_EVENTS, "b");
                Signal queued = notifications.subscribe(Channel.BUILD_QUEUED, "a")) {
            awaitListening(notifications, mine, any, other, queued);
            database.notify(Channel.BUILD_EVENTS, "a");
            assertThat(mine.await(SOON)).isTrue();
            assertThat(any.await(SOON)).isTrue();
            assertThat(mine.await(AT_ONCE)).isFalse();
            assertThat(other.await(AT_ONCE)).isFalse();
            assertThat(queued.await(AT_ONCE)).isFalse();
        }
    }

    @Test
    void whatHappensBeforeTheWaitIsNotMissed() {
        try (Notifications notifications = new Notifications(database);
                Signal early = notifications.subscribe(Channel.BUILD_QUEUED, "a");
                Signal later = notifications.subscribe(Channel.BUILD_QUEUED, "b")) {
            awaitListening(notifications, early, later);
            database.notify(Channel.BUILD_QUEUED, "a");
            database.notify(Channel.BUILD_QUEUED, "b");
            assertThat(later.await(SOON)).isTrue();
            assertThat(early.await(AT_ONCE)).isTrue();
        }
    }

    @Test
    void aBrokenConnectionIsReplacedAndEverybodyIsWoken() {
        try (Notifications notifications = new Notifications(database);
                Signal signal = notifications.subscribe(Channel.BUILD_EVENTS, "a")) {
            awaitListening(notifications, signal);
            database.run(transaction -> transaction.list("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()
                    """, row -> true));
            assertThat(signal.await(SOON)).as("woken by the new connection").isTrue();
            database.notify(Channel.BUILD_EVENTS, "a");
            assertThat(signal.await(SOON)).as("woken over the new connection").isTrue();
        }
    }

    @Test
    void aListenerHearsEveryPayloadOfItsChannelAndThatSomeMayBeMissed() throws InterruptedException {
        BlockingQueue<Optional<String>> heard = new LinkedBlockingQueue<>();
        try (Notifications notifications = new Notifications(database)) {
            Runnable end =
                    notifications.listen(Channel.BUILD_EVENTS, payload -> heard.add(Optional.ofNullable(payload)));
            awaitListening(notifications);
            heard.clear();
            database.notify(Channel.BUILD_QUEUED, "x");
            database.notify(Channel.BUILD_EVENTS, "a");
            database.notify(Channel.BUILD_EVENTS, "b");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("a");
            assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("b");
            database.run(transaction -> transaction.list("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()
                    """, row -> true));
            assertThat(heard.poll(10, TimeUnit.SECONDS))
                    .as("what was said meanwhile is lost")
                    .isEmpty();
            end.run();
            database.notify(Channel.BUILD_EVENTS, "c");
            try (Signal later = notifications.subscribe(Channel.BUILD_EVENTS, "d")) {
                database.notify(Channel.BUILD_EVENTS, "d");
                assertThat(later.await(SOON)).isTrue();
            }
            assertThat(heard).isEmpty();
        }
    }

    /** Everybody is woken once when listening begins, one after the other: a notification comes when all have been. */
    private void awaitListening(Notifications notifications, Signal... signals) {
        try (Signal probe = notifications.subscribe(Channel.BUILD_QUEUED, "probe")) {
            for (int woken = 0; woken < 2; woken++) {
                do {
                    database.notify(Channel.BUILD_QUEUED, "probe");
                } while (!probe.await(Duration.ofMillis(200)));
            }
        }
        for (Signal signal : signals) {
            signal.await(AT_ONCE);
        }
    }
}
