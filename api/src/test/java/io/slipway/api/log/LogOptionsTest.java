package io.slipway.api.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.WrittenLog;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class LogOptionsTest {
    private static RunningService service;
    private static String path;

    /** Two steps side by side; 1 state, 2 and 3 started, 4 to 7 output, 8 and 9 finished, 10 ended. */
    @BeforeAll
    static void write() throws IOException {
        service = RunningService.start();
        WrittenLog log = WrittenLog.in(service, 2);
        log.start(1);
        log.start(2);
        log.print(1, "one\ntwo\nthr");
        log.print(WrittenLog.AT.plusSeconds(10), 2, "stderr", "\u001b[31mred\u001b[0m\nunfinished");
        log.print(WrittenLog.AT.plusSeconds(10), 1, "stdout", "ee\nfo");
        log.print(WrittenLog.AT.plusSeconds(20), 1, "stdout", "ur\n\u001b]0;title\u0007five\n");
        log.finish(1, "executed");
        log.finish(2, "cached");
        log.succeed();
        path = log.path();
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
    }

    private static ApiClient.Answer get(String query, String... headers) throws IOException {
        return service.client().get(path + query, headers);
    }

    private static List<JsonNode> records(ApiClient.Answer answer) {
        return answer.text()
                .lines()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            1 | Build
            2 | #2 CACHED 1.5s, Build
            4 | #1, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            5 | #1, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            6 | #1, ee, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            7 | #2, unfinished, #1, ee, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            9 | #1, thr, #2, red, unfinished, #1, ee, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            12 | #2 RUN step 2, #1, one, two, thr, #2, red, unfinished, #1, ee, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            500 | #1 RUN step 1, #2 RUN step 2, #1, one, two, thr, #2, red, unfinished, #1, ee, four, five, #1 DONE 1.5s, #2 CACHED 1.5s, Build
            """)
    void tailIsTheLastLines(int lines, String expected) throws IOException {
        assertThat(get("?ansi=strip&tail=" + lines)
                        .text()
                        .lines()
                        .map(line -> line.startsWith("Build ") ? "Build" : line))
                .containsExactly(expected.split(", "));
    }

    @Test
    void aStepHasALogOfItsOwnThatSaysHowTheBuildEnded() throws IOException {
        assertThat(get("?ansi=strip&step=1").text())
                .startsWith("#1 RUN step 1\none\ntwo\nthree\nfour\nfive\n#1 DONE 1.5s\nBuild ");
        assertThat(records(get("?format=ndjson&step=2")))
                .extracting(record -> record.path("type").stringValue())
                .containsExactly("step_started", "output", "step_finished", "ended");
        assertThat(get("?step=2&tail=3&ansi=strip").text()).startsWith("#2\nunfinished\n#2 CACHED 1.5s\nBuild ");
    }

    @Test
    void aLogBeginsBehindAnEntryOrAtATime() throws IOException {
        assertThat(records(get("?format=ndjson&after=8")))
                .extracting(record -> record.path("seq").intValue())
                .containsExactly(9, 10);
        assertThat(get("?since=2020-01-01T00:00:00Z").text()).startsWith("#1 RUN step 1\n");
        assertThat(get("?format=ndjson&since=2100-01-01T00:00:00Z").text()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            before=4 | 1 2 3
            after=4&before=7 | 5 6
            after=6&before=7 |
            after=9&before=4 |
            before=0 |
            after=8&before=99 | 9 10
            since=2096-01-02T03:04:15Z&until=2096-01-02T03:04:25Z | 5 6
            until=2020-01-01T00:00:00Z |
            until=2100-01-01T00:00:00Z&after=8 | 9 10
            tail=1&before=7 | 6
            tail=4&before=7 | 5 6
            tail=5&before=7 | 4 5 6
            step=1&before=8 | 2 4 6 7
            step=2&after=5&before=9 |
            """)
    void aLogEndsBeforeAnEntryOrATime(String query, @Nullable String positions) throws IOException {
        List<String> expected = positions == null ? List.of() : List.of(positions.split(" "));
        assertThat(records(get("?format=ndjson&" + query)))
                .extracting(record -> record.path("seq").asString())
                .containsExactlyElementsOf(expected);
        ApiClient.Answer events = get("?format=sse&" + query);
        assertThat(events.status()).isEqualTo(expected.isEmpty() ? 204 : 200);
        assertThat(events.text().lines().filter(line -> line.startsWith("id: ")).map(line -> line.substring(4)))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void textIsReadBackwardsFromWhereOneIs() throws IOException {
        assertThat(get("?ansi=strip&tail=2&before=7").text()).isEqualTo("#1\nee\nfo");
        assertThat(get("?ansi=strip&tail=2&before=4").text()).isEqualTo("#1 RUN step 1\n#2 RUN step 2\n");
        assertThat(get("?before=3").text())
                .as("no word about a build that goes on")
                .isEqualTo("#1 RUN step 1\n");
    }

    @Test
    void streamsAndTimesAreTold() throws IOException {
        JsonNode record = records(get("?format=ndjson&after=4")).getFirst();
        assertThat(record.path("stream").stringValue()).isEqualTo("stderr");
        assertThat(record.path("at").stringValue()).isEqualTo("2096-01-02T03:04:15Z");
        assertThat(record.path("text").stringValue()).isEqualTo("\u001b[31mred\u001b[0m\nunfinished");
        assertThat(get("?timestamps&step=1&ansi=strip").text()).startsWith("""
                2096-01-02T03:04:05.000Z #1 RUN step 1
                2096-01-02T03:04:05.000Z one
                2096-01-02T03:04:05.000Z two
                2096-01-02T03:04:05.000Z three
                2096-01-02T03:04:15.000Z four
                2096-01-02T03:04:25.000Z five
                2096-01-02T03:04:05.000Z #1 DONE 1.5s
                """);
    }

    @Test
    void eventsAreTheLogWithoutOutputUnderTheSameNumbers() throws IOException {
        String events = path.replace("/logs", "/events");
        List<JsonNode> all = records(service.client().get(events));
        assertThat(all)
                .extracting(event ->
                        event.path("seq").intValue() + " " + event.path("type").stringValue())
                .containsExactly(
                        "1 state",
                        "2 step_started",
                        "3 step_started",
                        "8 step_finished",
                        "9 step_finished",
                        "10 ended");
        assertThat(all)
                .extracting(event ->
                        event.path("cache").asString(event.path("state").asString("")))
                .containsExactly("running", "", "", "none", "hit", "succeeded");
        ApiClient.Answer resumed = service.client().get(events, "Accept", "text/event-stream", "Last-Event-ID", "8");
        assertThat(resumed.text()).startsWith("retry: 2000\n\nid: 9\nevent: step_finished\ndata: {\"seq\":9,");
        assertThat(service.client()
                        .get(events, "Accept", "text/event-stream", "Last-Event-ID", "10")
                        .status())
                .isEqualTo(204);
        assertThat(service.client().get(events + "?format=text").status()).isEqualTo(400);
        assertThat(service.client().get(events, "Accept", "text/plain").status())
                .isEqualTo(406);
    }

    @Test
    void whereAnEventSourceGoesOnIsStrongerThanWhereItBegan() throws IOException {
        assertThat(get("?format=sse&tail=100", "Last-Event-ID", "9").text()).startsWith("retry: 2000\n\nid: 10\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "step=0",
                "step=9",
                "step=x",
                "tail=0",
                "tail=100001",
                "tail=-1",
                "since=yesterday",
                "ansi=yes",
                "timestamps&format=ndjson",
                "tail=5&after=3",
                "since=2026-01-01T00:00:00Z&tail=5",
                "after=-1",
                "before=-1",
                "before=x",
                "until=tomorrow",
                "before=3&until=2026-01-01T00:00:00Z",
                "before=3&follow",
                "until=2026-01-01T00:00:00Z&follow=true",
                "timestamps=maybe"
            })
    void whatIsNotUnderstoodIsRefused(String query) throws IOException {
        ApiClient.Answer answer = get("?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/parameter-invalid");
        assertThat(answer.json().path("parameter").stringValue()).isNotEmpty();
    }

    @Test
    void thereAreNoRangesOfBytes() throws IOException {
        ApiClient.Answer answer = get("", "Range", "bytes=0-3");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Accept-Ranges")).isEqualTo("none");
    }
}
