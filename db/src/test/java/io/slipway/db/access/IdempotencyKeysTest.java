package io.slipway.db.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

final class IdempotencyKeysTest {
    private static final Duration HOLD = Duration.ofMinutes(10);
    private static final byte[] REQUEST = {1};
    private static final byte[] OTHER_REQUEST = {2};

    private final Database database = TestDatabase.create();
    private final IdempotencyKeys keys = new IdempotencyKeys(database);

    @Test
    void theFirstAnswerIsReplayedByteForByte() {
        Instant since = first(HOLD);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
        assertThat(keys.begin("default", "k", OTHER_REQUEST, HOLD)).isInstanceOf(Begun.Different.class);

        assertThat(keys.answer(
                        "default",
                        "k",
                        since,
                        new Begun.Answered(202, "{\"Location\": \"/v1\"}", "{}".getBytes(UTF_8))))
                .isTrue();
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOfSatisfying(Begun.Answered.class, answer -> {
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.headers()).isEqualTo("{\"Location\": \"/v1\"}");
            assertThat(answer.body()).asString().isEqualTo("{}");
        });
        assertThat(keys.begin("default", "k", OTHER_REQUEST, HOLD)).isInstanceOf(Begun.Different.class);
    }

    @Test
    void aRequestThatWasGivenUpOrWhoseServiceDiedCanBeTriedAgain() {
        keys.giveUp("default", "k", first(HOLD));
        first(Duration.ofSeconds(-1));
        first(HOLD);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
    }

    @Test
    void aHoldThatIsRenewedDoesNotEnd() {
        keys.renew("default", "k", first(Duration.ofSeconds(-1)), HOLD);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
    }

    @Test
    void whoHasLostItsHoldChangesNothingAnyMore() {
        Instant lost = first(Duration.ofSeconds(-1));
        Instant since = first(Duration.ofSeconds(-1));
        Begun.Answered answer = new Begun.Answered(202, "{}", new byte[0]);
        assertThat(keys.answer("default", "k", lost, answer)).isFalse();
        keys.giveUp("default", "k", lost);
        keys.renew("default", "k", lost, HOLD);
        assertThat(keys.answer("default", "k", since, answer)).isTrue();
        assertThat(keys.answer("default", "k", since, answer)).isFalse();
    }

    private Instant first(Duration hold) {
        return assertThat(keys.begin("default", "k", REQUEST, hold))
                .asInstanceOf(InstanceOfAssertFactories.type(Begun.First.class))
                .actual()
                .since();
    }

    @Test
    void ofTwoEqualRequestsAtOnceOneIsTheFirst() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = IntStream.range(0, 8)
                    .mapToObj(i -> clients.submit((Callable<Begun>) () -> keys.begin("default", "k", REQUEST, HOLD)))
                    .toList();
            int first = 0;
            for (Future<Begun> result : results) {
                first += result.get() instanceof Begun.First ? 1 : 0;
            }
            assertThat(first).isEqualTo(1);
        }
    }

    @Test
    void answersAreForgottenAfterADay() {
        Instant since = first(HOLD);
        keys.answer("default", "k", since, new Begun.Answered(202, "{}", new byte[0]));
        assertThat(keys.removeOld()).isZero();
        database.run(transaction ->
                transaction.update("update idempotency_keys set created_at = created_at - interval '25 hours'"));
        assertThat(keys.begin("default", "k", OTHER_REQUEST, HOLD)).isInstanceOf(Begun.First.class);
        database.run(transaction ->
                transaction.update("update idempotency_keys set created_at = created_at - interval '25 hours'"));
        assertThat(keys.removeOld()).isEqualTo(1);
    }
}
