package io.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvDraftTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a=1 b=2     | b=3         | a=1 b=3
                    a=1 b=2     | c=3         | a=1 b=2 c=3
                    a=1 b=2     | b=3 a=4     | a=4 b=3
                    a=1         | b=2 b=3     | a=1 b=3
                    a=1         | a=2 c=3 c=4 | a=2 c=4
                    a=1         | b=2 a=3     | a=3 b=2
                    a a=1 a=2   | x=1 a=3     | a a=3 a=2 x=1
                    a           | a=1         | a a=1
                    ab=1        | a=2 b=3     | ab=1 a=2 b=3
                    """)
    void aVariableStaysWhereItFirstStood(String before, String sets, String after) {
        EnvDraft draft = new EnvDraft(List.of(before.split(" ", -1)));
        for (String pair : sets.split(" ", -1)) {
            draft.set(pair.substring(0, 1), pair.substring(2));
        }
        assertThat(draft.variables()).containsExactly(after.split(" ", -1));
    }

    @Test
    void thereMayBeNoneAtFirst() {
        EnvDraft draft = new EnvDraft(null);
        draft.set("a", "b=c");
        assertThat(draft.variables()).containsExactly("a=b=c");
    }
}
