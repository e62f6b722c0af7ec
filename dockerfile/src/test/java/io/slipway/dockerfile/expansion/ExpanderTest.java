package io.slipway.dockerfile.expansion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Variable expansion, dockerfile.md §3. */
class ExpanderTest {

    private static final Map<String, String> VARIABLES = Map.of(
            "v", "foobarfoo",
            "e", "",
            "path", "/a/b/c.tar.gz",
            "star", "*",
            "blanks", "a  b",
            "é", "accent");

    private static String expand(String word) {
        return Expander.ofWords('\\').expand(word, VARIABLES::get).text();
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "plain                | plain",
                "$v                   | foobarfoo",
                "${v}x                | foobarfoox",
                "$v-$v                | foobarfoo-foobarfoo",
                "$vx                  | ",
                "$é                   | accent",
                "a$                   | a$",
                "$.                   | $.",
                "$$                   | ",
                "$1x                  | x",
                "${12}                | ",
                "\\$v                 | $v",
                "\\\\$v               | \\foobarfoo",
                "a\\bc                | abc",
                "a\\                  | a",
                "'$v'                 | $v",
                "'a\\b'               | a\\b",
                "\"$v\"               | foobarfoo",
                "\"\\$v\"             | $v",
                "\"\\\"\"             | \"",
                "\"a\\b\"             | a\\b",
                "\"'$v'\"             | 'foobarfoo'",
                "x'y'\"z\"            | xyz",
                "${u:-d}              | d",
                "${u-d}               | d",
                "${e:-d}              | d",
                "${e-d}               | ",
                "${v:+d}              | d",
                "${e:+d}              | ",
                "${e+d}               | d",
                "${u+d}               | ",
                "${u:-${w:-$v}}       | foobarfoo",
                "${u:-'a }'}          | a }",
                "${u:-\"a }\"}        | a }",
                "${u:-a\\}b}          | a}b",
                "${v:?m}              | foobarfoo",
                "${e?m}               | ",
                "${v#foo}             | barfoo",
                "${v#*o}              | obarfoo",
                "${v##*o}             | ",
                "${v%o*}              | foobarfo",
                "${v%%o*}             | f",
                "${v#nomatch}         | foobarfoo",
                "${path##*/}          | c.tar.gz",
                "${path%.*}           | /a/b/c.tar",
                "${path%%.*}          | /a/b/c",
                "${v#???}             | barfoo",
                "${star#\\*}          | ",
                "${v#\\*}             | foobarfoo",
                "${v/o/0}             | f0obarfoo",
                "${v//o/0}            | f00barf00",
                "${v/o*/}             | f",
                "${v//foo/}           | bar",
                "${path//\\//-}       | -a-b-c.tar.gz",
                "${v/$u/x}            | xfoobarfoo",
                "${v/bar/$path}       | foo/a/b/c.tar.gzfoo",
                "${u/a/b}             | ",
            })
    void words(String word, String expected) {
        assertThat(expand(word)).isEqualTo(expected == null ? "" : expected);
    }

    @ParameterizedTest(name = "{0} is refused: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "'a          | a single quote is not closed",
                "\"a         | a double quote is not closed",
                "${          | ${ is not closed by }",
                "${v         | ${v is not closed by }",
                "${v:        | ${v: is not closed by }",
                "${u:-a      | it ends before the closing }",
                "${}         | ${ is not followed by a name",
                "${:-a}      | ${ is not followed by a name",
                "${v:=x}     | ${v:=…} is not a substitution",
                "${v:x}      | ${v:x…} is not a substitution",
                "${v^}       | ${v^…} is not a substitution",
                "${v:#x}     | ${v:#…} is not a substitution",
                "${v/a}      | the second / of ${v/…} is missing",
                "${v#\\a}    | unknown escape \\a in a pattern",
                "${u:?}      | u: is not allowed to be unset",
                "${u?}       | u: is not allowed to be unset",
                "${e:?}      | e: is not allowed to be empty",
                "${u:?set $v}| u: set foobarfoo",
            })
    void refusals(String word, String problem) {
        assertThatThrownBy(() -> expand(word))
                .isInstanceOf(ExpansionException.class)
                .hasMessage("cannot expand \"" + word + "\": " + problem);
    }

    @Test
    void theEscapeCharacterCanBeTheBacktick() {
        Expander expander = Expander.ofWords('`');
        assertThat(expander.expand("`$v \\$v", VARIABLES::get).text()).isEqualTo("$v \\foobarfoo");
        assertThat(expander.expand("${star#`*}", VARIABLES::get).text()).isEmpty();
    }

    @Test
    void unsetAndSetVariablesAreReported() {
        Expansion expansion = Expander.ofWords('\\').expand("$v $u ${w:-$x} ${v:+$y} '$z'", VARIABLES::get);
        assertThat(expansion.set()).containsExactly("v");
        assertThat(expansion.unset()).containsExactly("u", "w", "x", "y");
    }

    @Test
    void onlyBlanksThatAreNotQuotedSplitWords() {
        Expansion expansion = Expander.ofWords('\\').expand("$blanks \"$blanks\" c\\ d ''", VARIABLES::get);
        assertThat(expansion.words()).containsExactly("a", "b", "a  b", "c d");
    }

    @Test
    void bodiesOfHeredocsKeepTheirQuotes() {
        Expansion expansion = Expander.ofWords('\\').ofHeredocs().expand("it's \"$v\" \\$v \\\\\n", VARIABLES::get);
        assertThat(expansion.text()).isEqualTo("it's \"foobarfoo\" $v \\\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"${a:-", "${a#", "${a/"})
    void deepNestingIsRefusedAndNoStackIsExhausted(String opening) {
        assertThatThrownBy(() -> expand(opening.repeat(20_000)))
                .isInstanceOf(ExpansionException.class)
                .hasMessageContaining("nested deeper than 64");
    }

    @Test
    void growthIsLimited() {
        String large = "x".repeat(1 << 20);
        assertThatThrownBy(() -> Expander.ofWords('\\').expand("$a".repeat(20), name -> large))
                .isInstanceOf(ExpansionException.class)
                .hasMessageContaining("longer than");
    }
}
