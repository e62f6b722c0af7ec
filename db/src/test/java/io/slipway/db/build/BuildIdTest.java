package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BuildIdTest {
    @Test
    void idsSortByTheTimeOfCreation() {
        Instant now = Instant.parse("2026-11-24T09:00:00Z");
        assertThat(BuildId.create(now)).isLessThan(BuildId.create(now.plusMillis(1)));
        assertThat(BuildId.create(now.plusSeconds(86_400L * 365 * 1000))).isGreaterThan(BuildId.create(now));
    }

    @Test
    void anIdCanBeReadBack() {
        BuildId id = BuildId.create(Instant.now());
        assertThat(BuildId.parse(id.value())).contains(id);
        assertThat(id.value()).hasSize(30).startsWith("bld_");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bld_",
                "01jdeadbeefdeadbeefdeadbeef",
                "bld_01JDEADBEEFDEADBEEFDEADBEEF",
                "bld_../../etc/passwd",
                "bld_01jdeadbeefdeadbeefdeadbeef\n",
                "bld_01jdeadbeefdeadbeefdeadbeefff"
            })
    void whatIsNoIdIsNotTakenForOne(String value) {
        assertThat(BuildId.parse(value)).isEmpty();
    }
}
