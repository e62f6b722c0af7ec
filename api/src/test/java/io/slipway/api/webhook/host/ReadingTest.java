package io.slipway.api.webhook.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.slipway.api.problem.ProblemException;
import java.net.URLEncoder;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What the payloads of the hosts say, as the hosts have recorded or documented them. */
final class ReadingTest {
    private static Reading read(String kind, String event, Payload payload) {
        return HostKind.parse(kind).orElseThrow().host().read(event, payload);
    }

    private static HostEvent only(Reading reading) {
        assertThat(reading.events()).as(String.valueOf(reading.nothing())).hasSize(1);
        return reading.events().getFirst();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "github | push | github/push-branch | Codertocat/Hello-World | push | refs/heads/master | 6113728f27ae82c7b1a177c8d03f9e96e0adf246 | master | - | Initial commit | README.md",
                "github | push | github/push-tag | Codertocat/Hello-World | tag | refs/tags/simple-tag | 6113728f27ae82c7b1a177c8d03f9e96e0adf246 | - | simple-tag | Adding a .gitignore file | -",
                "gitlab | Push Hook | gitlab/push | mike/diaspora | push | refs/heads/master | da1560886d4f094c3e6c9ef40349f7d38b5d27d7 | master | - | fixed readme | -",
                "gitlab | System Hook | gitlab/push | mike/diaspora | push | refs/heads/master | da1560886d4f094c3e6c9ef40349f7d38b5d27d7 | master | - | fixed readme | -",
                "gitlab | Tag Push Hook | gitlab/tag_push | jsmith/example | tag | refs/tags/v1.0.0 | 82b3d5ae55f7080f1e6022629cdb57bfae7cccc7 | - | v1.0.0 | - | -",
                "gitea | push | gitea/push | gitea/webhooks | push | refs/heads/develop | bffeb74224043ba2feb48d137756c8a9331c449a | develop | - | Webhooks Yay! | README.md",
                "forgejo | push | gitea/push | gitea/webhooks | push | refs/heads/develop | bffeb74224043ba2feb48d137756c8a9331c449a | develop | - | Webhooks Yay! | README.md",
                "bitbucket_data_center | repo:refs_changed | bitbucket_data_center/refs_changed | PROJ/repository | push | refs/heads/master | 178864a7d521b6f5e720b386b2c2b0ef8563e0dc | master | - | - | -",
            })
    void aPush(
            String kind,
            String event,
            String payload,
            String repository,
            String eventKind,
            String ref,
            String commit,
            @Nullable String branch,
            @Nullable String tag,
            @Nullable String message,
            @Nullable String path) {
        Reading reading = read(kind, event, Payloads.of(payload));
        assertThat(reading.repository()).isEqualTo(repository);
        HostEvent read = only(reading);
        assertThat(read.kind().wireName()).isEqualTo(eventKind);
        assertThat(read.ref()).isEqualTo(ref);
        assertThat(read.commit()).isEqualTo(commit);
        assertThat(read.branch()).isEqualTo(branch);
        assertThat(read.tag()).isEqualTo(tag);
        assertThat(read.message()).isEqualTo(message);
        assertThat(read.deleted()).isFalse();
        assertThat(read.paths()).isEqualTo(path == null ? null : List.of(path));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "github | pull_request | github/pull_request-synchronize | Codertocat/Hello-World | refs/pull/2/head | ec26c3e57ca3a959ca5aad62de7213c562f8c821 | changes | master | -",
                "gitea | pull_request | github/pull_request-synchronize | Codertocat/Hello-World | refs/pull/2/head | ec26c3e57ca3a959ca5aad62de7213c562f8c821 | changes | master | -",
                "gitlab | Merge Request Hook | gitlab/merge_request | gitlabhq/gitlab-test | refs/merge-requests/1/head | da1560886d4f094c3e6c9ef40349f7d38b5d27d7 | ms-viewport | master | fixed readme",
                "bitbucket_cloud | pullrequest:created | bitbucket_cloud/pullrequest | team_name/repo_name | refs/heads/branch2 | d3022fc0ca3d | branch2 | main | -",
                "bitbucket_cloud | pullrequest:updated | bitbucket_cloud/pullrequest | team_name/repo_name | refs/heads/branch2 | d3022fc0ca3d | branch2 | main | -",
                "bitbucket_data_center | pr:opened | bitbucket_data_center/pr_opened | PROJ/repository | refs/pull-requests/1/from | ef8755f06ee4b28c96a847a95cb8ec8ed6ddd1ca | a-branch | master | -",
                "bitbucket_data_center | pr:from_ref_updated | bitbucket_data_center/pr_opened | PROJ/repository | refs/pull-requests/1/from | ef8755f06ee4b28c96a847a95cb8ec8ed6ddd1ca | a-branch | master | -",
            })
    void aPullRequest(
            String kind,
            String event,
            String payload,
            String repository,
            String ref,
            String commit,
            String branch,
            String target,
            @Nullable String message) {
        Payload read = Payloads.of(payload);
        if (kind.equals("gitea")) {
            ((ObjectNode) read.json()).put("action", "synchronized");
        }
        Reading reading = read(kind, event, read);
        assertThat(reading.repository()).isEqualTo(repository);
        HostEvent request = only(reading);
        assertThat(request.kind()).isEqualTo(EventKind.PULL_REQUEST);
        assertThat(request.ref()).isEqualTo(ref);
        assertThat(request.commit()).isEqualTo(commit);
        assertThat(request.hasWholeCommit()).isEqualTo(commit.length() == 40);
        assertThat(request.branch()).isEqualTo(branch);
        assertThat(request.message()).isEqualTo(message);
        HostEvent.PullRequest told = Objects.requireNonNull(request.pullRequest());
        assertThat(told.targetBranch()).isEqualTo(target);
        assertThat(told.fork()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "github, pull_request, github/pull_request-synchronize, /pull_request/head/repo, full_name, stranger/Hello-World",
        "gitlab, Merge Request Hook, gitlab/merge_request, /object_attributes, source_project_id, 15",
        "bitbucket_cloud, pullrequest:created, bitbucket_cloud/pullrequest, /pullrequest/source/repository, full_name, stranger/repo",
        "bitbucket_data_center, pr:opened, bitbucket_data_center/pr_opened, /pullRequest/fromRef/repository, id, 85",
    })
    void commitsOfAnotherRepositoryAreAForks(
            String kind, String event, String payload, String object, String member, String value) {
        Payload read = Payloads.of(payload);
        ((ObjectNode) read.at(object)).put(member, value);
        assertThat(Objects.requireNonNull(only(read(kind, event, read)).pullRequest())
                        .fork())
                .isTrue();
    }

    @Test
    void aRepositoryThatWasDeletedWasAFork() {
        Payload read = Payloads.of("github/pull_request-synchronize");
        ((ObjectNode) read.at("/pull_request/head")).putNull("repo");
        assertThat(Objects.requireNonNull(
                                only(read("github", "pull_request", read)).pullRequest())
                        .fork())
                .isTrue();
    }

    @Test
    void oneDeliveryOfBitbucketTellsOfSeveralRefs() {
        Reading reading = read("bitbucket_cloud", "repo:push", Payloads.of("bitbucket_cloud/push"));
        assertThat(reading.repository()).isEqualTo("team_name/repo_name");
        assertThat(reading.events())
                .extracting(HostEvent::ref, HostEvent::commit, HostEvent::deleted)
                .containsExactly(
                        tuple("refs/heads/main", "709d658dc5b6d6afcd46049c2f332ee3f515a67d", false),
                        tuple("refs/tags/v1", "1e65c05c1d5171631d92438a13901ca7dae9618c", false),
                        tuple("refs/heads/gone", "", true));
        assertThat(reading.events().getFirst().message()).isEqualTo("new commit message\n");
    }

    @Test
    void deletionsAreSeen() {
        assertThat(only(read("github", "push", Payloads.of("github/push-deleted")))
                        .deleted())
                .isTrue();
        Payload gitlab = Payloads.of("gitlab/push");
        ((ObjectNode) gitlab.json()).putNull("checkout_sha").put("after", "0".repeat(40));
        assertThat(only(read("gitlab", "Push Hook", gitlab)).deleted()).isTrue();
        Payload gitea = Payloads.of("gitea/push");
        ((ObjectNode) gitea.json()).put("after", "0".repeat(40));
        assertThat(only(read("gitea", "push", gitea)).deleted()).isTrue();
        Payload dataCenter = Payloads.of("bitbucket_data_center/refs_changed");
        ((ObjectNode) dataCenter.at("/changes/0")).put("type", "DELETE").put("toHash", "0".repeat(40));
        assertThat(only(read("bitbucket_data_center", "repo:refs_changed", dataCenter))
                        .deleted())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "github, ping, github/ping, a ping",
        "github, create, github/create, a push tells the same",
        "github, pull_request, github/pull_request-labeled, the action labeled changes no commit",
        "github, issues, github/ping, the event issues changes no commit",
        "gitlab, Pipeline Hook, github/ping, changes no commit",
        "gitea, issues, gitea/push, the event issues changes no commit",
        "bitbucket_cloud, repo:fork, bitbucket_cloud/push, the event repo:fork changes no commit",
        "bitbucket_data_center, diagnostics:ping, bitbucket_data_center/refs_changed, a ping",
        "github, push, github/ping, a push of neither a branch nor a tag",
    })
    void whatChangesNoCommitSaysSo(String kind, String event, String payload, String why) {
        Reading reading = read(kind, event, Payloads.of(payload));
        assertThat(reading.events()).isEmpty();
        assertThat(reading.nothing()).contains(why);
    }

    @ParameterizedTest
    @CsvSource({"open, , true", "update, , false", "update, abc, true", "merge, , false", "reopen, , true"})
    void anUpdateOfAMergeRequestCountsIfItHasNewCommits(String action, @Nullable String oldrev, boolean counts) {
        Payload payload = Payloads.of("gitlab/merge_request");
        ObjectNode attributes = (ObjectNode) payload.at("/object_attributes");
        attributes.put("action", action);
        if (oldrev != null) {
            attributes.put("oldrev", oldrev);
        }
        assertThat(read("gitlab", "Merge Request Hook", payload).events()).hasSize(counts ? 1 : 0);
    }

    @Test
    void whatHasChangedIsNotToldWhereThePayloadDoesNotTellAll() {
        Payload forced = Payloads.of("github/push-branch");
        ((ObjectNode) forced.json()).put("forced", true);
        assertThat(only(read("github", "push", forced)).paths()).isNull();
        Payload empty = Payloads.of("github/push-branch");
        ((ObjectNode) empty.json()).putArray("commits");
        assertThat(only(read("github", "push", empty)).paths()).isNull();
        Payload more = Payloads.of("gitea/push");
        ((ObjectNode) more.json()).put("total_commits", 2);
        assertThat(only(read("gitea", "push", more)).paths()).isNull();
        Payload uncounted = Payloads.of("gitea/push");
        ((ObjectNode) uncounted.json()).remove("total_commits");
        assertThat(only(read("gitea", "push", uncounted)).paths()).isNull();
        Payload created = Payloads.of("gitea/push");
        ((ObjectNode) created.json()).put("before", "0".repeat(40));
        assertThat(only(read("gitea", "push", created)).paths()).containsExactly("README.md");
        ArrayNode commits = (ArrayNode) created.at("/commits");
        IntStream.range(1, 10).forEach(_ -> commits.add(commits.get(0)));
        ((ObjectNode) created.json()).put("total_commits", 10);
        assertThat(only(read("gitea", "push", created)).paths())
                .as("older ones may be missing")
                .isNull();
        Payload all = Payloads.of("gitlab/push");
        ((ObjectNode) all.json()).put("total_commits_count", 2);
        assertThat(only(read("gitlab", "Push Hook", all)).paths())
                .containsExactly("CHANGELOG", "app/controller/application.rb");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'ref': 'refs/heads/main', 'commit': 'abc'} | push | main",
                "{'ref': 'refs/tags/v1', 'commit': 'abc', 'message': 'm', 'paths': ['a']} | tag | v1",
                "{'ref': 'refs/heads/topic', 'commit': 'abc', 'pullRequest': 7, 'targetBranch': 'main'} | pull_request | topic",
                "{'ref': 'refs/heads/main'} | - | there is no commit at /commit",
                "{'ref': 'main', 'commit': 'abc'} | - | neither refs/heads",
            })
    void aSenderOfOnesOwn(String json, String kind, String name) {
        Reading reading = read(
                "generic",
                "webhook",
                Payload.of(Payloads.headers(), json.replace('\'', '"').getBytes(UTF_8)));
        if (kind.equals("-")) {
            assertThat(reading.nothing()).contains(name);
            return;
        }
        HostEvent event = only(reading);
        assertThat(event.kind().wireName()).isEqualTo(kind);
        assertThat(event.branch() == null ? event.tag() : event.branch()).isEqualTo(name);
    }

    @Test
    void aSenderOfOnesOwnMayHaveAFormOfItsOwn() {
        PayloadPointers pointers = new PayloadPointers(
                "/repo/name",
                "/head/ref",
                "/head/id",
                "/head/text",
                "/files",
                "/gone",
                "/review/number",
                "/review/into",
                "/review/foreign");
        String json = """
                {"repo": {"name": "a/b"}, "head": {"ref": "refs/heads/x", "id": "1234567890123456789012345678901234567890", "text": "t"},
                 "review": {"number": 3, "into": "main", "foreign": true}}
                """;
        HostEvent event = only(
                HostKind.GENERIC.host(pointers).read("webhook", Payload.of(Payloads.headers(), json.getBytes(UTF_8))));
        assertThat(event.pullRequest()).isEqualTo(new HostEvent.PullRequest("3", "main", true));
        assertThat(event.hasWholeCommit()).isTrue();
    }

    @Test
    void aFormIsReadLikeTheJsonThatItHas() {
        String json = new String(Payloads.bytes("github/push-branch"), UTF_8);
        byte[] form = ("other=1&payload=" + URLEncoder.encode(json, UTF_8)).getBytes(UTF_8);
        HookHeaders headers = Payloads.headers("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        assertThat(Payload.of(headers, form).json())
                .isEqualTo(JsonMapper.shared().readTree(json));
        assertThatThrownBy(() -> Payload.of(headers, "payload=%zz".getBytes(UTF_8)))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> Payload.of(headers, json.getBytes(UTF_8))).isInstanceOf(ProblemException.class);
    }
}
