package io.slipway.worker.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Digest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class KeyHashTest {
    @Test
    void noTwoListsOfPartsAreTheSameKey() {
        List<Digest> keys = Stream.of(
                        new KeyHash("k"),
                        new KeyHash("k").add(""),
                        new KeyHash("k").add((String) null),
                        new KeyHash("k").add(0),
                        new KeyHash("k").add(List.of()),
                        new KeyHash("k").add(List.of("")),
                        new KeyHash("k").add("a-b").add("c"),
                        new KeyHash("k").add("a").add("b-c"),
                        new KeyHash("k").add("ab").add("c"),
                        new KeyHash("k").add("a").add("bc"),
                        new KeyHash("k").add("abc"),
                        new KeyHash("k").add(List.of("a", "bc")),
                        new KeyHash("k").add(List.of("a", "b", "c")),
                        new KeyHash("ka").add("bc"),
                        new KeyHash("k").add("c").add("a-b"))
                .map(KeyHash::digest)
                .toList();
        Set<Digest> different = new HashSet<>(keys);
        assertThat(different).hasSameSizeAs(keys);
    }

    @Test
    void theSamePartsAreTheSameKey() {
        assertThat(new KeyHash("k").add("a").add(1).add(List.of("b")).digest())
                .isEqualTo(new KeyHash("k").add("a").add(1).add(List.of("b")).digest());
    }

    @Test
    void bytesThatAreNoUtf8Count() {
        // Names from tar files carry such bytes as lone surrogates (io.slipway.image.tar.FileName).
        assertThat(new KeyHash("k").add("a\udcff").digest())
                .isNotEqualTo(new KeyHash("k").add("a\udcfe").digest());
    }
}
