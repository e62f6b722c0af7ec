package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** {@code GET /v1/builds/{id}/steps} says why a step was not in the cache. */
@ExtendWith(TestBed.Extension.class)
final class MissTest {
    /** Each test's own, so that its steps are compared with nobody else's. */
    private String dockerfile = UUID.randomUUID() + ".Dockerfile";

    @Test
    void whatWasNeverDoneIsTheFirstAndWhatIsTheSameIsAHit(TestBed bed) {
        String mark = UUID.randomUUID().toString();
        assertThat(misses(bed, "FROM busybox:1.35\nRUN echo " + mark + " > /a\n"))
                .containsExactly("RUN first");
        assertThat(misses(bed, "FROM busybox:1.35\nRUN echo " + mark + " > /a\n"))
                .containsExactly("RUN hit");
    }

    @Test
    void changesOfTheInstructionOfVariablesAndOfArguments(TestBed bed) {
        String text = """
                FROM busybox:1.35
                ARG WHO=me
                ENV FOO=1 SAME=same
                WORKDIR /work
                USER 0
                RUN echo $WHO $FOO %s > /a
                """.formatted(UUID.randomUUID());
        assertThat(change(bed, text, text.replace("echo", "printf"))).isEqualTo("RUN changed [instruction modified]");
        assertThat(change(bed, text, text.replace("FOO=1", "FOO=2"))).isEqualTo("RUN changed [variable FOO modified]");
        assertThat(change(bed, text, text, "buildArg", "WHO=you")).isEqualTo("RUN changed [variable WHO modified]");
        assertThat(change(bed, text, text.replace("SAME=same", ""))).isEqualTo("RUN changed [variable SAME removed]");
        assertThat(change(bed, text, text.replace("USER 0", "USER 0:0"))).isEqualTo("RUN changed [user modified]");
        assertThat(change(bed, text, text, "compression", "zstd")).isEqualTo("RUN changed [compression modified]");
        assertThat(change(bed, text, text, "network", "none")).isEqualTo("RUN changed [network modified]");
    }

    /** The result of the RUN of a Dockerfile that was another one before. */
    private String change(TestBed bed, String before, String after, String... query) {
        dockerfile = UUID.randomUUID() + ".Dockerfile";
        String mark = " # " + UUID.randomUUID() + "\n";
        misses(bed, before.stripTrailing() + mark);
        return misses(bed, after.stripTrailing() + mark, query).getLast();
    }

    @Test
    void contentBelow(TestBed bed) {
        String mark = UUID.randomUUID().toString();
        String text = "FROM busybox:1.35\nRUN echo one-%s > /a\nRUN echo %s > /b\n".formatted(mark, mark);
        misses(bed, text);
        assertThat(misses(bed, text.replace("one-", "two-")))
                .containsExactly("RUN changed [instruction modified]", "RUN content_below [layers below modified]");
        assertThat(misses(bed, text.replace("busybox:1.35", "debian:bookworm-slim")))
                .containsExactly("RUN content_below [base image modified]", "RUN content_below [base image modified]");
    }

    @Test
    void filesOfACopy(TestBed bed) throws IOException {
        String text = "FROM busybox:1.35\nCOPY src /src-%s\n".formatted(UUID.randomUUID());
        try (BuildContext context =
                context(text).file("src/a.c", "a\n").file("src/deep/b.c", "b\n").file("src/c.c", "c\n")) {
            assertThat(misses(bed, context)).containsExactly("COPY first");
            Path source = context.folder().resolve("src");
            Files.setLastModifiedTime(source.resolve("a.c"), FileTime.fromMillis(1));
            assertThat(misses(bed, context)).containsExactly("COPY hit");

            Files.writeString(source.resolve("a.c"), "other\n");
            assertThat(misses(bed, context)).containsExactly("COPY changed [file src/a.c modified]");

            Files.setPosixFilePermissions(source.resolve("deep/b.c"), PosixFilePermissions.fromString("rwx------"));
            Files.delete(source.resolve("c.c"));
            Files.writeString(source.resolve("deep/d.c"), "d\n");
            String build = build(bed, context);
            assertThat(steps(bed, build))
                    .containsExactly(
                            "COPY changed [file src/deep/d.c added, file src/c.c removed, file src/deep/b.c attributes]");
            assertThat(bed.client().logs(build))
                    .contains(
                            "not cached: file src/deep/d.c added, file src/c.c removed, file src/deep/b.c has other attributes\n");
        }
    }

