package io.slipway.dockerfile.ignore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ignore files and --exclude, dockerfile.md §7. */
class IgnorePatternsTest {

    @ParameterizedTest(name = "{0} over {1}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "a          | a         | true",
                "a          | a/b/c     | true",
                "a          | b/a       | false",
                "/a         | a         | true",
                "a/         | a/b       | true",
                "./a        | a         | true",
                "x/../a     | a         | true",
                "*          | a/b       | true",
                "*.txt      | a.txt     | true",
                "*.txt      | d/a.txt   | false",
                "*/b        | a/b       | true",
                "*/b        | a/c/b     | false",
                "**/a       | a         | true",
                "**/a       | x/y/a     | true",
                "**/a       | x/ya      | false",
                "**a        | xa        | true",
                "**a        | x/ya      | true",
                "**a?       | xab       | false",
                "**a?       | x/ab      | true",
                "**         | a/b       | true",
                "a/**       | a         | false",
                "a/**       | a/b/c     | true",
                "a/**/b     | a/b       | true",
                "a/**/b     | a/x/y/b   | true",
                "a/**/b     | a/xb      | false",
                "a**b       | ab        | true",
                "a**b       | ax/b      | true",
                "a**b       | axb       | false",
                "?          | a         | true",
                "?          | ab        | false",
                "a?b        | a/b       | false",
                "[a-c]      | b         | true",
                "[^a-c]     | b         | false",
                "[^a-c]     | d         | true",
                "[!a]       | a         | true",
                "\\*        | *         | true",
                "\\*        | a         | false",
                "a+b        | a+b       | true",
                "a.b        | axb       | false",
                "(a)        | (a)       | true",
                "é?         | é😀       | true",
                "..         | a         | false",
            })
    void onePattern(String pattern, String path, boolean ignored) {
        assertThat(IgnorePatterns.parse(pattern).ignores(path)).isEqualTo(ignored);
    }

    @Test
    void theLastPatternThatMatchesDecides() {
        IgnorePatterns patterns = IgnorePatterns.parse("docs\n!docs/keep\ndocs/keep/not.md\n");
        assertThat(patterns.ignores("docs/a.md")).isTrue();
        assertThat(patterns.ignores("docs/keep")).isFalse();
        assertThat(patterns.ignores("docs/keep/a.md")).isFalse();
        assertThat(patterns.ignores("docs/keep/not.md")).isTrue();
    }

    @Test
    void commentsStandAtTheFirstColumnOnlyAndBlanksAreTrimmed() {
        IgnorePatterns patterns = IgnorePatterns.parse("\uFEFF# a\n  # b\n\n  c  \r\n! c/d \n");
        assertThat(patterns.ignores("a")).isFalse();
        assertThat(patterns.ignores("# b")).isTrue();
        assertThat(patterns.ignores("c")).isTrue();
        assertThat(patterns.ignores("c/d")).isFalse();
    }

    @Test
    void aDirectoryNeedNotBeReadIfNothingBelowCanBeTakenBackIn() {
        IgnorePatterns patterns = IgnorePatterns.parse("a\nb\nc\n!b/x/*.md\n!**/never\nc\n!c/d\n");
        assertThat(IgnorePatterns.parse("a").ignoresAllBelow("a/b")).isTrue();
        assertThat(IgnorePatterns.parse("a\n!b/x").ignoresAllBelow("a")).isTrue();
        assertThat(patterns.ignoresAllBelow("a")).isFalse();
        assertThat(IgnorePatterns.parse("b\n!b/x/*.md").ignoresAllBelow("b")).isFalse();
        assertThat(IgnorePatterns.parse("b\n!b/x/*.md").ignoresAllBelow("b/x")).isFalse();
        assertThat(IgnorePatterns.parse("b\n!b/x/*.md").ignoresAllBelow("b/y")).isTrue();
        assertThat(IgnorePatterns.parse("!c/d\nc").ignoresAllBelow("c")).isTrue();
        assertThat(IgnorePatterns.parse("c").ignoresAllBelow("d")).isFalse();
    }

    @Test
    void bytesThatAreNotUtf8AreCharactersLikeAnyOther() {
        assertThat(IgnorePatterns.parse("a?c").ignores("a\uDC80c")).isTrue();
        assertThat(IgnorePatterns.parse("a\uDC80\uDC81").ignores("a\uDC80\uDC81"))
                .isTrue();
        assertThat(IgnorePatterns.parse("a\uDC80").ignores("a\uDC81")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "[a", "[]a]", "a\\", "!", "[a-]", "[-a]"})
    void malformedPatternsAreRefused(String pattern) {
        assertThatThrownBy(() -> IgnorePatterns.parse(pattern)).isInstanceOf(InvalidValueException.class);
    }

    @Test
    void matchingTakesNoLongerForHostilePatterns() {
        String pattern = "**/*a".repeat(400) + "c";
        assertThat(IgnorePatterns.of(List.of(pattern)).ignores("a/".repeat(1000) + "b"))
                .isFalse();
    }
}
