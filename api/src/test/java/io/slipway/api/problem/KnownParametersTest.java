package io.slipway.api.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownParametersTest {
    private static final KnownParameters KNOWN =
            KnownParameters.of("follow", "format", "after").withFlag("follow");

    @ParameterizedTest
    @ValueSource(strings = {"", "follow", "follow=true&format=sse", "&&after=3&", "f%6Frmat=text"})
    void knownOnesPass(String query) {
        assertThatCode(() -> KNOWN.check(query)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "folow=1, 'unknown query parameter folow, did you mean follow?', follow",
        "FORMAT=x, 'unknown query parameter FORMAT, did you mean format?', format",
        "since=3, unknown query parameter since., 'known are after, follow, format'",
        "format=, `format` is empty., leave it out for the default",
        "follow=, `follow` is empty., leave it out for the default",
        "after, `after` has no value., leave it out for the default",
        "%zz=1, The query has a % that is no percent-encoding of a text: %zz, encode the text as UTF-8",
        "after=%ff, The query has a % that is no percent-encoding of a text: %ff, encode the text as UTF-8",
        "after=1&after=2, `after` is given more than once., "
    })
    void othersAreRefusedWithTheNearestName(String query, String message, @Nullable String hint) {
        assertThatThrownBy(() -> KNOWN.check(query)).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem).hasMessage(message);
            assertThat(problem.fields().get("hint")).isEqualTo(hint);
        });
    }

    @Test
    void aCallWithoutParametersSaysSo() {
        assertThatThrownBy(() -> KnownParameters.of().check("x=1"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.fields()).containsEntry("hint", "there is none here"));
    }
}
