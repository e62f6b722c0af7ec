package io.slipway.api.problem;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownParametersTest {
    private static final KnownParameters KNOWN = KnownParameters.of("follow", "format", "after");

    @ParameterizedTest
    @ValueSource(strings = {"", "follow", "follow=true&format=sse", "&&after=3&", "f%6Frmat=text"})
    void knownOnesPass(String query) {
        assertThatCode(() -> KNOWN.check(query)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "folow=1, did you mean `follow`?",
        "FORMAT=x, did you mean `format`?",
        "since=3, 'known are after, follow, format.'",
        "%zz=1, broken percent-encoding"
    })
    void othersAreRefusedWithTheNearestName(String query, String message) {
        assertThatThrownBy(() -> KNOWN.check(query))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aCallWithoutParametersSaysSo() {
        assertThatThrownBy(() -> KnownParameters.of().check("x=1")).hasMessageContaining("this call has none");
    }
}
