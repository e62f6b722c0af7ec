package io.slipway.db.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BuildIdTest {
    @Test
    void idsSortByTheTimeOfCreation() {
        Instant now = Instant.now();
        assertThat(BuildId.create(now)).isLessThan(BuildId.create(now.plusSeconds(1)));
    }

    @Test
    void idsOfOneMillisecondSortInTheOrderOfTheirCreation() {
        Instant now = Instant.now();
        List<BuildId> ids =
                Stream.generate(() -> BuildId.create(now)).limit(1000).toList();
        assertThat(ids).isSorted().doesNotHaveDuplicates();
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
