package io.slipway.api.webhook.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.webhook.host.EventKind;
import io.slipway.api.webhook.host.HostEvent;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class BuildTemplateTest {
    private static final String COMMIT = "6113728f27ae82c7b1a177c8d03f9e96e0adf246";

    private static HostEvent push(String branch) {
        return new HostEvent(
                EventKind.PUSH, "refs/heads/" + branch, COMMIT, branch, null, false, null, null, null, null);
    }

    private static HostEvent request(boolean fork) {
        return HostEvent.pullRequest(
                "refs/pull/7/head", COMMIT, "topic", null, new HostEvent.PullRequest("7", "main", fork));
    }

    private static ObjectNode json(String json) {
        return (ObjectNode) JsonMapper.shared().readTree(json.replace('\'', '"'));
    }

    private static ObjectNode filled(String options, HostEvent event) {
        return BuildTemplate.read(json(options)).fill(event, "Org/My.App", "team", "trg_1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "r.example/app:{branch}              | main            | r.example/app:main",
                "r.example/app:{branch}              | feature/x_y.z   | r.example/app:feature-x_y.z",
                "r.example/app:{branch}              | -x              | r.example/app:_x",
                "r.example/app:{branch}              | .x              | r.example/app:_x",
                "r.example/app:b-{branch}            | .x              | r.example/app:b-.x",
                "r.example/app:{branch}              | füß             | r.example/app:f--",
                "r.example/app:{branch}-{shortSha}   | main            | r.example/app:main-6113728f27ae",
                "r.example/app:{sha}                 | main            | r.example/app:6113728f27ae82c7b1a177c8d03f9e96e0adf246",
                "r.example:5000/app                  | main            | r.example:5000/app",
                "r.example:5000/{repository}:{event} | main            | r.example:5000/org/my.app:push",
                "r.example/x/{branch}                | Feature/X--y    | r.example/x/feature-x-y",
                "r.example/app:{{branch}}            | main            | r.example/app:{branch}",
            })
    void aTag(String template, String branch, String tag) {
        assertThat(filled("{'tag': '" + template + "'}", push(branch))
                        .at("/tag/0")
                        .stringValue())
                .isEqualTo(tag);
    }

    @Test
    void longTagsEndInAHashSoThatTwoStayTwo() {
        String template = "{'tag': ['r.example/app:{branch}']}";
        String one = filled(template, push("a".repeat(200) + "1")).at("/tag/0").stringValue();
        String other =
                filled(template, push("a".repeat(200) + "2")).at("/tag/0").stringValue();
        assertThat(one).isNotEqualTo(other).hasSize("r.example/app:".length() + 128);
    }

    @Test
    void whatTheEventDoesNotHaveIsLeftOut() {
        ObjectNode filled = filled("""
                {'tag': ['r.example/app:{tag}', 'r.example/app:{branch}', 'r.example/app:pr-{pullRequest}'],
                 'buildArg': {'BRANCH': '{branch}', 'PR': '{pullRequest}', 'PLAIN': 'x'},
                 'label': {'l': '{targetBranch}'}, 'annotation': {'a': '{repository}@{sha}'},
                 'cacheFrom': ['r.example/app:cache-{branch}', 'r.example/app:cache-{tag}'],
                 'cacheTo': 'type=registry,ref=r.example/app:cache-{branch}'}
                """, push("feature/x"));
        assertThat(filled).isEqualTo(json("""
                {'tag': ['r.example/app:feature-x'], 'buildArg': {'BRANCH': 'feature/x', 'PLAIN': 'x'}, 'label': {},
                 'annotation': {'a': 'Org/My.App@%s'}, 'cacheFrom': ['r.example/app:cache-feature-x'],
                 'cacheTo': ['type=registry,ref=r.example/app:cache-feature-x'], 'project': 'team'}
                """.formatted(COMMIT)));
    }

    @Test
    void theBuildOfAForkHasNoSecretsAndPushesNothing() {
        String options = """
                {'tag': 'r.example/app:{pullRequest}', 'secret': {'a': 'b'}, 'ssh': {'default': 'k'}, 'push': true,
                 'registryAuth': {'r.example': {'username': 'u', 'password': 'p'}}, 'cacheTo': 'r.example/app:cache', 'noCache': true,
                 'buildContext': {'lib': {'git': {'url': 'https://me:secret@git.example/lib.git', 'ref': 'v1', 'username': 'u', 'password': 'p'}},
                                  'data': {'http': {'url': 'https://files.example/a.tar', 'username': 'u', 'password': 'p'}},
                                  'text': 'https://me@corp.example:secret@git.example/text.git#main', 'signed': 'https://files.example/b.tar?sig=secret', 'base': {'image': 'alpine:3'}}}
                """;
        assertThat(filled(options, request(true)))
                .isEqualTo(json(
                        "{'tag': ['r.example/app:7'], 'push': false, 'projectCredentials': false, 'cacheScope': 'fork.trg_1.7', 'noCache': true,"
                                + " 'buildContext': {'lib': {'git': {'url': 'https://git.example/lib.git', 'ref': 'v1'}},"
                                + " 'data': {'http': {'url': 'https://files.example/a.tar'}}, 'text': 'https://git.example/text.git#main', 'signed': 'https://files.example/b.tar', 'base': {'image': 'alpine:3'}},"
                                + " 'project': 'team'}"));
        assertThat(filled(options, request(false)).has("secret")).isTrue();
    }

    /** A generic sender may call a pull request anything. */
    @ParameterizedTest
    @ValueSource(strings = {"!7", "12/3", "", "../x"})
    void aForkHasAScopeWhateverItsPullRequestIsCalled(String number) {
        HostEvent fork = HostEvent.pullRequest(
                "refs/pull/7/head", COMMIT, "topic", null, new HostEvent.PullRequest(number, "main", true));
        assertThat(filled("{}", fork).path("cacheScope").stringValue()).matches("fork\\.trg_1\\.[0-9a-f]{32}");
    }

    @Test
    void aNewerBuildOfTheSameBranchSupersedes() {
        String template = "{'supersedes': 'app/{event}/{branch}'}";
        assertThat(key(template, push("main"))).isEqualTo("app/push/main");
        assertThat(key(template, push("feature/x"))).isEqualTo("app/push/feature/x");
        assertThat(key(template, request(false))).isEqualTo("app/pull_request/topic");
        assertThat(key("{'supersedes': '{tag}'}", push("main"))).isEmpty();
        assertThat(key("{'supersedes': 'app'}", push("main"))).isEqualTo("app");
    }

    @Test
    void aForksBuildHasAKeyOfItsPullRequest() {
        HostEvent fork = HostEvent.pullRequest(
                "refs/pull/7/head", COMMIT, "main", null, new HostEvent.PullRequest("7", "main", true));
        HostEvent another = HostEvent.pullRequest(
                "refs/pull/8/head", COMMIT, "main", null, new HostEvent.PullRequest("8", "main", true));
        for (String template : List.of("{'supersedes': 'app/{branch}'}", "{'supersedes': 'app'}")) {
            assertThat(key(template, fork))
                    .startsWith("fork of pull request 7: app")
                    .isNotEqualTo(key(template, push("main")))
                    .isNotEqualTo(key(template, another));
        }
    }

    @Test
    void longKeysEndInAHashSoThatTwoStayTwo() {
        String template = "{'supersedes': 'app/{branch}'}";
        String one = key(template, push("a".repeat(300) + "1"));
        assertThat(one).hasSize(255).isNotEqualTo(key(template, push("a".repeat(300) + "2")));
    }

    private static String key(String options, HostEvent event) {
        return filled(options, event).path("supersedes").asString("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'supersedes': 'app/{brunch}'}          | build.supersedes | branch",
                "{'supersedes': 'app/{branch'}           | build.supersedes | {{",
                "{'tag': 'r.example/app:{brunch}'}       | build.tag | branch",
                "{'tag': 'r.example/app:{}'}             | build.tag | event, ref",
                "{'tag': 'r.example/app:{branch'}        | build.tag | {{",
                "{'tag': 'r.example/app:branch}'}        | build.tag | {{",
                "{'tag': '{branch}.example/app'}         | build.tag | registry's host",
                "{'tag': '{repository}:1'}               | build.tag | registry's host",
                "{'cacheTo': '{branch}.example/app'}     | build.cacheTo | registry's host",
                "{'buildArg': {'A': '{secret}'}}         | build.buildArg.A | event, ref",
                "{'label': {'A': '{\\'a\\': 1}'}}        | build.label.A | event, ref",
                "{'project': 'other'}                    | build.project | leave it out",
            })
    void whatIsNoTemplateIsRefused(String options, String parameter, String hint) {
        assertThatThrownBy(() -> BuildTemplate.read(json(options.replace("\\'", "~"))))
                .isInstanceOfSatisfying(ProblemException.class, problem -> {
                    assertThat(problem.fields().get("parameter")).isEqualTo(parameter);
                    assertThat(String.valueOf(problem.fields().get("hint"))).contains(hint);
                });
    }

    @ParameterizedTest
    @CsvSource({
        "https://github.com/org/app.git, org/app",
        "https://github.com/org/app, org/app",
        "https://git.example:8443/group/sub/app.git/, group/sub/app",
        "ssh://git@git.example:7999/PROJ/app.git, PROJ/app",
        "git@github.com:org/app.git, org/app",
        "https://git.example/scm/proj/app.git, proj/app",
        "https://git.example/scm/app.git, scm/app",
    })
    void aRepositorysNameIsThePathOfItsUrl(String url, String name) {
        assertThat(TriggerDocument.fullName(url)).isEqualTo(name);
    }
}
