package io.slipway.db.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SubmitRatesTest {
    private final Database database = TestDatabase.create();
    private final SubmitRates rates = new SubmitRates(database);

    @Test
    void asManyAsMayComeAtOnceAndThenEvenly() {
        assertThat(Stream.generate(() -> rates.spend("default", 4)).limit(4).toList())
                .allMatch(SubmitRates.Spent::accepted)
                .extracting(SubmitRates.Spent::remaining)
                .containsExactly(3L, 2L, 1L, 0L);
        SubmitRates.Spent refused = rates.spend("default", 4);
        assertThat(refused.accepted()).isFalse();
        assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
        assertThat(refused.reset()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
        new Projects(database).create("other", null, "tok_0");
        assertThat(rates.spend("other", 4).accepted()).isTrue();

        pass("15 seconds");
        assertThat(rates.spend("default", 4).accepted()).isTrue();
        assertThat(rates.spend("default", 4).accepted()).isFalse();
        pass("1 day");
        assertThat(rates.spend("default", 4).remaining()).isEqualTo(3);
    }

    @Test
    void aClockThatWasSetBackKeepsNobodyOut() {
        rates.spend("default", 1);
        assertThat(rates.spend("default", 1).accepted()).isFalse();
        pass("-1 day");
        assertThat(rates.spend("default", 1).accepted()).isTrue();
        assertThat(rates.spend("default", 1).accepted()).isFalse();
    }

    @Test
    void requestsThatComeTogetherAreCountedEach() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> results = threads.invokeAll(IntStream.range(0, 12)
                    .mapToObj(i ->
                            (Callable<Boolean>) () -> rates.spend("default", 5).accepted())
                    .toList());
            int accepted = 0;
            for (Future<Boolean> result : results) {
                accepted += result.get() ? 1 : 0;
            }
            assertThat(accepted).isEqualTo(5);
        }
    }

    private void pass(String time) {
        database.run(
                transaction -> transaction.update("update submit_rates set spent_at = spent_at - ?::interval", time));
    }
}
