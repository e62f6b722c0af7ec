package io.slipway.db.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.db.Database;
import io.slipway.db.TestDatabase;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Projects;
import io.slipway.db.build.BuildId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SecretsTest {
    private static final BuildId BUILD = BuildId.create(Instant.EPOCH);

    private final Database database = TestDatabase.create();
    private final Projects projects = new Projects(database);
    private final Secrets secrets = new Secrets(database);
    private final SealedTexts texts = new SealedTexts(database);

    @Test
    void versionsGoOnAndAreWhatIsEncrypted() {
        assertThat(put("npmrc").version()).isEqualTo(1);
        assertThat(put("npmrc").version()).isEqualTo(2);
        assertThat(secrets.delete("default", "npmrc")).isTrue();
        assertThat(secrets.delete("default", "npmrc")).isFalse();
        assertThat(secrets.find("default", "npmrc")).isEmpty();
        assertThat(put("npmrc").version()).isEqualTo(3);
        assertThat(secrets.use("default", Set.of("npmrc"), BUILD, 1))
                .extracting(SealedSecret::sealed)
                .containsExactly("key-1-------default/npmrc/3");
        assertThatThrownBy(() -> secrets.put("nobodys", "a", "tok_0", Instant.now(), SecretsTest::sealed))
                .isInstanceOf(NoSuchProjectException.class);
    }

    @Test
    void aProjectHasSoManyAtMostAndDeletedOnesDontCount() {
        database.run(transaction -> transaction.update("""
                insert into secrets (id, project, name, sealed, created_by)
                select 'sec_' || n, 'default', 'n' || n, 'x', 'tok_0' from generate_series(1, ?) n
                """, Secrets.MOST));
        assertThat(secrets.put("default", "more", "tok_0", Instant.now(), SecretsTest::sealed))
                .isEmpty();
        assertThat(put("n1").version()).isEqualTo(2);
        secrets.delete("default", "n1");
        assertThat(put("more").version()).isEqualTo(1);
        assertThat(secrets.put("default", "n1", "tok_0", Instant.now(), SecretsTest::sealed))
                .isEmpty();
    }

    @Test
    void aUseIsNotedIfAllSecretsAreThere() {
        put("a");
        put("b");
        assertThat(secrets.use("default", Set.of("a", "c"), BUILD, 1)).hasSize(1);
        assertThat(secrets.uses("default", "a", Long.MAX_VALUE, 10).orElseThrow())
                .isEmpty();
        secrets.use("default", Set.of("a", "b"), BUILD, 1);
        secrets.use("default", Set.of("a"), BUILD, 2);
        List<SecretUse> uses = secrets.uses("default", "a", Long.MAX_VALUE, 10).orElseThrow();
        assertThat(uses).extracting(SecretUse::attempt).containsExactly(2, 1);
        assertThat(secrets.uses("default", "a", uses.getFirst().number(), 10).orElseThrow())
                .containsExactly(uses.getLast());
        assertThat(secrets.uses("default", "c", Long.MAX_VALUE, 10)).isEmpty();
    }

    @Test
    void whatADeletedProjectHadIsGone() {
        projects.create("team", null, "tok_0");
        secrets.put("team", "npmrc", "tok_0", Instant.now(), SecretsTest::sealed);
        secrets.use("team", Set.of("npmrc"), BUILD, 1);
        projects.delete("team", "tok_0");
        assertThat(texts.count()).isEmpty();
        assertThat(secrets.use("team", Set.of("npmrc"), BUILD, 1)).isEmpty();
        assertThat(projects.purged("team")).isTrue();
        assertThat(secrets.uses("team", "npmrc", Long.MAX_VALUE, 10)).isEmpty();
    }

    @Test
    void textsAreCountedByTheirMarkAndEncryptedAnew() {
        for (int i = 0; i < 120; i++) {
            put("secret-" + i);
        }
        assertThat(texts.count()).containsOnly(Map.entry("key-1-------", 120L));
        int resealed = texts.reseal(
                "key-2-------", text -> text.owner().endsWith("/secret-7/1") ? null : "key-2-------" + text.owner());
        assertThat(resealed).isEqualTo(119);
        assertThat(texts.count()).containsOnly(Map.entry("key-1-------", 1L), Map.entry("key-2-------", 119L));
        assertThat(secrets.use("default", Set.of("secret-8"), BUILD, 1))
                .extracting(SealedSecret::sealed)
                .containsExactly("key-2-------default/secret/secret-8/1");
    }

    @Test
    void whatIsChangedMeanwhileIsNotEncryptedAnew() {
        put("npmrc");
        int resealed = texts.reseal("key-2-------", text -> {
            put("npmrc");
            return "key-2-------old";
        });
        assertThat(resealed).isZero();
        assertThat(secrets.use("default", Set.of("npmrc"), BUILD, 1))
                .extracting(SealedSecret::sealed)
                .containsExactly("key-1-------default/npmrc/2");
    }

    private Secret put(String name) {
        return secrets.put("default", name, "tok_0", Instant.now(), SecretsTest::sealed)
                .orElseThrow();
    }

    private static String sealed(Secret secret) {
        return "key-1-------" + secret.project() + "/" + secret.name() + "/" + secret.version();
    }
}
