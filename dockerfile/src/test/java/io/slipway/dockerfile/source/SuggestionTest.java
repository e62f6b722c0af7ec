package io.slipway.dockerfile.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuggestionTest {
    @ParameterizedTest
    @CsvSource({
        "COYP, COPY",
        "copy, COPY",
        "OPY, COPY",
        "CCOPYY, COPY",
        "CO, COPY",
        "C, ",
        "PYCO, ",
        "COPYING, ",
        "XCOPYX, COPY",
        "COXPYX, COPY",
        "XCXOPY, COPY",
        "COPXX, COPY",
        "XXPY, COPY",
        "OPYX, COPY",
        "YCOP, COPY"
    })
    void isTheWordThatDiffersByTwoEditsAtMost(String word, String nearest) {
        assertThat(Suggestion.nearest(word, List.of("COPY"))).isEqualTo(nearest);
    }

    @ParameterizedTest
    @CsvSource({"arg, ARG", "ARG, ", "AR, ARG", "ADG, ARG"})
    void isTheFirstOfTheNearestAndNothingForAWordThatIsThere(String word, String nearest) {
        assertThat(Suggestion.nearest(word, List.of("ARGS", "ARG", "ADD"))).isEqualTo(nearest);
    }
}
