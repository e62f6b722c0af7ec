package io.slipway.remote.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TagBuilder;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.jspecify.annotations.Nullable;

/** Makes bare git repositories by writing objects; no work tree and no git program is needed. */
public final class GitRepositories {
    private GitRepositories() {}

    /** A new, empty bare repository whose default branch is {@code main}. The caller closes it. */
    public static Repository create(Path directory) throws IOException {
        Repository repository = new FileRepositoryBuilder()
                .setGitDir(directory.toFile())
                .setBare()
                .build();
        repository.create(true);
        repository.updateRef(Constants.HEAD).link(Constants.R_HEADS + "main");
        return repository;
    }

    /** A commit in the making. */
    public static final class Commit {
        private final Repository repository;
        private final ObjectInserter inserter;
        private final DirCache files = DirCache.newInCore();
        private final DirCacheBuilder builder = files.builder();

        /** A commit without files. */
        public Commit(Repository repository) {
            this.repository = repository;
            this.inserter = repository.newObjectInserter();
        }

        /** Adds a file. */
        public Commit file(String path, String content) throws IOException {
            return add(path, FileMode.REGULAR_FILE, blob(content.getBytes(StandardCharsets.UTF_8)));
        }

        /** Adds a file of these bytes. */
        public Commit file(String path, byte[] content) throws IOException {
            return add(path, FileMode.REGULAR_FILE, blob(content));
        }

        /** Adds an executable file. */
        public Commit executable(String path, String content) throws IOException {
            return add(path, FileMode.EXECUTABLE_FILE, blob(content.getBytes(StandardCharsets.UTF_8)));
        }

        /** Adds a symbolic link. */
        public Commit symlink(String path, String target) throws IOException {
            return add(path, FileMode.SYMLINK, blob(target.getBytes(StandardCharsets.UTF_8)));
        }

        /** Adds a submodule's commit. */
        public Commit gitlink(String path, ObjectId commit) {
            return add(path, FileMode.GITLINK, commit);
        }

        private ObjectId blob(byte[] content) throws IOException {
            return inserter.insert(Constants.OBJ_BLOB, content);
        }

        private Commit add(String path, FileMode mode, ObjectId object) {
            DirCacheEntry entry = new DirCacheEntry(path);
            entry.setFileMode(mode);
            entry.setObjectId(object);
            builder.add(entry);
            return this;
        }

        /**
         * Stores the commit and lets {@code ref} point to it.
         *
         * @param ref the full name, such as {@code refs/heads/main}
         * @param parent the commit before it, or null
         * @param at author's and committer's time
         */
        public ObjectId commit(String ref, @Nullable ObjectId parent, Instant at) throws IOException {
            builder.finish();
            CommitBuilder commit = new CommitBuilder();
            commit.setTreeId(files.writeTree(inserter));
            PersonIdent who = new PersonIdent("Tester", "tester@example.org", at, ZoneOffset.UTC);
            commit.setAuthor(who);
            commit.setCommitter(who);
            commit.setMessage("A test's commit");
            if (parent != null) {
                commit.setParentId(parent);
            }
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            point(repository, ref, id);
            return id;
        }
    }

    /** Makes an annotated tag. */
    public static ObjectId annotatedTag(Repository repository, String name, ObjectId commit) throws IOException {
        TagBuilder tag = new TagBuilder();
        tag.setTag(name);
        tag.setObjectId(commit, Constants.OBJ_COMMIT);
        tag.setTagger(new PersonIdent("Tester", "tester@example.org", Instant.EPOCH, ZoneOffset.UTC));
        tag.setMessage(name);
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(tag);
            inserter.flush();
            point(repository, Constants.R_TAGS + name, id);
            return id;
        }
    }

    private static void point(Repository repository, String ref, ObjectId id) throws IOException {
        RefUpdate update = repository.updateRef(ref);
        update.setNewObjectId(id);
        update.setRefLogMessage("test", false);
        RefUpdate.Result result = update.forceUpdate();
        if (result == RefUpdate.Result.REJECTED || result == RefUpdate.Result.LOCK_FAILURE) {
            throw new IOException("could not set " + ref + ": " + result);
        }
    }
}
