package io.slipway.api.intake;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.Transaction;
import io.slipway.db.access.Begun;
import io.slipway.db.access.IdempotencyKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries out requests with the same {@code Idempotency-Key} once. What makes them the same request is only known when the
 * whole body has been read, so the database is asked then; until then this service itself knows which keys are being sent.
 * Only accepted builds are remembered: a request that was refused changed nothing and may be sent again, corrected.
 * Thread-safe.
 */
@Component
final class IdempotentRequests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IdempotentRequests.class);
    static final String HEADER = "Idempotency-Key";

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

    /** So long the keys of a service that was killed, or lost its database, can't be used again. */
    private static final Duration HOLD = Duration.ofSeconds(30);

    private static final Duration RENEWAL = Duration.ofSeconds(8);

    private final IdempotencyKeys keys;
    private final Set<Slot> held = ConcurrentHashMap.newKeySet();
    private final Map<Slot, Instant> begun = new ConcurrentHashMap<>();
    private final PeriodicTask renewals;

    IdempotentRequests(IdempotencyKeys keys) {
        this.keys = keys;
        this.renewals = PeriodicTask.every(RENEWAL, "idempotency-keys", this::renew);
    }

    private void renew() {
        begun.forEach((slot, since) -> {
            try {
                keys.renew(slot.project(), slot.key(), since, HOLD);
            } catch (RuntimeException e) {
                // It is tried again; whose hold ends meanwhile is told so when it wants to answer.
                LOG.debug("The hold on an idempotency key could not be renewed", e);
            }
        });
    }

    @Override
    public void close() {
        renewals.close();
    }

    private record Slot(String project, String key) {}

    /**
     * Holds a key while its request is served; null if there is none.
     *
     * @param key the header's value, or null
     * @throws ProblemException if it is no key, or is held by another request
     */
    @Nullable
    Claim claim(String project, @Nullable String key) {
        if (key == null) {
            return null;
        }
        if (!KEY.matcher(key).matches()) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID,
                            "The header " + HEADER + " must have 1 to 255 visible ASCII characters and no spaces.")
                    .with("parameter", HEADER);
        }
        Slot slot = new Slot(project, key);
        if (!held.add(slot)) {
            throw running();
        }
        return new Claim(slot);
    }

    private static ProblemException running() {
        return new ProblemException(
                ProblemType.IDEMPOTENCY_RUNNING, "A request with this " + HEADER + " has not been answered yet.");
    }

    /** One request's hold on its key. Not thread-safe. */
    final class Claim implements AutoCloseable {
        private final Slot slot;
        private @Nullable Instant since;
        private boolean settled;

        private Claim(Slot slot) {
            this.slot = slot;
        }

        /**
         * Finds out whether the request was carried out before.
         *
         * @param hash what makes it the same request
         * @return the first answer, or null if there is none yet: then this request is the one to carry out
         * @throws ProblemException if the key stands for another request, or its request is running elsewhere
         */
        @Nullable
        Accepted begin(byte[] hash) {
            return switch (keys.begin(slot.project(), slot.key(), hash, HOLD)) {
                case Begun.First first -> {
                    since = first.since();
                    begun.put(slot, first.since());
                    yield null;
                }
                case Begun.Running _ -> throw running();
                case Begun.Different _ ->
                    throw new ProblemException(
                            ProblemType.IDEMPOTENCY_MISMATCH,
                            "This " + HEADER + " was used for a request with another context or other options.");
                case Begun.Answered answer ->
                    new Accepted(
                            answer.status(),
                            JsonMapper.shared()
                                    .readValue(answer.headers(), HEADERS)
                                    .getOrDefault(HttpHeaders.LOCATION, ""),
                            answer.body());
            };
        }

        /**
         * Remembers the answer, within the transaction that makes it true.
         *
         * @throws ProblemException if the hold on the key had ended, and another request has got it
         */
        void answer(Transaction transaction, Accepted accepted) {
            String headers = JsonMapper.shared().writeValueAsString(Map.of(HttpHeaders.LOCATION, accepted.location()));
            if (!IdempotencyKeys.answer(
                    transaction,
                    slot.project(),
                    slot.key(),
                    Objects.requireNonNull(since, "it was begun"),
                    new Begun.Answered(accepted.status(), headers, accepted.body()))) {
                throw running();
            }
        }

        /** Says that the transaction of {@link #answer} was committed. */
        void settle() {
            settled = true;
        }

        /** Lets go of the key; a request that got no answer worth keeping is forgotten. */
        @Override
        public void close() {
            Instant began = since;
            begun.remove(slot);
            try {
                if (began != null && !settled) {
                    keys.giveUp(slot.project(), slot.key(), began);
                }
            } finally {
                held.remove(slot);
            }
        }
    }
}
