package io.slipway.remote.git;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.revwalk.filter.RevFilter;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.treewalk.filter.TreeFilter;
import org.jspecify.annotations.Nullable;

/** What commits differ in, by their trees: contents of files are not looked at. */
final class GitChanges {
    /** More are not worth a list. */
    private static final int MOST_PATHS = 10_000;

    /** Of all paths together, in bytes: names compress well, and whoever has made the commit chooses them. */
    private static final int MOST_BYTES = 4_000_000;

    /** So many entries of trees that differ are looked at: a tree can have another more often than anybody could count. */
    private static final int MOST_ENTRIES = 500_000;

    private static final int MOST_DEPTH = 500;

    private GitChanges() {}

    /**
     * The paths in which two commits differ: files, links and submodules, sorted as git sorts.
     *
     * @return null if there are more than 10,000, or finding them would take too long
     * @throws InterruptedIOException if the thread is interrupted
     */
    static @Nullable List<String> between(Repository repository, ObjectId from, ObjectId to) throws IOException {
        try (RevWalk commits = new RevWalk(repository);
                TreeWalk walk = new TreeWalk(repository)) {
            walk.addTree(commits.parseCommit(from).getTree());
            walk.addTree(commits.parseCommit(to).getTree());
            walk.setFilter(TreeFilter.ANY_DIFF);
            List<String> paths = new ArrayList<>();
            int bytes = 0;
            for (int entries = 0; walk.next(); entries++) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("comparing commits was interrupted");
                }
                bytes += walk.isSubtree() ? 0 : walk.getPathLength();
                if (entries == MOST_ENTRIES
                        || paths.size() == MOST_PATHS
                        || bytes > MOST_BYTES
                        || walk.getDepth() > MOST_DEPTH) {
                    return null;
                }
                if (walk.isSubtree()) {
                    walk.enterSubtree();
                } else {
                    paths.add(walk.getPathString());
                }
            }
            return paths;
        }
    }

    /** Where two commits have parted, as far as the repository knows their history; else {@code base}, from which everything differs that either has changed. */
    static ObjectId forkPoint(Repository repository, ObjectId base, ObjectId head) throws IOException {
        try (RevWalk walk = new RevWalk(repository)) {
            walk.setRevFilter(RevFilter.MERGE_BASE);
            walk.markStart(walk.parseCommit(base));
            walk.markStart(walk.parseCommit(head));
            RevCommit common = walk.next();
            return common == null ? base : common.toObjectId();
        } catch (MissingObjectException e) {
            return base; // the history ends before
        }
    }
}
