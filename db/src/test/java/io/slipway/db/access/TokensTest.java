package io.slipway.db.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.PresentedToken.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TokensTest {
    private final Database database = TestDatabase.create();
    private final Tokens tokens = new Tokens(database);
    private final Projects projects = new Projects(database);

    @Test
    void aTokenIsFoundByItsHashAsItWasStored() {
        Token stored =
                tokens.add(token("tok_1", "default", Role.BUILDER, 1, null)).orElseThrow();
        assertThat(stored.project()).isEqualTo("default");
        assertThat(stored.role()).isEqualTo(Role.BUILDER);
        assertThat(stored.createdBy()).isEqualTo("tok_0");
        assertThat(stored.lastUsedAt()).isNull();
        assertThat(tokens.find(hash(1))).hasValueSatisfying(presented -> {
            assertThat(presented.token()).isEqualTo(stored);
            assertThat(presented.state()).isEqualTo(State.VALID);
        });
        assertThat(tokens.find(hash(2))).isEmpty();
    }

    @Test
    void aRevokedTokenIsNotValidAtOnceAndInNoList() {
        tokens.add(token("tok_1", "default", Role.BUILDER, 1, null));
        assertThat(tokens.revoke("other", "tok_1", "tok_0")).isFalse();
        assertThat(tokens.revoke(null, "tok_1", "tok_0")).isFalse();
        assertThat(tokens.isValid("tok_1")).isTrue();
        assertThat(tokens.revoke("default", "tok_1", "tok_0")).isTrue();
        assertThat(tokens.revoke("default", "tok_1", "tok_0")).isFalse();
        assertThat(state(1)).isEqualTo(State.REVOKED);
        assertThat(tokens.isValid("tok_1")).isFalse();
        assertThat(tokens.list("default", "", 10)).isEmpty();
        assertThat(tokens.find("default", "tok_1")).isEmpty();
    }

    @Test
    void aTokenExpiresByTheDatabasesClock() {
        tokens.add(token("tok_1", "default", Role.BUILDER, 1, Instant.now().minus(Duration.ofMinutes(1))));
        tokens.add(token("tok_2", "default", Role.BUILDER, 2, Instant.now().plus(Duration.ofMinutes(10))));
        assertThat(state(1)).isEqualTo(State.EXPIRED);
        assertThat(tokens.isValid("tok_1")).isFalse();
        assertThat(state(2)).isEqualTo(State.VALID);
        assertThat(tokens.list("default", "", 10)).extracting(Token::id).containsExactly("tok_1", "tok_2");
    }

    @Test
    void thatATokenIsUsedIsNotedForAMinute() {
        tokens.add(token("tok_1", null, Role.ADMIN, 1, null));
        assertThat(tokens.find(hash(1)).orElseThrow().usedLately()).isFalse();
        tokens.used(List.of("tok_1", "tok_2"));
        PresentedToken used = tokens.find(hash(1)).orElseThrow();
        assertThat(used.usedLately()).isTrue();
        assertThat(used.token().lastUsedAt()).isNotNull();
        database.run(transaction ->
                transaction.update("update tokens set last_used_at = last_used_at - interval '2 minutes'"));
        assertThat(tokens.find(hash(1)).orElseThrow().usedLately()).isFalse();
    }

    @Test
    void tokensThatAreLongInvalidAreForgotten() {
        tokens.add(token("tok_1", "default", Role.BUILDER, 1, Instant.now().minus(Duration.ofDays(40))));
        tokens.add(token("tok_2", "default", Role.BUILDER, 2, Instant.now().minus(Duration.ofDays(20))));
        tokens.add(token("tok_3", "default", Role.BUILDER, 3, null));
        tokens.add(token("tok_4", "default", Role.BUILDER, 4, null));
        tokens.own(own("tok_5", 5));
        tokens.revoke("default", "tok_3", "tok_0");
        tokens.revoke(null, "tok_5", "tok_0");
        database.run(
                transaction -> transaction.update("update tokens set revoked_at = revoked_at - interval '40 days'"));
        assertThat(tokens.removeOld()).isEqualTo(2);
        assertThat(tokens.find(hash(1))).isEmpty();
        assertThat(state(2)).isEqualTo(State.EXPIRED);
        assertThat(tokens.find(hash(3))).isEmpty();
        assertThat(state(4)).isEqualTo(State.VALID);
        assertThat(tokens.own(own("tok_6", 5))).as("it is known to be revoked").isFalse();
    }

    @Test
    void thereAreNotEndlesslyManyTokens() {
        database.run(transaction -> transaction.update("""
                insert into tokens (id, name, project, role, hash, prefix, created_by)
                select 'tok_' || n, 'x', 'default', 'viewer', sha256(n::text::bytea), '', 'tok_0' from generate_series(1, 1000) n
                """));
        assertThat(tokens.add(token("tok_x", "default", Role.VIEWER, 1, null))).isEmpty();
        assertThat(tokens.add(token("tok_x", null, Role.VIEWER, 1, null))).isPresent();
        tokens.revoke("default", "tok_7", "tok_0");
        assertThat(tokens.add(token("tok_y", "default", Role.VIEWER, 2, null))).isPresent();
    }

    @Test
    void listsAreByProjectAndInPages() {
        tokens.add(token("tok_1", "default", Role.BUILDER, 1, null));
        tokens.add(token("tok_2", null, Role.ADMIN, 2, null));
        tokens.add(token("tok_3", "default", Role.VIEWER, 3, null));
        assertThat(tokens.list("default", "", 1)).extracting(Token::id).containsExactly("tok_1");
        assertThat(tokens.list("default", "tok_1", 5)).extracting(Token::id).containsExactly("tok_3");
        assertThat(tokens.list(null, "", 5)).extracting(Token::id).containsExactly("tok_2");
        assertThat(tokens.find(null, "tok_1")).isEmpty();
        assertThat(tokens.find("default", "tok_2")).isEmpty();
    }

    @Test
    void theServicesOwnTokenTakesThePlaceOfItsLastOneOnly() {
        tokens.add(token("tok_9", null, Role.ADMIN, 9, null));
        assertThat(tokens.own(own("tok_1", 1))).isTrue();
        assertThat(tokens.own(own("tok_2", 2))).isTrue();
        assertThat(state(1)).isEqualTo(State.REVOKED);
        assertThat(state(2)).isEqualTo(State.VALID);
        assertThat(state(9)).isEqualTo(State.VALID);

        assertThat(tokens.own(own("tok_3", 1))).as("the first one is put back").isTrue();
        assertThat(state(1)).isEqualTo(State.VALID);
        assertThat(state(2)).isEqualTo(State.REVOKED);

        tokens.revoke(null, "tok_1", "tok_9");
        assertThat(tokens.own(own("tok_4", 1))).as("somebody has revoked it").isFalse();
        assertThat(state(1)).isEqualTo(State.REVOKED);
    }

    @Test
    void tokensOfADeletedProjectAreNotValid() {
        projects.create("team", null, "tok_0");
        tokens.add(token("tok_1", "team", Role.ADMIN, 1, null));
        projects.delete("team", "tok_0");
        assertThat(state(1)).isEqualTo(State.REVOKED);
        tokens.add(token("tok_2", "team", Role.ADMIN, 2, null));
        assertThat(state(2)).isEqualTo(State.REVOKED);
    }

    private State state(int fill) {
        return tokens.find(hash(fill)).orElseThrow().state();
    }

    private static NewToken token(
            String id, @Nullable String project, Role role, int fill, @Nullable Instant expiresAt) {
        return new NewToken(id, "admin", project, role, hash(fill), "slp_abc", "tok_0", expiresAt);
    }

    private static NewToken own(String id, int fill) {
        return new NewToken(id, "admin", null, Role.ADMIN, hash(fill), "slp_abc", null, null);
    }

    private static byte[] hash(int fill) {
        byte[] hash = new byte[32];
        Arrays.fill(hash, (byte) fill);
        return hash;
    }
}
