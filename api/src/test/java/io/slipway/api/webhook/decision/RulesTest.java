package io.slipway.api.webhook.decision;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.webhook.host.EventKind;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.api.webhook.trigger.TriggerSettingsFixture;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which rules say no to what; the trigger's document on the left, without what every trigger has. */
final class RulesTest {
    private static final String COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "{}                                          | org/app   | push main        | -",
                "{}                                          | ORG/App   | push main        | -",
                "{}                                          | org/other | push main        | repository",
                "{}                                          | -         | push main        | repository",
                "{'host': 'generic'}                         | -         | push main        | -",
                "{'host': 'generic'}                         | org/other | push main        | repository",
                "{'enabled': false}                          | org/app   | push main        | enabled",
                "{}                                          | org/app   | tag v1           | event",
                "{}                                          | org/app   | request 7 main   | event",
                "{'events': ['tag']}                         | org/app   | tag v1           | -",
                "{'events': ['tag']}                         | org/app   | push main        | event",
                "{'events': ['push', 'pull_request']}        | org/app   | request 7 main   | -",
                "{'events': ['pull_request']}                | org/app   | fork 7 main      | fork",
                "{'events': ['pull_request'], 'forks': true} | org/app   | fork 7 main      | -",
                "{'events': ['pull_request'], 'forks': true, 'host': 'bitbucket_cloud'} | org/app | fork 7 main | fork",
                "{}                                          | org/app   | gone main        | deletion",
                "{'branches': ['main', 'release/*']}         | org/app   | push release/1   | -",
                "{'branches': ['main', 'release/*']}         | org/app   | push topic       | branch",
                "{'branches': ['main'], 'events': ['pull_request']} | org/app | request 7 main | -",
                "{'branches': ['main'], 'events': ['pull_request']} | org/app | request 7 next | branch",
                "{'branches': ['main'], 'events': ['tag']}   | org/app   | tag v1           | -",
                "{'tags': ['v*'], 'events': ['tag']}         | org/app   | tag v1           | -",
                "{'tags': ['v*'], 'events': ['tag']}         | org/app   | tag x            | tag",
                "{'tags': ['v*']}                            | org/app   | push main        | -",
                "{'paths': ['src/**']}                       | org/app   | push main src/a  | -",
                "{'paths': ['src/**']}                       | org/app   | push main doc/a  | path",
                "{'paths': ['src/**']}                       | org/app   | push main doc/a,src/b | -",
                "{'paths': ['**', '!doc/**']}                | org/app   | push main doc/a  | path",
                "{'paths': ['src/**']}                       | org/app   | push main        | -",
                "{}                                          | org/app   | skip [skip ci]   | skip_mark",
                "{}                                          | org/app   | skip [CI Skip]   | skip_mark",
                "{}                                          | org/app   | skip [no ci]     | skip_mark",
                "{}                                          | org/app   | skip skip ci     | -",
                "{'skipMarks': []}                           | org/app   | skip [skip ci]   | -",
                "{'skipMarks': ['#nobuild']}                 | org/app   | skip #NoBuild    | skip_mark",
                "{'enabled': false, 'branches': ['x'], 'events': ['tag']} | a/b | skip [no ci] | enabled event repository branch skip_mark",
            })
    void aDecision(String document, @Nullable String repository, String event, @Nullable String rules) {
        TriggerSettings trigger = TriggerSettingsFixture.of(document);
        Verdict verdict = Rules.verdict(trigger, repository, event(event));
        assertThat(verdict.refusals())
                .extracting(refusal -> refusal.rule().wireName())
                .containsExactlyElementsOf(rules == null ? List.of() : List.of(rules.split(" ")));
        assertThat(verdict.isBuild()).isEqualTo(rules == null);
    }

    @ParameterizedTest
    @CsvSource({"push main, 1", "push main src/a, 0"})
    void whatCouldNotBeLookedAtIsNoted(String event, int notes) {
        TriggerSettings trigger = TriggerSettingsFixture.of("{'paths': ['src/**']}");
        assertThat(Rules.verdict(trigger, "org/app", event(event)).notes()).hasSize(notes);
    }

    private static HostEvent event(String text) {
        String[] words = text.split(" ", 3);
        return switch (words[0]) {
            case "push" -> push(words[1], null, words.length > 2 ? List.of(words[2].split(",")) : null);
            case "skip" -> push("main", "A subject\n\n" + text.substring(5), null);
            case "gone" ->
                new HostEvent(EventKind.PUSH, "refs/heads/main", "", "main", null, true, null, null, null, null);
            case "tag" ->
                new HostEvent(
                        EventKind.TAG, "refs/tags/" + words[1], COMMIT, null, words[1], false, null, null, null, null);
            default ->
                HostEvent.pullRequest(
                        "refs/pull/7/head",
                        COMMIT,
                        "topic",
                        null,
                        new HostEvent.PullRequest(words[1], words[2], words[0].equals("fork")));
        };
    }

    private static HostEvent push(String branch, @Nullable String message, @Nullable List<String> paths) {
        return new HostEvent(
                EventKind.PUSH, "refs/heads/" + branch, COMMIT, branch, null, false, message, paths, null, null);
    }
}
