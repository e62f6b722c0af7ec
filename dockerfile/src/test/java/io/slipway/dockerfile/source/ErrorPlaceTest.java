package io.slipway.dockerfile.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.OutlineRequest;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.dockerfile.stage.PlatformName;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An error points at the word that is wrong, not at the instruction that has it. */
class ErrorPlaceTest {

    private static final PlatformName AMD64 = PlatformName.parse("linux/amd64");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            # unknown instruction
            1:1  | FRM x
            2:3  | FROM x\\n  COPPY a b
            # flags
            2:6  | FROM x\\nCOPY --frm=y a b
            3:3  | FROM x\\nCOPY --link \\\\\\n  --frm=y a b
            4:3  | FROM x\\nCOPY --link \\\\\\n# --frm=y\\n  --frm=y a b
            2:6  | FROM x\\nCOPY --link --link a b
            2:6  | FROM x\\nCOPY --chmod=rwx a b
            2:6  | FROM x\\nRUN  --network=hosted true
            2:5  | FROM x\\nRUN --network=host true
            2:18 | FROM x\\nRUN --mount=type=cach,target=/x true
            3:28 | FROM x\\nRUN \\\\\\n  --mount=target=/m,from=x,sorce=/y true
            2:13 | FROM x\\nHEALTHCHECK --interval=5 CMD true
            # mounts
            2:5  | FROM x\\nRUN --mount=type=tmpfs true
            2:24 | FROM x\\nRUN --mount=type=cache,target=/ true
            2:42 | FROM x\\nRUN --mount=target=/a --mount=type=tmpfs,sharing=locked,target=/b true
            3:3  | FROM x\\nRUN --mount=target=/a \\\\\\n  --mount=type=cache,id=b true
            2:25 | FROM x\\nRUN --mount=type=secret,id=a,source=b true
            2:33 | FROM x\\nRUN --mount=type=bind,target=/a,mode=0755 true
            2:34 | FROM x\\nRUN --mount=type=cache,target=/a,size=1 true
            3:5  | FROM scratch\\nARG T=/..\\nRUN --mount=type=cache,target=$T true
            # words
            2:9  | FROM x\\nENV a=b bc
            3:10 | FROM x\\nENV a=b\\nENV c=$d ${e
            3:11 | FROM x\\nEXPOSE 80\\nEXPOSE 81 https
            2:12 | FROM x\\nSTOPSIGNAL SIGKIL
            1:11 | FROM x AS 1st
            1:6  | FROM Ubuntu:la:test
            3:5  | FROM x\\nENV A=1 \\\\\\n  B="abc \\\\\\n D=3
            2:6  | FROM x\\nCOPY --from=$X a b
            2:8  | FROM x\\nCOPY --from=5 a b
            2:22 | FROM x\\nRUN --mount=type=ssh,frob=y true
            # lines as a whole
            1:1  | # escape=x\\nFROM x
            1:1  | # check=what=ever\\nFROM x
            1:1  | # syntax=foo/bar:1\\nFROM x
            2:1  | # only\\n# comments
            1:1  | ARG A=1
            2:1  | # a\\r b\\nARG A=1\\r\\n
            # bytes and line ends
            1:6  | \\uFEFFFROM UB
            2:6  | FROM x\\r\\nCOPY --frm=y a b\\r\\n
            # nowhere to be found as it is written: the instruction
            2:1  | ARG X=UB\\nFROM $X
            """)
    void pointsAtTheWord(String place, String escaped) {
        String text = escaped.replace("\\r", "\r")
                .replace("\\n", "\n")
                .replace("\\uFEFF", "\uFEFF")
                .replace("\\\\", "\\");
        Outline outline = Outliner.outline(
                text.getBytes(StandardCharsets.UTF_8),
                new OutlineRequest(Map.of(), null, AMD64, AMD64, IgnorePatterns.NONE));
        Outline.Problem problem = outline.problems().getLast();
        assertThat(problem.line() + ":" + problem.column())
                .as(problem.message())
                .isEqualTo(place);
    }
}
