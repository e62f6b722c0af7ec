package io.slipway.api.webhook.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.webhook.trigger.TriggerSettingsFixture;
import io.slipway.db.build.BuildState;
import io.slipway.db.build.Failure;
import io.slipway.db.webhook.CommitProblem;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.ToldBuild;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What check runs say. */
final class CheckRunReportTest {
    private static final String COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";
    private static final Instant STARTED = Instant.parse("2026-11-29T20:00:00Z");
    private static final Instant FINISHED = Instant.parse("2026-11-29T20:01:30Z");

    private static CommitStatus status(@Nullable ToldBuild build, @Nullable CommitProblem problem) {
        return new CommitStatus(
                "trg_1",
                COMMIT,
                "slipway/app",
                build,
                problem,
                "refs/heads/main",
                "http://here",
                1,
                null,
                null,
                null,
                0,
                1,
                STARTED,
                STARTED);
    }

    private static CheckRunReport report(CommitStatus status, String document) {
        return CheckRunReport.of(TriggerSettingsFixture.of(document).repository(), status, "http://here/v1/builds/b");
    }

    private static ToldBuild build(BuildState state, @Nullable Failure failure, @Nullable String dockerfile) {
        return new ToldBuild(
                "bld_1",
                state,
                state == BuildState.QUEUED ? null : STARTED,
                state.isFinished() ? FINISHED : null,
                failure,
                dockerfile);
    }

    private static Failure failure(@Nullable Integer line) {
        return new Failure("step_failed", "The command exited with status 3.", "RUN make", line, 3, "Look at the log.");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "QUEUED,    queued,      -,         queued,      -",
                "RUNNING,   in_progress, -,         in_progress, -",
                "SUCCEEDED, completed,   success,   success,     2026-11-29T20:01:30Z",
                "FAILED,    completed,   failure,   failure,     2026-11-29T20:01:30Z",
                "CANCELLED, completed,   cancelled, cancelled,   2026-11-29T20:01:30Z",
            })
    void gitHubsWords(
            BuildState state, String word, @Nullable String conclusion, String sent, @Nullable String completed) {
        CheckRunReport report = report(status(build(state, null, "Dockerfile"), null), "{}");
        assertThat(report.state()).isEqualTo(sent);
        assertThat(report.externalId()).isEqualTo("bld_1");
        assertThat(report.body().path("status").stringValue()).isEqualTo(word);
        assertThat(report.body().path("conclusion").stringValueOpt().orElse(null))
                .isEqualTo(conclusion);
        assertThat(report.body().path("completed_at").stringValueOpt().orElse(null))
                .isEqualTo(completed);
        assertThat(report.body().path("output").has("annotations")).isFalse();
    }

    @Test
    void whatIsSaid() {
        CheckRunReport report = report(status(build(BuildState.FAILED, failure(4), "Dockerfile"), null), "{}");
        assertThat(report.body().toString())
                .isEqualTo("{\"name\":\"slipway/app\",\"head_sha\":\"" + COMMIT
                        + "\",\"details_url\":\"http://here/v1/builds/b\",\"external_id\":\"bld_1\","
                        + "\"status\":\"completed\",\"conclusion\":\"failure\","
                        + "\"started_at\":\"2026-11-29T20:00:00Z\",\"completed_at\":\"2026-11-29T20:01:30Z\","
                        + "\"output\":{\"title\":\"The build has failed: step_failed\","
                        + "\"summary\":\"    The command exited with status 3.\\n    \\n    Line 4: RUN make\\n    \\n"
                        + "    Hint: Look at the log.\","
                        + "\"annotations\":[{\"path\":\"Dockerfile\",\"start_line\":4,\"end_line\":4,"
                        + "\"annotation_level\":\"failure\",\"title\":\"step_failed\","
                        + "\"message\":\"The command exited with status 3.\"}]}}");
        assertThat(report.change(false).path("output").has("annotations")).isFalse();
        ObjectNode change = report.change(true);
        assertThat(change.path("output")).isEqualTo(report.body().path("output"));
        assertThat(change.has("head_sha")).isFalse();
        assertThat(change.size()).isEqualTo(report.body().size() - 1);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-,       Dockerfile,          4, Dockerfile",
                "app,     docker/Dockerfile,   4, app/docker/Dockerfile",
                "/app/,   ./Dockerfile,        4, app/Dockerfile",
                "a/../b,  Dockerfile,          4, b/Dockerfile",
                "-,       -,                   4, -",
                "-,       Dockerfile,          -, -",
            })
    void aLineOfTheDockerfileIsAnnotatedThere(
            @Nullable String subdirectory, @Nullable String dockerfile, @Nullable Integer line, @Nullable String path) {
        String document = subdirectory == null ? "{}" : "{'repository': {'subdirectory': '" + subdirectory + "'}}";
        CheckRunReport failed = report(status(build(BuildState.FAILED, failure(line), dockerfile), null), document);
        CheckRunReport none = report(status(null, new CommitProblem("A mistake.", dockerfile, line)), document);
        for (CheckRunReport report : new CheckRunReport[] {failed, none}) {
            assertThat(report.body()
                            .at("/output/annotations/0/path")
                            .stringValueOpt()
                            .orElse(null))
                    .isEqualTo(path);
        }
    }

    @Test
    void aCommitWithoutABuildHasFailed() {
        CheckRunReport report = report(status(null, new CommitProblem("It has\na mistake.", null, null)), "{}");
        assertThat(report.externalId()).isEqualTo("trg_1");
        assertThat(report.body().path("conclusion").stringValue()).isEqualTo("failure");
        assertThat(report.body().at("/output/title").stringValue()).isEqualTo("There is no build");
        assertThat(report.body().at("/output/summary").stringValue()).isEqualTo("    It has\n    a mistake.");
    }

    @Test
    void nothingIsLongerThanGitHubTakes() {
        Failure failure = new Failure("x".repeat(300), "m".repeat(100_000), "i".repeat(100_000), 1, null, null);
        ObjectNode body = report(status(build(BuildState.FAILED, failure, "Dockerfile"), null), "{}")
                .body();
        assertThat(body.at("/output/title").stringValue()).hasSizeLessThan(256);
        assertThat(body.at("/output/summary").stringValue()).hasSizeLessThan(65_535);
        assertThat(body.at("/output/annotations/0/message").stringValue()).hasSizeLessThan(65_536);
    }
}
