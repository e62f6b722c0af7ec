package io.slipway.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.tar.TarEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhiteoutTest {
    @ParameterizedTest
    @CsvSource({
        "f, .wh.f",
        "d/f, d/.wh.f",
        "d/e/f, d/e/.wh.f",
        "d/.hidden, d/.wh..hidden",
        "'a b\n', '.wh.a b\n'",
        "d.wh.x, .wh.d.wh.x",
        "é, .wh.é"
    })
    void aPathAndItsWhiteoutNameEachOther(String path, String whiteout) {
        assertThat(Whiteout.removing(path)).isEqualTo(TarEntry.file(whiteout, 0, 0));
        assertThat(Whiteout.isWhiteout(whiteout)).isTrue();
        assertThat(Whiteout.isOpaque(whiteout)).isFalse();
        assertThat(Whiteout.target(whiteout)).isEqualTo(path);
        assertThat(Whiteout.isWhiteout(path)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"'', .wh..wh..opq", "., .wh..wh..opq", "d, d/.wh..wh..opq", "d/e, d/e/.wh..wh..opq"})
    void anOpaqueDirectoryHasAMarkInIt(String path, String mark) {
        assertThat(Whiteout.opaque(path)).isEqualTo(TarEntry.file(mark, 0, 0));
        assertThat(Whiteout.isOpaque(mark)).isTrue();
        assertThat(Whiteout.isWhiteout(mark)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "f", ".wh", ".whx", "wh.f", ".WH.f", "x.wh.f", ".wh.d/f", ".wh..wh..opq/f", "d/.wh"})
    void otherNamesAreNoWhiteouts(String path) {
        assertThat(Whiteout.isWhiteout(path)).isFalse();
        assertThat(Whiteout.isOpaque(path)).isFalse();
    }

    /** Names that no file has, for whoever applies a layer to refuse. */
    @ParameterizedTest
    @CsvSource({".wh., ''", "d/.wh., d/", ".wh.., .", ".wh..., ..", "d/.wh..., d/..", ".wh..wh.plnk, .wh.plnk"})
    void whatAHostileWhiteoutNamesIsSaidAsItIs(String whiteout, String target) {
        assertThat(Whiteout.isWhiteout(whiteout)).isTrue();
        assertThat(Whiteout.target(whiteout)).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "d/", "d/.", "d/..", ".wh.f", "d/.wh.f", ".wh..wh..opq"})
    void whatIsNoFileOfAnImageCannotBeRemoved(String path) {
        assertThatThrownBy(() -> Whiteout.removing(path)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsNoWhiteoutOrAnOpaqueOneHasNoTarget() {
        assertThatThrownBy(() -> Whiteout.target("d/f")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Whiteout.target("d/.wh..wh..opq")).isInstanceOf(IllegalArgumentException.class);
    }
}
