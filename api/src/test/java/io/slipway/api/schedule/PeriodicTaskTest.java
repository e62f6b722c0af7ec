package io.slipway.api.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PeriodicTaskTest {
    private static final Duration SOON = Duration.ofMillis(1);

    @Test
    void whatGoesWrongDoesNotEndIt() throws InterruptedException {
        CountDownLatch times = new CountDownLatch(4);
        try (PeriodicTask _ = PeriodicTask.every(SOON, "failing", () -> {
            times.countDown();
            throw new IllegalStateException("unforeseen");
        })) {
            assertThat(times.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whatHasMorePartsIsDoneToItsEndAtOnce() {
        AtomicInteger parts = new AtomicInteger();
        try (PeriodicTask task = PeriodicTask.inParts(
                "parts", Duration.ofHours(1), Duration.ofHours(1), () -> parts.incrementAndGet() < 3)) {
            task.run();
        }
        assertThat(parts).hasValue(3);
    }

    @Test
    void whatIsClosedBeginsNoMoreParts() {
        AtomicInteger parts = new AtomicInteger();
        PeriodicTask task = PeriodicTask.inParts("closed", Duration.ofHours(1), Duration.ofHours(1), () -> {
            parts.incrementAndGet();
            return true;
        });
        task.close();
        task.run();
        assertThat(parts).hasValue(1);
        assertThat(task.isClosed()).isTrue();
    }
}
