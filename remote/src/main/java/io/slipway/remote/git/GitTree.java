package io.slipway.remote.git;

import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of a commit into a tar, straight from git's objects, in git's order: modes 0644 and 0755, owner 0:0, the
 * commit's time. So the same commit is the same bytes. Symbolic links are entries like any other and are never followed.
 */
final class GitTree {
    /** Linux's PATH_MAX: a longer target can't be a link's. */
    private static final int MOST_LINK_BYTES = 4096;

    private final Repository repository;
    private final ObjectId tree;
    private final Instant time;

    private GitTree(Repository repository, ObjectId tree, Instant time) {
        this.repository = repository;
        this.tree = tree;
        this.time = time;
    }

    /** Takes the place of a submodule. */
    @FunctionalInterface
    interface Submodules {
        /**
         * Writes a submodule's files.
         *
         * @param name name of its directory in the tar
         * @param path its path in the repository
         * @param commit the commit that the repository asks for
         */
        void write(TarWriter tar, String name, String path, ObjectId commit) throws IOException;
    }

    /** The commit that {@code object} is or, as a tag, leads to; null if it leads to something else. */
    static @Nullable RevCommit commit(Repository repository, ObjectId object) throws IOException {
        try (RevWalk walk = new RevWalk(repository)) {
            RevObject peeled = walk.peel(walk.parseAny(object));
            if (!(peeled instanceof RevCommit commit)) {
                return null;
            }
            walk.parseBody(commit);
            return commit;
        }
    }

    /**
     * The whole tree of {@code commit}, or the directory {@code subdirectory} of it.
     *
     * @param subdirectory a relative path; empty parts and {@code .} are left out
     * @throws SourceException if there is no such directory in the commit
     */
    static GitTree of(Repository repository, RevCommit commit, @Nullable String subdirectory) throws IOException {
        Instant time = Instant.ofEpochSecond(commit.getCommitTime());
        String path = cleaned(subdirectory);
        if (path.isEmpty()) {
            return new GitTree(repository, commit.getTree(), time);
        }
        try (TreeWalk walk = TreeWalk.forPath(repository, path, commit.getTree())) {
            if (walk == null) {
                throw invalid("the repository has no directory " + path, "name a directory that this commit has");
            }
            int mode = walk.getRawMode(0);
            if (FileMode.SYMLINK.equals(mode)) {
                throw invalid("subdirectory " + path + " is a symbolic link", "name the directory that it points to");
            }
            if (!FileMode.TREE.equals(mode)) {
                throw invalid("subdirectory " + path + " is no directory of this repository", null);
            }
            return new GitTree(repository, walk.getObjectId(0), time);
        }
    }

    static String cleaned(@Nullable String subdirectory) {
        if (subdirectory == null) {
            return "";
        }
        StringBuilder path = new StringBuilder();
        for (String part : subdirectory.split("/")) {
            if (part.equals("..") || part.indexOf('\0') >= 0) {
                throw invalid("subdirectory " + FileName.display(subdirectory) + " leaves the repository", null);
            }
            if (!part.isEmpty() && !part.equals(".")) {
                path.append(path.isEmpty() ? "" : "/").append(part);
            }
        }
        return path.toString();
    }

    /**
     * Writes every file.
     *
     * @param prefix put before every name; empty, or a directory's name with a slash at its end
     * @param repositoryPath path of this tree in its repository, in the same form
     */
    void write(TarWriter tar, String prefix, String repositoryPath, Submodules submodules) throws IOException {
        try (ObjectReader reader = repository.newObjectReader();
                TreeWalk walk = new TreeWalk(reader)) {
            walk.reset(tree);
            walk.setRecursive(false);
            while (walk.next()) {
                String path = FileName.decode(walk.getRawPath());
                if (!isGitDirectory(path)) {
                    writeEntry(tar, walk, reader, prefix + path, repositoryPath + path, submodules);
                }
            }
        }
    }

    private void writeEntry(
            TarWriter tar, TreeWalk walk, ObjectReader reader, String name, String path, Submodules submodules)
            throws IOException {
        int mode = walk.getRawMode(0);
        ObjectId object = walk.getObjectId(0);
        if (FileMode.TREE.equals(mode)) {
            tar.put(TarEntry.directory(name, 0755).withMtime(time));
            walk.enterSubtree();
        } else if (FileMode.GITLINK.equals(mode)) {
            tar.put(TarEntry.directory(name, 0755).withMtime(time));
            submodules.write(tar, name, path, object);
        } else if (FileMode.SYMLINK.equals(mode)) {
            byte[] target = reader.open(object, Constants.OBJ_BLOB).getCachedBytes(MOST_LINK_BYTES);
            tar.put(TarEntry.symlink(name, FileName.decode(target)).withMtime(time));
        } else {
            ObjectLoader blob = reader.open(object, Constants.OBJ_BLOB);
            int permissions = FileMode.EXECUTABLE_FILE.equals(mode) ? 0755 : 0644;
            try (InputStream content = blob.openStream()) {
                tar.put(TarEntry.file(name, permissions, blob.getSize()).withMtime(time), content);
            }
        }
    }

    /** No honest commit has one; a hostile one is not worth a failure. */
    private static boolean isGitDirectory(String path) {
        return path.substring(path.lastIndexOf('/') + 1).equals(Constants.DOT_GIT);
    }

    private static SourceException invalid(String message, @Nullable String hint) {
        return new SourceException(Kind.INVALID, message, hint);
    }
}
