package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The triggers of an image that somebody else has built, dockerfile.md §5 ONBUILD: what they need is known only when it is there. */
@ExtendWith(TestBed.Extension.class)
final class OnbuildTest {
    private static String base;

    @BeforeAll
    static void makeBase(TestBed bed) {
        base = bed.target().host() + "/onbuild/base:1";
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                ONBUILD COPY --from=tools /t /copied
                ONBUILD RUN --mount=from=tools,target=/m cat /m/t > /mounted
                """)) {
            bed.client().succeed(context, "tag", base);
        }
    }

    @Test
    void aTriggerNeedsStagesOfTheDockerfileThatFiresIt(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35 AS first
                RUN echo tool > /t
                FROM first AS tools
                FROM %s
                """.formatted(base))) {
            OciImage image = bed.build(context);
            ImageTree tree = ImageTree.of(image);
            assertThat(tree.file("copied").content())
                    .isEqualTo(tree.file("mounted").content());
            assertThat(image.run("cat", "/copied")).isEqualTo("tool\n");
        }
    }

    @Test
    void triggersAreNotInheritedAndChainsOfThemEnd(TestBed bed) throws IOException {
        String second = base.replace("base:1", "second:1");
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35 AS tools
                RUN echo first > /t
                FROM %s
                ONBUILD RUN echo second >> /copied
                """.formatted(base))) {
            bed.client().succeed(context, "tag", second);
        }
        try (BuildContext context = BuildContext.of("FROM %s AS child\nFROM child\n".formatted(second))) {
            assertThat(bed.build(context).run("cat", "/copied")).isEqualTo("first\nsecond\n");
        }
    }

    @Test
    void aTriggerThatNeedsItsOwnStageOrALaterOneIsRefusedAtTheFrom(TestBed bed) {
        assertRefused(bed, "FROM busybox:1.35\nFROM %s AS tools\n", "tools");
        assertRefused(bed, "FROM busybox:1.35\nFROM %s AS child\nFROM child AS tools\n", "tools");
        assertRefused(bed, "FROM busybox:1.35\nFROM %s AS child\nFROM busybox:1.35 AS tools\n", "child");
    }

    private static void assertRefused(TestBed bed, String dockerfile, String target) {
        try (BuildContext context = BuildContext.of(dockerfile.formatted(base))) {
            JsonNode build = bed.client().build(context, "target", target);
            JsonNode error = build.get("error");
            assertThat(error.get("code").asString()).as(build.toPrettyString()).isEqualTo("dockerfile_invalid");
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("message").asString()).contains("ONBUILD COPY --from=tools /t /copied");
        }
    }
}
