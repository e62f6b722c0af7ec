package io.slipway.dockerfile.expansion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Words that announce heredocs, dockerfile.md §4. */
class HeredocWordTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\u0001',
            value = {
                "<<EOF,       EOF,   true,  false",
                "<<-EOF,      EOF,   true,  true",
                "3<<EOF,      EOF,   true,  false",
                "<<'EOF',     EOF,   false, false",
                "<<\"EOF\",   EOF,   false, false",
                "<<E\"O\"F,   EOF,   false, false",
                "<<\\EOF,     EOF,   false, false",
                "<<-'a b',    a b,   false, true",
                "<<name.txt,  name.txt, true, false",
            })
    void isRead(String word, String name, boolean expands, boolean stripsTabs) {
        assertThat(HeredocWord.parse(word)).isEqualTo(new HeredocWord(name, expands, stripsTabs));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<<", "<<<x", "<EOF", "x<<EOF", "<<a<b", "<<EOF sh", "<<\"EOF", "<<''", "EOF"})
    void otherWordsAnnounceNone(String word) {
        assertThat(HeredocWord.parse(word)).isNull();
    }

    @Test
    void aLineAnnouncesThemInOrder() {
        assertThat(HeredocWord.inLine("RUN cat <<A > /a && cat 3<<-'B' \"<<C\" '<<D' <<<E"))
                .containsExactly(new HeredocWord("A", true, false), new HeredocWord("B", false, true));
    }

    @Test
    void aLineWithAnOpenQuoteAnnouncesNone() {
        assertThat(HeredocWord.inLine("RUN echo it's <<A")).isEmpty();
    }
}
