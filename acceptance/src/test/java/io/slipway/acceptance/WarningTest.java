package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Warnings that show only while building, docs/compatibility.md, "Warnings of our own". */
@ExtendWith(TestBed.Extension.class)
final class WarningTest {
    @Test
    void whatWasSaidOfAStepIsSaidAgainWhenItComesFromTheCache(TestBed bed) {
        try (BuildContext context =
                BuildContext.of("""
                FROM busybox:1.35
                COPY --chown=whois:whose a /a
                COPY a b /dst
                USER nobody2
                WORKDIR /made
                """).file("a", UUID.randomUUID().toString()).file("b", "b")) {
            SlipwayClient client = bed.client();
            List<String> first = warnings(client.succeed(context));
            assertThat(first)
                    .containsExactlyInAnyOrder(
                            "2 UnknownOwner", "2 UnknownOwner", "3 OverwrittenSource", "5 UnknownOwner");
            JsonNode second = client.succeed(context);
            assertThat(second.get("steps")
                            .valueStream()
                            .filter(step -> step.get("instruction").asString().matches("(COPY|WORKDIR) .*")))
                    .allMatch(step -> step.get("state").asString().equals("cached"));
            assertThat(warnings(second)).containsExactlyInAnyOrderElementsOf(first);
        }
    }

    private static List<String> warnings(JsonNode build) {
        return build.get("warnings")
                .valueStream()
                .map(warning ->
                        warning.get("line").asInt() + " " + warning.get("rule").asString())
                .toList();
    }
}
