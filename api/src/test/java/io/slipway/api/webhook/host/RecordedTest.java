package io.slipway.api.webhook.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What recordings of hosts other than GitHub say, as a table: where each is from stands beside it. */
final class RecordedTest {
    /**
     * Host, event, payload, repository, and what happens: kind, ref, the commit's first 12 digits or a hyphen, number and branches of a pull request, the first
     * line of the message, and the paths if they are told. Nothing happens where it is in brackets.
     */
    private static final String TABLE = """
            gitlab | Push Hook | gitlab/push-branch | gitlab-org/hello-world | push refs/heads/master 2adc9465c4ed «added readme» README.md
            gitlab | Push Hook | gitlab/push-deleted | gitlab-org/hello-world | push refs/heads/feature - deleted
            gitlab | Tag Push Hook | gitlab/tag_push-lightweight | gitlab-org/hello-world | tag refs/tags/v1.0.0 2adc9465c4ed «added readme» README.md
            gitlab | System Hook | gitlab/tag_push-deleted | group1/group2/group3/grp2repo | tag refs/tags/v1.0.0 - deleted
            gitlab | Merge Request Hook | gitlab/merge_request-open | demoaccount2-commits-group/test_ci_tmp | pull_request refs/merge-requests/3/head 2f7670508b77 #3 real6543-main-patch-42541 > main «Edit README.md»
            gitlab | System Hook | gitlab/merge_request-open | demoaccount2-commits-group/test_ci_tmp | pull_request refs/merge-requests/3/head 2f7670508b77 #3 real6543-main-patch-42541 > main «Edit README.md»
            gitlab | Merge Request Hook | gitlab/merge_request-fork | demoaccount2-commits-group/test_ci_tmp | pull_request refs/merge-requests/3/head 2f7670508b77 #3 real6543-main-patch-42541 > main of a fork «Edit README.md»
            gitlab | Merge Request Hook | gitlab/merge_request-update | anbraten/woodpecker | pull_request refs/merge-requests/3/head c136499ec574 #3 anbraten-main-patch-05373 > main «Update folder/todo.txt»
            gitlab | Merge Request Hook | gitlab/merge_request-close | anbraten/woodpecker-test | [the action close changes no commit]
            gitea | push | gitea/push-tag | meisam/woodpecktester | tag refs/tags/v1.0 28c3613ae626 «Delete '.woodpecker/.check.yml'»
            gitea | push | gitea/push-tag_deleted | meisam/woodpecktester | tag refs/tags/v1.0 000000000000 deleted
            gitea | create | gitea/create-tag | gogits/hello-world | [a push tells the same, or there is nothing left]
            gitea | delete | gitea/delete-branch | gogits/hello-world | [a push tells the same, or there is nothing left]
            gitea | pull_request | gitea/pull_request-fork | example/example | pull_request refs/pull/2/head 48e773f892a8 #2 master > master of a fork
            gitea | pull_request_sync | gitea/pull_request-synchronized | Test-CI/multi-line-secrets | pull_request refs/pull/2/head 788ed8d02d3b #2 test-patch-1 > main
            forgejo | push | forgejo/push-several_commits | Test-CI/multi-line-secrets | push refs/heads/main 29be01c07385 «add some text» aa, aaa
            forgejo | push | forgejo/push-new_branch | meisam/woodpecktester | push refs/heads/fdsafdsa 28c3613ae626 «Delete '.woodpecker/.check.yml'»
            forgejo | pull_request | gitea/pull_request-fork | example/example | pull_request refs/pull/2/head 48e773f892a8 #2 master > master of a fork
            bitbucket_cloud | repo:push | bitbucket_cloud/push-branch | martinherren1984/publictestrepo | push refs/heads/main c14c1bb05dfb «a»
            bitbucket_cloud | repo:push | bitbucket_cloud/push-several | cloudbeers/temp | push refs/heads/master 325d37697849 «typo»; push refs/heads/manchu e22fcb49645b «Alt universe change»
            bitbucket_cloud | repo:push | bitbucket_cloud/push-branch_deleted | amuniz/test-repos | push refs/heads/feature/test - deleted
            bitbucket_cloud | repo:push | bitbucket_cloud/push-tag | acme/tds.cm.maven.plugins-java | tag refs/tags/test fee1dcdb330d «Defect RCBA-13 Maven plugin permits uppercase letters in addUniqueConstraint»
            bitbucket_cloud | repo:push | bitbucket_cloud/push-tag_deleted | amuniz/test-repos | tag refs/tags/test - deleted
            bitbucket_cloud | repo:push | bitbucket_cloud/push-nothing | cloudbeers/temp | [a push that changes no branch and no tag]
            bitbucket_cloud | pullrequest:created | bitbucket_cloud/pullrequest-fork | cloudbeers/temp | pull_request refs/heads/master 1c48041a96db #3 master > master of a fork
            bitbucket_cloud | pullrequest:updated | bitbucket_cloud/pullrequest-updated | nfalco79/test-repos | pull_request refs/heads/release/release-1 f945c96c71d0 #1 release/release-1 > master
            bitbucket_data_center | repo:refs_changed | bitbucket_data_center/refs_changed-branch | DEV/deployment-automation | push refs/heads/renovate-all 76797d54bca8 «chore(deps): update all»
            bitbucket_data_center | repo:refs_changed | bitbucket_data_center/refs_changed-new_branch | AMUNIZ/test-repos | push refs/heads/feature/BB-1 fb522a6f08c7 «Suppress echo command part»
            bitbucket_data_center | repo:refs_changed | bitbucket_data_center/refs_changed-branch_deleted | AMUNIZ/test-repos | push refs/heads/feature/BB-1 000000000000 deleted
            bitbucket_data_center | repo:refs_changed | bitbucket_data_center/refs_changed-tag | AMUNIZ/test-repos | tag refs/tags/v1.0 fb522a6f08c7
            bitbucket_data_center | pr:opened | bitbucket_data_center/pr_opened-branch | AMUNIZ/test-repos | pull_request refs/pull-requests/1/from 251fce291f08 #1 feature/diffstat > master
            bitbucket_data_center | pr:opened | bitbucket_data_center/pr_opened-fork | DEV/deployment-automation | pull_request refs/pull-requests/114/from 716e510cecbe #114 master > master of a fork
            bitbucket_data_center | pr:from_ref_updated | bitbucket_data_center/pr_from_ref_updated-branch | AMUNIZ/test-repos | pull_request refs/pull-requests/1/from a7235e1ff894 #1 feature/diffstat > master
            bitbucket_data_center | diagnostics:ping | bitbucket_data_center/diagnostics-ping | - | [a ping]
            """;

