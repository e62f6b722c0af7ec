package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.Transaction;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.BuildId;
import io.slipway.remote.SourceException;
import io.slipway.remote.git.GitSource;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import tools.jackson.databind.node.ObjectNode;

/** Builds of commits that no request asks for but the service itself, through the same door as {@code POST /v1/builds}. Thread-safe. */
@Service
public final class CommitBuilds {
    private final BuildIntake intake;
    private final FetchedContexts contexts;

    CommitBuilds(BuildIntake intake, FetchedContexts contexts) {
        this.intake = intake;
        this.contexts = contexts;
    }

    /**
     * Checks options as {@code POST /v1/builds} does.
     *
     * @param options the options as JSON, {@code project} included
     * @param path what stands before the name of an option where it was written down, such as {@code build.}
     * @throws ProblemException for the first option that is unknown or wrong
     */
    public static void check(ObjectNode options, String path) {
        try {
            BuildOptions.fromJson(options, Set.of(), null);
        } catch (OptionException e) {
            ProblemException problem = IntakeProblems.of(e);
            throw new ProblemException(problem.type(), String.valueOf(problem.getMessage()))
                    .with("parameter", path + e.option())
                    .with("hint", e.hint());
        }
    }

    /**
     * Fetches a commit and queues its build.
     *
     * @param options the options as JSON, {@code project} included
     * @param commit the repository at a commit
     * @param also runs in the transaction that queues the build; what it throws leaves nothing behind
     * @throws ProblemException if the build can't be, as {@code POST /v1/builds} would answer
     * @throws IOException if the disk says so
     */
    public BuildId submit(ObjectNode options, GitSource commit, BiConsumer<Transaction, BuildId> also)
            throws IOException {
        try {
            BuildOptions checked = BuildOptions.fromJson(options, Set.of(), null);
            ProjectLimits allowed = intake.admit(checked);
            BuildId id = intake.newId();
            intake.fetch(
                    id,
                    checked,
                    allowed,
                    new ContextSource.Git(commit, null),
                    transaction -> also.accept(transaction, id));
            return id;
        } catch (OptionException e) {
            throw IntakeProblems.of(e);
        } catch (SourceException e) {
            throw IntakeProblems.of(e);
        }
    }

    /**
     * Asks the repository's server which commit a reference stands for now; 40 hexadecimal digits.
     *
     * @param project whose trigger names the repository
     * @throws ProblemException if it can't be had
     */
    public String commitOf(GitSource reference, String project) throws IOException {
        return ofHost(() -> contexts.resolve(reference, project));
    }

    /**
     * Asks the repository which paths a commit has changed.
     *
     * @param commit the repository at a commit
     * @param base the id of the commit before it, or the full name of the branch that it has left
     * @param project whose trigger names the repository
     * @return null if there are too many
     * @throws ProblemException if it can't be had
     */
    public @Nullable List<String> changes(GitSource commit, String base, String project) throws IOException {
        return ofHost(() -> contexts.changes(commit, base, project));
    }

    @FunctionalInterface
    private interface Question<T extends @Nullable Object> {
        T ask() throws IOException;
    }

    private static <T extends @Nullable Object> T ofHost(Question<T> question) throws IOException {
        try {
            return question.ask();
        } catch (SourceException e) {
            throw IntakeProblems.of(e);
        }
    }
}
