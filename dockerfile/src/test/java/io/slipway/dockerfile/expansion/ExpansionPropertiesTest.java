package io.slipway.dockerfile.expansion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every word. */
class ExpansionPropertiesTest {

    private static final Map<String, String> VARIABLES = Map.of("a", "abab", "b", "", "c", "x y*z");

    @Provide
    Arbitrary<String> shellText() {
        return Arbitraries.of(List.of(
                        "$", "{", "}", "a", "b", "c", "u", ":", "-", "+", "?", "#", "%", "/", "*", "\\", "'", "\"", "`",
                        " ", "<<", "é", "\uDC80", "=", "1", "${a", "${u:-"))
                .list()
                .ofMaxSize(24)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 400, seed = "1")
    void anyTextIsExpandedOrRefusedWithItsOwnError(@ForAll("shellText") String text) {
        for (Expander expander : List.of(
                Expander.ofWords('\\'),
                Expander.ofWords('`'),
                Expander.ofWords('\\').ofHeredocs())) {
            try {
                Expansion expansion = expander.expand(text, VARIABLES::get);
                assertThat(String.join("", expansion.words()).length())
                        .isLessThanOrEqualTo(expansion.text().length());
            } catch (ExpansionException e) {
                assertThat(e).hasMessageStartingWith("cannot expand");
            }
        }
        HeredocWord.inLine(text);
        HeredocWord.parse(text);
    }

    @Property(seed = "1")
    void singleQuotesKeepTextAsItIs(@ForAll String text) {
        String plain = text.replace("'", "");
        assertThat(Expander.ofWords('\\')
                        .expand("'" + plain + "'", VARIABLES::get)
                        .text())
                .isEqualTo(plain);
    }

    @Property(seed = "1")
    void escapingEveryCharacterKeepsTextAsItIs(@ForAll String text) {
        String escaped = text.codePoints()
                .mapToObj(character -> "\\" + Character.toString(character))
                .collect(Collectors.joining());
        assertThat(Expander.ofWords('\\').expand(escaped, VARIABLES::get).text())
                .isEqualTo(text);
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars("ab*?").ofMaxLength(6);
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.strings().withChars("abc").ofMaxLength(8);
    }

    @Property(tries = 400, seed = "1")
    void patternsCutAndReplaceAsTheEqualRegularExpressions(
            @ForAll("patterns") String pattern, @ForAll("values") String value) {
        Pattern longest = regex(pattern, ".*");
        Pattern shortest = regex(pattern, ".*?");
        assertThat(expand("${v##" + pattern + "}", value)).isEqualTo(withoutPrefix(longest, value));
        if (!pattern.isEmpty()) {
            assertThat(expand("${v/" + pattern + "/x}", value))
                    .isEqualTo(longest.matcher(value).replaceFirst("x"));
            assertThat(expand("${v//" + pattern + "/x}", value)).isEqualTo(replaceAll(longest, value));
        }
        assertThat(expand("${v#" + pattern + "}", value)).isEqualTo(withoutPrefix(shortest, value));
        assertThat(expand("${v%" + pattern + "}", value)).isEqualTo(withoutSuffix(pattern, value, true));
        assertThat(expand("${v%%" + pattern + "}", value)).isEqualTo(withoutSuffix(pattern, value, false));
    }

    private static String expand(String word, String value) {
        return Expander.ofWords('\\').expand(word, name -> value).text();
    }

    private static Pattern regex(String pattern, String star) {
        return Pattern.compile(pattern.replace("?", ".").replace("*", star));
    }

    private static String withoutPrefix(Pattern pattern, String value) {
        Matcher matcher = pattern.matcher(value);
        return matcher.lookingAt() ? value.substring(matcher.end()) : value;
    }

    /** Tries every end from the shortest or from the longest. */
    private static String withoutSuffix(String pattern, String value, boolean shortest) {
        Pattern whole = regex(pattern, ".*");
        for (int i = 0; i <= value.length(); i++) {
            int start = shortest ? value.length() - i : i;
            if (whole.matcher(value.substring(start)).matches()) {
                return value.substring(0, start);
            }
        }
        return value;
    }

    /** As Go does: an empty match right after another match is none. */
    private static String replaceAll(Pattern pattern, String value) {
        StringBuilder result = new StringBuilder();
        Matcher matcher = pattern.matcher(value);
        int copied = 0;
        boolean before = false;
        while (matcher.find()) {
            if (matcher.end() == matcher.start() && before && matcher.start() == copied) {
                continue;
            }
            result.append(value, copied, matcher.start()).append('x');
            copied = matcher.end();
            before = true;
        }
        return result.append(value.substring(copied)).toString();
    }
}