    @Test
    void modesThatDoNotReachTheImageMakeNoDifference(TestBed bed) throws IOException {
        String text = "FROM busybox:1.35\nCOPY --chmod=644 src /src-%1$s\nCOPY src /plain-%1$s\n"
                .formatted(UUID.randomUUID());
        try (BuildContext context = context(text).file("src/a.c", "a\n")) {
            Path source = context.folder().resolve("src");
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(source.resolve("a.c"), PosixFilePermissions.fromString("rw-r--r--"));
            assertThat(misses(bed, context)).containsExactly("COPY first", "COPY first");
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxrwxr-x"));
            assertThat(misses(bed, context)).containsExactly("COPY hit", "COPY hit");
            Files.setPosixFilePermissions(source.resolve("a.c"), PosixFilePermissions.fromString("rw-rw-r--"));
            assertThat(misses(bed, context)).containsExactly("COPY hit", "COPY changed [file src/a.c attributes]");
        }
    }

    @Test
    void theOrderOfOptionsMakesNoDifference(TestBed bed) throws IOException {
        String mark = UUID.randomUUID().toString();
        String text = """
                FROM busybox:1.35
                ARG ONE
                ARG TWO
                COPY --exclude=*.md --exclude=*.txt --chmod=644 src /src-%1$s
                RUN --mount=type=cache,target=/cache --mount=type=secret,id=a,env=A --network=none --mount=type=secret,id=b,env=B echo $ONE $TWO >/%1$s
                """.formatted(mark);
        String exchanged = """
                FROM busybox:1.35
                ARG ONE
                ARG TWO
                COPY --chmod=644 --exclude=*.txt --exclude=*.md src /src-%1$s
                RUN --network=none --mount=type=secret,id=b,env=B --mount=type=secret,id=a,env=A --mount=type=cache,target=/cache echo $ONE $TWO >/%1$s
                """.formatted(mark);
        try (BuildContext first = context(text).file("src/a.c", "a\n");
                BuildContext second = context(exchanged).file("src/a.c", "a\n")) {
            assertThat(misses(bed, first, "buildArg", "ONE=1", "buildArg", "TWO=2"))
                    .containsExactly("COPY first", "RUN first");
            assertThat(misses(bed, second, "buildArg", "TWO=2", "buildArg", "ONE=1"))
                    .containsExactly("COPY hit", "RUN hit");
        }
    }

    @Test
    void aLinkedCopyDoesNotDependOnItsBase(TestBed bed) throws IOException {
        String text = "FROM busybox:1.35\nCOPY --link src /src-%s\n".formatted(UUID.randomUUID());
        try (BuildContext first = context(text).file("src/a.c", "a\n");
                BuildContext second = context(text.replace("busybox:1.35", "debian:bookworm-slim"))
                        .file("src/a.c", "a\n")) {
            assertThat(misses(bed, first)).containsExactly("COPY first");
            assertThat(misses(bed, second)).containsExactly("COPY hit");
        }
    }

    @Test
    void filesOfAnotherStageAndOfMounts(TestBed bed) throws IOException {
        String mark = UUID.randomUUID().toString();
        String text = """
                FROM busybox:1.35 AS made
                RUN echo one > /made-%s
                FROM busybox:1.35
                COPY --from=made / /all
                RUN --mount=type=bind,source=bound,target=/bound cat /bound/* > /b
                """.formatted(mark);
        try (BuildContext context = context(text).file("bound/file", "1\n")) {
            misses(bed, context);
            context.file(dockerfile, text.replace("echo one", "echo two")).file("bound/file", "2\n");
            assertThat(misses(bed, context))
                    .containsExactly(
                            "RUN changed [instruction modified]",
                            "COPY changed [content of --from modified]",
                            "RUN changed [file bound/file modified]");
        }
    }

    @Test
    void whatIsReadFromAnotherStageCountsAndNotHowItCameAbout(TestBed bed) throws IOException {
        String text = """
                FROM busybox:1.35 AS made
                RUN mkdir /out && echo same > /out/file && ln /out/file /out/hard && date +%%s%%N > /noise # %1$s one
                FROM busybox:1.35
                COPY --from=made /out /all-%1$s
                RUN --mount=type=bind,from=made,source=out,target=/in cat /in/file > /%1$s
                """.formatted(UUID.randomUUID());
        try (BuildContext context = context(text)) {
            assertThat(misses(bed, context)).containsExactly("RUN first", "COPY first", "RUN first");
            context.file(dockerfile, text.replace("one", "two"));
            // The files are new, with other times.
            assertThat(misses(bed, context))
                    .containsExactly("RUN changed [instruction modified]", "COPY hit", "RUN hit");
            // What is copied into a directory does not depend on its mode, and what is mounted does.
            context.file(dockerfile, text.replace("one", "four").replace("mkdir /out", "mkdir -m 711 /out"));
            assertThat(misses(bed, context))
                    .containsExactly(
                            "RUN changed [instruction modified]", "COPY hit", "RUN changed [mount /in modified]");
            context.file(dockerfile, text.replace("one", "three").replace("echo same", "echo other"));
            assertThat(misses(bed, context))
                    .containsExactly(
                            "RUN changed [instruction modified]",
                            "COPY changed [content of --from modified]",
                            "RUN changed [mount /in modified]");
        }
    }

