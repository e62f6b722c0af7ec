package io.slipway.api.access;

import io.slipway.api.schedule.PeriodicTask;
import io.slipway.db.DatabaseException;
import io.slipway.db.access.Identities;
import io.slipway.db.access.Tokens;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Notes when tokens and identities are used, aside from the requests that use them: one statement for all that were used within a few
 * seconds, and none for those of which it is noted of the last minute. Also forgets tokens that have long not been valid. Thread-safe.
 */
@Component
final class UseRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UseRecorder.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final Tokens tokens;
    private final Identities identities;
    private final Set<String> usedTokens = ConcurrentHashMap.newKeySet();
    private final Set<String> usedIdentities = ConcurrentHashMap.newKeySet();
    private final PeriodicTask writes;
    private final PeriodicTask removals;

    UseRecorder(Tokens tokens, Identities identities) {
        this.tokens = tokens;
        this.identities = identities;
        this.writes = PeriodicTask.every(PAUSE, "token-uses", this::write);
        this.removals = PeriodicTask.inParts("old-tokens", Duration.ofMinutes(1), Duration.ofHours(1), () -> {
            tokens.removeOld();
            return false;
        });
    }

    /** A token is used now. */
    void token(String id) {
        usedTokens.add(id);
    }

    /** An identity is used now. */
    void identity(String id) {
        usedIdentities.add(id);
    }

    private void write() {
        write(usedTokens, tokens::used);
        write(usedIdentities, identities::used);
    }

    private static void write(Set<String> used, Consumer<Set<String>> store) {
        Set<String> ids = Set.copyOf(used);
        if (ids.isEmpty()) {
            return;
        }
        used.removeAll(ids);
        try {
            store.accept(ids);
        } catch (DatabaseException e) {
            LOG.debug("When tokens were used could not be noted", e); // the next use is
        }
    }

    @Override
    public void close() {
        removals.close();
        writes.close();
        write();
    }
}
