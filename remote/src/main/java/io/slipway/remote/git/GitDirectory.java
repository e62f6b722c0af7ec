package io.slipway.remote.git;

import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.eclipse.jgit.dircache.DirCache;
import org.eclipse.jgit.dircache.DirCacheBuilder;
import org.eclipse.jgit.dircache.DirCacheEntry;
import org.eclipse.jgit.internal.storage.pack.PackWriter;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevObject;
import org.eclipse.jgit.revwalk.RevTag;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * The directory {@code .git} of a checkout of one commit without history (gitrepository-layout(5)), made from nothing but the commit:
 * the same commit gives the same bytes, whatever the server packed together and however it was fetched.
 *
 * @param reference full name of the reference that the commit came from, which the directory then has; or null
 * @param url the remote {@code origin}, without a password
 */
public record GitDirectory(@Nullable String reference, String url) {

    /** Without the password that may be in {@code url}. */
    public GitDirectory {
        url = GitUrls.withoutPassword(url);
    }

    /**
     * Writes it.
     *
     * @param object the commit, or a tag that leads to it
     * @param scratch existing directory for files that are needed meanwhile
     */
    void write(TarWriter tar, Repository repository, ObjectId object, RevCommit commit, Path scratch)
            throws IOException {
        Instant time = Instant.ofEpochSecond(commit.getCommitTime());
        Entries entries = new Entries(tar, time);
        entries.directory(".git");
        entries.text("HEAD", commit.name() + "\n");
        entries.text("config", """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = false
                \tlogallrefupdates = true
                [remote "origin"]
                \turl = %s
                \tfetch = +refs/heads/*:refs/remotes/origin/*
                """.formatted(quoted(url)));
        entries.file("index", 0644, index(repository, commit, scratch));
        entries.directory(".git/objects");
        entries.directory(".git/objects/info");
        entries.directory(".git/objects/pack");
        pack(entries, repository, object, commit, scratch);
        if (reference != null) {
            String peeled = object.equals(commit) ? "" : "^" + commit.name() + "\n";
            entries.text(
                    "packed-refs",
                    "# pack-refs with: peeled fully-peeled sorted \n" + object.name() + " " + reference + "\n"
                            + peeled);
        }
        entries.directory(".git/refs");
        entries.directory(".git/refs/heads");
        entries.directory(".git/refs/tags");
        if (commit.getParentCount() > 0) {
            entries.text("shallow", commit.name() + "\n");
        }
    }

    /** As git-config(1) reads it back. */
    private static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** An index without file times: git compares the contents once and notes the times. */
    private static Path index(Repository repository, RevCommit commit, Path scratch) throws IOException {
        Path file = scratch.resolve("index");
        DirCache index = DirCache.lock(file.toFile(), FS.DETECTED);
        try (ObjectReader reader = repository.newObjectReader()) {
            DirCacheBuilder builder = index.builder();
            builder.addTree(new byte[0], DirCacheEntry.STAGE_0, reader, commit.getTree());
            if (!builder.commit()) {
                throw new IOException("git's index could not be written");
            }
            return file;
        } finally {
            index.unlock();
        }
    }

    private static void pack(Entries entries, Repository repository, ObjectId object, RevCommit commit, Path scratch)
            throws IOException {
        PackConfig config = new PackConfig();
        config.setReuseObjects(false);
        config.setReuseDeltas(false);
        config.setDeltaCompress(false);
        config.setThreads(1);
        config.setIndexVersion(2);
        Path pack = scratch.resolve("pack");
        Path index = scratch.resolve("pack.idx");
        try (PackWriter writer = new PackWriter(config, repository.newObjectReader())) {
            writer.preparePack(objects(repository, object, commit).iterator());
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(pack))) {
                writer.writePack(NullProgressMonitor.INSTANCE, NullProgressMonitor.INSTANCE, out);
            }
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(index))) {
                writer.writeIndex(out);
            }
            String name = "objects/pack/pack-" + writer.computeName().name();
            entries.file(name + ".idx", 0444, index);
            entries.file(name + ".pack", 0444, pack);
        }
    }

    /** The commit and all that it has, in the order of its tree; a tag that leads to it comes first. */
    private static Set<RevObject> objects(Repository repository, ObjectId object, RevCommit commit) throws IOException {
        Set<RevObject> objects = new LinkedHashSet<>();
        try (RevWalk revisions = new RevWalk(repository);
                TreeWalk files = new TreeWalk(repository)) {
            RevObject tag = revisions.parseAny(object);
            while (tag instanceof RevTag outer) {
                objects.add(outer);
                tag = revisions.parseAny(outer.getObject());
            }
            objects.add(revisions.lookupCommit(commit));
            objects.add(revisions.lookupTree(commit.getTree()));
            files.reset(commit.getTree());
            while (files.next()) {
                if (files.isSubtree()) {
                    objects.add(revisions.lookupTree(files.getObjectId(0)));
                    files.enterSubtree();
                } else if (!FileMode.GITLINK.equals(files.getRawMode(0))) {
                    objects.add(revisions.lookupBlob(files.getObjectId(0)));
                }
            }
        }
        return objects;
    }

    /** Entries below {@code .git}. */
    private record Entries(TarWriter tar, Instant time) {
        void directory(String name) throws IOException {
            tar.put(TarEntry.directory(name, 0755).withMtime(time));
        }

        void text(String name, String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            tar.put(TarEntry.file(".git/" + name, 0644, bytes.length).withMtime(time), new ByteArrayInputStream(bytes));
        }

        void file(String name, int mode, Path file) throws IOException {
            long size = Files.size(file);
            try (InputStream content = Files.newInputStream(file)) {
                tar.put(TarEntry.file(".git/" + name, mode, size).withMtime(time), content);
            }
        }
    }

    /** Refuses names of references that could not stand in a file of git's. */
    static void requirePlain(String reference) {
        if (!Repository.isValidRefName(reference)) {
            throw new SourceException(Kind.INVALID, "the server has a reference of an impossible name", null);
        }
    }
}
