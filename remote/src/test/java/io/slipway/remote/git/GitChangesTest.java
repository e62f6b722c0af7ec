package io.slipway.remote.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import io.slipway.remote.testing.GitRepositories.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.lib.TreeFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server says that a commit has changed. */
final class GitChangesTest {
    private static final String MAIN = "refs/heads/main";
    private static final Instant TIME = Instant.parse("2025-06-07T08:09:10Z");

    @TempDir
    private Path directory;

    private Repository repository;
    private GitHttpServer server;
    private GitRemote remote;

    @BeforeEach
    void serve() throws IOException {
        repository = GitRepositories.create(directory.resolve("app.git"));
        allowFilter(true);
        server = GitHttpServer.open(directory);
        remote = new GitRemote(
                new GitSettings(
                        true,
                        null,
                        null,
                        new AddressPolicy(List.of()),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(40),
                        100_000_000),
                Files.createDirectory(directory.resolve("home")));
    }

    @AfterEach
    void stop() {
        remote.close();
        server.close();
        repository.close();
    }

    private void allowFilter(boolean allowed) throws IOException {
        StoredConfig config = repository.getConfig();
        config.setBoolean("uploadpack", null, "allowFilter", allowed);
        config.save();
    }

    private @Nullable List<String> changes(String head, String base) throws IOException {
        GitSource commit = new GitSource(server.url() + "/app.git", head, null, false, null, false, null);
        Path scratch = directory.resolve("scratch");
        try {
            return remote.changes(commit, base, scratch);
        } finally {
            assertThat(scratch).doesNotExist();
        }
    }

    /** Some servers leave files out when they are asked to, and some don't know what that is. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theRepositorySaysInWhatTwoCommitsDiffer(boolean filters) throws IOException {
        allowFilter(filters);
        ObjectId first = new Commit(repository)
                .file("same/file", "same")
                .file("a/changed", "one")
                .file("b/gone", "one")
                .file("b/moved", "moved")
                .file("mode", "x")
                .commit(MAIN, null, TIME);
        ObjectId second = new Commit(repository)
                .file("same/file", "same")
                .file("a/changed", "two")
                .file("c/moved", "moved")
                .file("new naïve", "new")
                .executable("mode", "x")
                .commit(MAIN, first, TIME);
        assertThat(changes(second.name(), first.name()))
                .containsExactly("a/changed", "b/gone", "b/moved", "c/moved", "mode", "new naïve");
        assertThat(changes(first.name(), second.name()))
                .as("back again")
                .containsExactly("a/changed", "b/gone", "b/moved", "c/moved", "mode", "new naïve");
        assertThat(changes(second.name(), second.name())).isEmpty();
    }

    @Test
    void ofABranchItIsWhatHasChangedSinceItWasLeft() throws IOException {
        ObjectId common = new Commit(repository).file("common", "1").commit(MAIN, null, TIME);
        ObjectId topic =
                new Commit(repository).file("common", "1").file("topic", "1").commit("refs/heads/topic", common, TIME);
        new Commit(repository).file("common", "2").commit(MAIN, common, TIME);
        assertThat(changes(topic.name(), MAIN)).containsExactly("topic");
        allowFilter(false);
        assertThat(changes(topic.name(), MAIN))
                .as("a server that would send all files of its history is not asked for it")
                .containsExactly("common", "topic");
    }

    @Test
    void whereABranchWasLeftTooLongAgoAllDifferencesCount() throws IOException {
        ObjectId common = new Commit(repository).file("common", "1").commit(MAIN, null, TIME);
        ObjectId topic =
                new Commit(repository).file("common", "1").file("topic", "1").commit("refs/heads/topic", common, TIME);
        ObjectId last = common;
        for (int i = 0; i < 120; i++) {
            last = new Commit(repository).file("common", "later " + i).commit(MAIN, last, TIME);
        }
        assertThat(changes(topic.name(), MAIN)).containsExactly("common", "topic");
    }

    @Test
    void tooManyAreNoList() throws IOException {
        ObjectId first = new Commit(repository).file("a", "1").commit(MAIN, null, TIME);
        Commit many = new Commit(repository);
        for (int i = 0; i < 10_001; i++) {
            many.file("many/" + i, "1");
        }
        assertThat(changes(many.commit(MAIN, first, TIME).name(), first.name())).isNull();
    }

    /** Each tree has the one below ten times: nobody could list what they have. */
    @Test
    void treesThatNobodyCouldListAreGivenUp() throws IOException {
        ObjectId first = new Commit(repository).file("a", "1").commit(MAIN, null, TIME);
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId tree = inserter.insert(new TreeFormatter());
            for (int level = 0; level < 12; level++) {
                TreeFormatter above = new TreeFormatter();
                for (int i = 0; i < 10; i++) {
                    above.append(Integer.toString(i), FileMode.TREE, tree);
                }
                tree = inserter.insert(above);
            }
            CommitBuilder commit = new CommitBuilder();
            commit.setTreeId(tree);
            commit.setParentId(first);
            commit.setAuthor(new PersonIdent("a", "a@example", TIME, ZoneOffset.UTC));
            commit.setCommitter(commit.getAuthor());
            ObjectId deep = inserter.insert(commit);
            inserter.flush();
            RefUpdate update = repository.updateRef(MAIN);
            update.setNewObjectId(deep);
            update.forceUpdate();
            assertThat(changes(deep.name(), first.name())).isNull();
        }
    }

    @Test
    void namesOfAnySizeAreNotHeld() throws IOException {
        ObjectId first = new Commit(repository).file("a", "1").commit(MAIN, null, TIME);
        Commit many = new Commit(repository);
        for (int i = 0; i < 100; i++) {
            many.file("n".repeat(50_000) + i, "1");
        }
        assertThat(changes(many.commit(MAIN, first, TIME).name(), first.name())).isNull();
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        String known =
                new Commit(repository).file("a", "1").commit(MAIN, null, TIME).name();
        assertThatThrownBy(() -> changes(known, "refs/heads/none")).isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> changes(known, "1".repeat(40))).isInstanceOf(SourceException.class);
    }
}
