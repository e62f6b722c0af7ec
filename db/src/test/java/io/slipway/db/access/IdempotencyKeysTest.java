package io.slipway.db.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class IdempotencyKeysTest {
    private static final Duration HOLD = Duration.ofMinutes(10);
    private static final byte[] REQUEST = {1};
    private static final byte[] OTHER_REQUEST = {2};

    private final Database database = TestDatabase.create();
    private final IdempotencyKeys keys = new IdempotencyKeys(database);

    @Test
    void theFirstAnswerIsReplayedByteForByte() {
        String owner = first(HOLD);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
        assertThat(keys.begin("default", "k", OTHER_REQUEST, HOLD)).isInstanceOf(Begun.Different.class);

        keys.answer("default", "k", owner, new Begun.Answered(202, "{\"Location\": \"/v1\"}", "{}".getBytes(UTF_8)));
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
        assertThat(keys.begin("default", "k", REQUEST, Duration.ofSeconds(-1))).isInstanceOf(Begun.First.class);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.First.class);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
    }

    @Test
    void aRequestThatTookTooLongTouchesNothingOfTheOneThatHasItsKeyNow() {
        String slow = first(Duration.ofSeconds(-1));
        String now = first(HOLD);
        Begun.Answered answer = new Begun.Answered(202, "{}", new byte[0]);
        assertThatThrownBy(() -> database.run(transaction -> {
                    transaction.update("update projects set description = 'changed'");
                    IdempotencyKeys.answer(transaction, "default", "k", slow, answer);
                }))
                .isInstanceOf(HoldLostException.class);
        assertThat(database.<Boolean>inTransaction(transaction -> transaction
                        .first(
                                "select true as changed from projects where description = 'changed'",
                                row -> row.flag("changed"))
                        .isPresent()))
                .isFalse();
        keys.giveUp("default", "k", slow);
        assertThat(keys.begin("default", "k", REQUEST, HOLD)).isInstanceOf(Begun.Running.class);
        keys.answer("default", "k", now, answer);
        assertThatThrownBy(() -> keys.answer("default", "k", now, answer)).isInstanceOf(HoldLostException.class);
    }

    private String first(Duration hold) {
        return ((Begun.First) keys.begin("default", "k", REQUEST, hold)).owner();
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
        keys.answer("default", "k", first(HOLD), new Begun.Answered(202, "{}", new byte[0]));
        assertThat(keys.removeOld()).isZero();
        database.run(transaction ->
                transaction.update("update idempotency_keys set created_at = created_at - interval '25 hours'"));
        assertThat(keys.begin("default", "k", OTHER_REQUEST, HOLD)).isInstanceOf(Begun.First.class);
        database.run(transaction ->
                transaction.update("update idempotency_keys set created_at = created_at - interval '25 hours'"));
        assertThat(keys.removeOld()).isEqualTo(1);
    }
}
