package io.slipway.image.tar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class FileNameTest {
    @Property(tries = 5000, seed = "1")
    void everyByteStringComesBack(@ForAll @Size(max = 64) byte[] name) {
        assertThat(FileName.encode(FileName.decode(name))).isEqualTo(name);
    }

    /** Bytes that are nearly UTF-8 are where a decoder goes wrong, and random ones are hardly ever that. */
    @Property(tries = 5000, seed = "1")
    void damagedUtf8ComesBack(@ForAll String text, @ForAll int position, @ForAll byte damage) {
        byte[] name = text.getBytes(UTF_8);
        if (name.length > 0) {
            name[Math.floorMod(position, name.length)] = damage;
        }
        assertThat(FileName.encode(FileName.decode(name))).isEqualTo(name);
    }

    @Property(seed = "1")
    void utf8IsOrdinaryText(@ForAll String text) {
        byte[] name = text.getBytes(UTF_8);
        assertThat(FileName.decode(name)).isEqualTo(new String(name, UTF_8));
    }

    @Example
    void whatIsNotWellFormedBecomesLoneSurrogates() {
        assertThat(decodeHex("ff")).isEqualTo("\udcff");
        assertThat(decodeHex("61ff62")).isEqualTo("a\udcffb");
        assertThat(decodeHex("c3a9")).as("e acute").isEqualTo("\u00e9");
        assertThat(decodeHex("c3")).as("cut short").isEqualTo("\udcc3");
        assertThat(decodeHex("c0af")).as("overlong slash").isEqualTo("\udcc0\udcaf");
        assertThat(decodeHex("e080af")).as("overlong slash").isEqualTo("\udce0\udc80\udcaf");
        assertThat(decodeHex("edb2bf")).as("a surrogate").isEqualTo("\udced\udcb2\udcbf");
        assertThat(decodeHex("f09f9a80")).as("a rocket").isEqualTo("\ud83d\ude80");
        assertThat(decodeHex("f4908080")).as("above U+10FFFF").isEqualTo("\udcf4\udc90\udc80\udc80");
    }

    @Example
    void aSurrogateThatIsNoByteIsRefused() {
        assertThatThrownBy(() -> FileName.encode("a\ud800b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("U+D800 at position 1");
        assertThatThrownBy(() -> FileName.encode("\udc41")).isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void displayStaysOnOneLineAndIsValidUnicode() {
        assertThat(FileName.display("a\nb\udcff\u00e9\ud83d\ude80")).isEqualTo("a\\x0ab\\xff\u00e9\ud83d\ude80");
    }

    private static String decodeHex(String hex) {
        return FileName.decode(HexFormat.of().parseHex(hex));
    }
}
