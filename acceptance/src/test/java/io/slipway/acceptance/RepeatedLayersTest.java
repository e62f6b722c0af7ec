package io.slipway.acceptance;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.TestBed;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Images that have the same layer more than once, which overlayfs does not take. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class RepeatedLayersTest {
    /** The first build knows its layers by where it made them, the second one by their content, and the third has them from its base. */
    @Test
    void theLastOfEqualLayersCounts(TestBed bed) throws Exception {
        String content = UUID.randomUUID().toString();
        String layers = """
                FROM busybox:1.35
                RUN true
                RUN true
                COPY f /f
                RUN rm /f
                COPY f /f
                """;
        String looks = "RUN test \"$(cat /f)\" = " + content + "\nCOPY --from=busybox:1.35 /etc/passwd /p\n";
        String first = succeed(bed, layers + looks, content);
        succeed(bed, layers + "RUN echo again\n" + looks, content);
        succeed(
                bed,
                "FROM made\nRUN true\nRUN echo third\n" + looks,
                content,
                "buildContext",
                "made=slipway://" + first);
    }

    private static String succeed(TestBed bed, String dockerfile, String content, String... query) {
        try (BuildContext context = BuildContext.of(dockerfile).file("f", content)) {
            return bed.client().succeed(context, query).get("id").asString();
        }
    }
}