    /**
     * A line of the table.
     *
     * @param repository null if the payload names none
     * @param told what it says
     */
    record Recording(
            HostKind host,
            String event,
            String payload,
            @Nullable String repository,
            String told) {
        static Recording of(String line) {
            String[] cells = line.split(" \\| ", 5);
            return new Recording(
                    HostKind.parse(cells[0]).orElseThrow(),
                    cells[1],
                    cells[2],
                    cells[3].equals("-") ? null : cells[3],
                    cells[4]);
        }

        @Override
        public String toString() {
            return host.wireName() + " " + event + " " + payload;
        }
    }

    static Stream<Recording> recordings() {
        return TABLE.lines().map(Recording::of);
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void aRecordingIsRead(Recording recording) {
        Reading reading = recording.host().host().read(recording.event(), Payloads.of(recording.payload()));
        assertThat(told(reading)).isEqualTo(recording.told());
        assertThat(reading.repository()).isEqualTo(recording.repository());
    }

    private static String told(Reading reading) {
        return reading.nothing() != null
                ? "[" + reading.nothing() + "]"
                : reading.events().stream().map(RecordedTest::told).collect(Collectors.joining("; "));
    }

    private static String told(HostEvent event) {
        StringBuilder told = new StringBuilder(event.kind().wireName() + " " + event.ref() + " ");
        told.append(event.commit().isEmpty() ? "-" : event.commit().substring(0, 12));
        HostEvent.PullRequest request = event.pullRequest();
        if (request != null) {
            told.append(" #" + request.number() + " " + event.branch() + " > " + request.targetBranch());
            told.append(request.fork() ? " of a fork" : "");
        }
        told.append(event.deleted() ? " deleted" : "");
        if (event.message() != null) {
            told.append(" «" + event.message().lines().findFirst().orElse("") + "»");
        }
        List<String> paths = event.paths();
        return paths == null ? told.toString() : told + " " + String.join(", ", paths);
    }

    @Test
    void noRecordingLiesThereUnread() throws IOException {
        Set<String> read = recordings().map(Recording::payload).collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.walk(Payloads.FOLDER)) {
            assertThat(files.map(file -> Payloads.FOLDER.relativize(file).toString())
                            .filter(name -> name.endsWith(".json") && name.contains("-") && !name.startsWith("github/"))
                            .map(name -> name.replace(".json", "")))
                    .as("recordings have a hyphen in their name")
                    .allMatch(read::contains);
        }
    }
}
