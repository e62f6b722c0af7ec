package io.slipway.dockerfile.ignore;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every pattern and path. */
class PathPatternPropertiesTest {

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.of(List.of("a", "b", "/", "*", "**", "?", "**/", "/**", "[ab]", "[^a]"))
                .list()
                .ofMaxSize(6)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.of(List.of("a", "b", "ab", "ba"))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("/", parts));
    }

    @Property(tries = 400, seed = "1")
    void plainPatternsMatchAsTheEqualRegularExpressions(
            @ForAll("patterns") String pattern, @ForAll("paths") String path) {
        String regex = pattern.replaceAll("\\*+", "*").replace("*", "[^/]*").replace("?", "[^/]");
        assertThat(PathPattern.of(pattern).matches(path)).isEqualTo(Pattern.matches(regex, path));
    }

    @Property(tries = 400, seed = "1")
    void aPathMatchesDeeplyIfItOrAParentMatchesTheEqualRegularExpression(
            @ForAll("deepPatterns") String pattern, @ForAll("paths") String path) {
        String regex = pattern.replace("**/", "(D)")
                .replace("*", "[^/]*")
                .replace("?", "[^/]")
                .replace("(D)", "(.*/)?");
        boolean expected = Pattern.matches(regex, path);
        assertThat(PathPattern.ofDeep(pattern).matches(path)).isEqualTo(expected);
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            expected |= Pattern.matches(regex, path.substring(0, slash));
        }
        assertThat(PathPattern.ofDeep(pattern).matchesPathOrParent(path)).isEqualTo(expected);
    }

    /** Patterns whose double stars all stand before a slash, and not before nothing. */
    @Provide
    Arbitrary<String> deepPatterns() {
        return Arbitraries.of(List.of("a", "b", "ab", "/", "?", "**/a", "**/b", "/**/a", "[ab]", "*b"))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 400, seed = "1")
    void whatMatchesBelowADirectoryIsForeseen(@ForAll("patterns") String pattern, @ForAll("paths") String path) {
        for (PathPattern compiled : List.of(PathPattern.of(pattern), PathPattern.ofDeep(pattern))) {
            if (compiled.matches(path)) {
                assertThat(compiled.matchesPathOrParent(path)).isTrue();
                assertThat(compiled.canMatchBelow("")).isTrue();
                for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                    assertThat(compiled.canMatchBelow(path.substring(0, slash))).isTrue();
                }
            }
        }
    }

    @Property(tries = 400, seed = "1")
    void nothingBelowASkippedDirectoryIsTakenIn(
            @ForAll("patterns") String first, @ForAll("patterns") String second, @ForAll("paths") String path) {
        IgnorePatterns patterns = IgnorePatterns.of(List.of(first, "!x" + second, "!" + second + "a"));
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
            if (patterns.ignoresAllBelow(path.substring(0, slash))) {
                assertThat(patterns.ignores(path)).isTrue();
            }
        }
    }

    @Property(seed = "1")
    void anyTextIsAPatternOrRefusedWithItsOwnError(@ForAll String text, @ForAll("paths") String path) {
        try {
            PathPattern.ofDeep(text).matches(path);
            IgnorePatterns.parse(text).ignores(path);
        } catch (InvalidValueException e) {
            assertThat(e.message()).isNotEmpty();
        }
    }
}