    @Test
    void aStepThatChangesNothingMakesNoDifferenceToThoseAfterIt(TestBed bed) {
        String mark = UUID.randomUUID().toString();
        misses(bed, "FROM busybox:1.35\nRUN echo " + mark + " > /a\n");
        assertThat(misses(bed, "FROM busybox:1.35\nRUN true " + mark + "\nRUN echo " + mark + " > /a\n"))
                .containsExactly("RUN changed [instruction modified]", "RUN hit");
    }

    @Test
    void stepsThatMoveAreComparedWithThemselves(TestBed bed) throws IOException {
        String mark = UUID.randomUUID().toString();
        String text = "FROM busybox:1.35 AS one\nRUN echo a-%1$s > /a\nRUN echo b-%1$s > /b\nCOPY x /x-%1$s\n"
                .formatted(mark);
        try (BuildContext context = context(text).file("x", "1\n")) {
            misses(bed, context);
            context.file(dockerfile, text.replace("RUN echo b", "RUN echo between > /c\nRUN echo b"));
            assertThat(misses(bed, context))
                    .containsExactly(
                            "RUN hit",
                            "RUN changed [instruction modified]",
                            "RUN content_below [layers below modified]",
                            "COPY content_below [layers below modified]");
            context.file(dockerfile, text.replace("AS one", "AS other")).file("x", "2\n");
            assertThat(misses(bed, context)).containsExactly("RUN hit", "RUN hit", "COPY changed [file x modified]");
        }
    }

    @Test
    void aBuildThatIsNotToLookSaysSo(TestBed bed) {
        String text = "FROM busybox:1.35\nRUN echo %s > /a\n".formatted(UUID.randomUUID());
        misses(bed, text);
        assertThat(misses(bed, text, "noCache", "true")).containsExactly("RUN no_cache");
    }

    @Test
    void aStepThatFailedSaysWhyItWasDone(TestBed bed) {
        String text = "FROM busybox:1.35\nRUN echo %s > /a\n".formatted(UUID.randomUUID());
        misses(bed, text);
        try (BuildContext context = context(text.replace("> /a", "> /no/such/directory"))) {
            JsonNode build = bed.client().build(context, query());
            assertThat(build.get("state").asString()).isEqualTo("failed");
            assertThat(steps(bed, build.get("id").asString())).containsExactly("RUN changed [instruction modified]");
        }
    }

    private BuildContext context(String text) {
        return BuildContext.of("FROM scratch\n").file(dockerfile, text);
    }

    private String[] query(String... more) {
        List<String> query = new ArrayList<>(List.of("dockerfile", dockerfile, "push", "false"));
        Collections.addAll(query, more);
        return query.toArray(String[]::new);
    }

    private List<String> misses(TestBed bed, String text, String... query) {
        try (BuildContext context = context(text)) {
            return misses(bed, context, query);
        }
    }

    private List<String> misses(TestBed bed, BuildContext context, String... query) {
        return steps(bed, build(bed, context, query));
    }

    private String build(TestBed bed, BuildContext context, String... query) {
        return bed.client().succeed(context, query(query)).get("id").asString();
    }

    /** Of each step that can be cached but WORKDIR its first word, and hit or why not. */
    private static List<String> steps(TestBed bed, String build) {
        return bed.client()
                .get("/v1/builds/" + build + "/steps")
                .json()
                .get("steps")
                .valueStream()
                .filter(step -> step.get("instruction").asString().matches("(RUN|COPY) .*"))
                .map(step -> step.get("instruction").asString().split(" ")[0] + " " + result(step))
                .toList();
    }

    private static String result(JsonNode step) {
        if (!step.get("cache").asString().equals("miss")) {
            return step.get("cache").asString();
        }
        JsonNode miss = step.get("miss");
        List<String> inputs = miss.get("inputs")
                .valueStream()
                .map(input -> input.get("input").asString() + " "
                        + input.get("change").asString())
                .toList();
        return miss.get("reason").asString() + (inputs.isEmpty() ? "" : " " + inputs);
    }
}
