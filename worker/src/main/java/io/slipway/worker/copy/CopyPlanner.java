package io.slipway.worker.copy;

import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.instruction.FileMode;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.image.layer.Whiteout;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.copy.CopyPlan.Content;
import io.slipway.worker.copy.CopyPlan.Planned;
import io.slipway.worker.copy.SourceTree.Node;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.rootfs.RootTree;
import io.slipway.worker.snapshot.ReservedNameException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Works out the layer of a COPY or ADD (dockerfile.md §5): where each file goes in the image as it is, which parents it needs,
 * who owns it. Reads names and attributes only, but for a file of the image that an archive links to. One planner plans one instruction;
 * not thread-safe.
 */
final class CopyPlanner {
    private static final int DIRECTORY_MODE = 0755;
    private static final int HEREDOC_MODE = 0644;

    private final RootTree target;
    private final @Nullable Owner owner;
    private final @Nullable FileMode chmod;
    private final Path scratch;
    private final TreeMap<String, Place> plan = new TreeMap<>();
    /** The files of the source that is being planned that have several names in its tree. */
    private final Map<Object, Inode> links = new HashMap<>();
    /** Directories that the image does not have: what is below them needs no look. */
    private final Set<String> absent = new HashSet<>();

    /** Directories of the image in whose place an archive put something else: nothing of them is there any more. */
    private final Set<String> replaced = new HashSet<>();

    /** Files that were planned as the destination itself, by their names: the last one counts. */
    private final List<String> alone = new ArrayList<>();

    private Instant newest = Instant.EPOCH;
    private int carried;

    /**
     * Plans nothing yet.
     *
     * @param target the image so far
     * @param scratch a directory for files of the image that go into the layer, which must live as long as the plan
     */
    CopyPlanner(RootTree target, @Nullable Owner owner, @Nullable FileMode chmod, Path scratch) {
        this.target = target;
        this.owner = owner;
        this.chmod = chmod;
        this.scratch = scratch;
    }

    /** The destination of an instruction, resolved in the image. */
    record Destination(String path, boolean directory) {}

    /**
     * What a path of the layer leads to.
     *
     * @param unpackedTo the destination of the archive that the path comes from, or null
     */
    private record Place(Inode inode, @Nullable String unpackedTo) {
        TarEntry entry() {
            return inode.entry;
        }
    }

    /** What all names of a file share: everything but the name (inode(7)). */
    private static final class Inode {
        private TarEntry entry;
        private final Content content;

        Inode(TarEntry entry, Content content) {
            this.entry = entry;
            this.content = content;
        }
    }

    /** Where {@code destination} leads: absolute, or relative to the working directory; symlinks in the image are followed. */
    Destination destination(String destination, String workingDirectory) throws IOException {
        String absolute = destination.startsWith("/") ? destination : workingDirectory + "/" + destination;
        String resolved = target.resolve(absolute);
        FileStatus status = target.status(resolved);
        boolean named = destination.isEmpty()
                || destination.endsWith("/")
                || destination.equals(".")
                || destination.equals("..")
                || destination.endsWith("/.")
                || destination.endsWith("/..");
        return new Destination(resolved, named || (status != null && status.isDirectory()));
    }

    /** Plans a source: a directory's content goes into the destination, a file goes to it or into it. */
    void add(Selection.Chosen source, Destination destination) throws IOException {
        // Names of one file stay names of one file only within a source: to the reference each is a copy of its own.
        links.clear();
        Node node = source.node();
        SourceTree tree = source.tree();
        if (node.isDirectory()) {
            directory(tree, node, destination.path(), true);
        } else {
            file(tree, node, fileAt(destination, source.name()));
        }
    }

    /** Where a file of this name goes: an earlier source may have made a directory of the destination. */
    private String fileAt(Destination destination, String name) {
        if (destination.directory() || isPlanned(destination.path(), TarEntry.Type.DIRECTORY)) {
            return below(destination.path(), name);
        }
        alone.add(FileName.display(name));
        return destination.path();
    }

    /** Plans a file whose text stands in the Dockerfile. */
    void add(Heredoc heredoc, Destination destination) throws IOException {
        byte[] body = FileName.encode(heredoc.body());
        String path = fileAt(destination, heredoc.fileName());
        TarEntry entry = changed(TarEntry.file(path, HEREDOC_MODE, body.length));
        put(path, new Place(new Inode(entry, () -> new ByteArrayInputStream(body)), null));
    }

    /** Plans an entry of an archive; its mode stays, its owner too unless {@code --chown} says otherwise. */
    void addUnpacked(TarEntry entry, Content content, Destination destination) throws IOException {
        String path = unpackedPath(entry.name(), destination);
        if (path.isEmpty()) {
            return;
        }
        TarEntry owned = withOwner(entry);
        if (entry.type() != TarEntry.Type.DIRECTORY) {
            // Whatever was below a directory of this name is gone with it.
            plan.subMap(path + "/", path + "0").clear();
            FileStatus existing = status(path);
            if (existing != null && existing.isDirectory()) {
                replaced.add(path);
            }
        }
        Inode inode = entry.type() == TarEntry.Type.HARD_LINK
                ? linked(path, unpackedPath(entry.linkName(), destination), owned)
                : new Inode(owned, content);
        put(path, new Place(inode, destination.path()));
    }

    /**
     * The file that a hard link of an archive gives another name. It may come from the archive, from a source before it, or from the image,
     * whose file then is in this layer, too: no layer can link to a file of another. What the link says of owner, mode and time counts for
     * the file, as in the reference.
     */
    private Inode linked(String path, String to, TarEntry link) throws IOException {
        Place planned = plan.get(to);
        boolean gone = to.equals(path) || to.startsWith(path + "/");
        Inode inode = gone ? null : planned != null ? planned.inode() : imageFile(to);
        if (inode == null) {
            throw new CopyException("/" + FileName.display(path) + " is a hard link to /" + FileName.display(to)
                    + ", which neither the archive nor the image has");
        }
        if (inode.entry.type() == TarEntry.Type.DIRECTORY) {
            throw new CopyException("/" + FileName.display(path) + " is a hard link to /" + FileName.display(to)
                    + ", which is a directory");
        }
        if (planned == null) {
            put(to, new Place(inode, null));
        }
        inode.entry = inode.entry.withOwner(link.uid(), link.gid());
        if (inode.entry.type() != TarEntry.Type.SYMLINK) {
            inode.entry = inode.entry.withMode(link.mode()).withMtime(link.mtime());
        }
        return inode;
    }

    /** A copy of what the image has at a path; null if it has nothing there, or nothing that a layer can hold. */
    private @Nullable Inode imageFile(String path) throws IOException {
        for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
            Place above = plan.get(path.substring(0, slash));
            if (above != null && above.entry().type() != TarEntry.Type.DIRECTORY) {
                return null;
            }
        }
        Node node = status(path) == null ? null : new RootSource(target).at(path);
        if (node == null || node.entry().type() != TarEntry.Type.FILE) {
            return node == null ? null : new Inode(node.entry(), Content.NONE);
        }
        Path copy = scratch.resolve("carried" + carried++);
        try (InputStream content = target.open(path, node.entry().size())) {
            Files.copy(content, copy);
        }
        return new Inode(node.entry(), () -> Files.newInputStream(copy));
    }

    /**
     * Where a name of an archive is. Entries are put one after the other, so what came before may be a symlink, or have replaced one; for
     * all of them the destination is the root, as in the reference.
     */
    private String unpackedPath(String name, Destination destination) throws IOException {
        String clean = RootTree.clean(name);
        int slash = clean.lastIndexOf('/');
        String directory = slash < 0 ? "" : clean.substring(0, slash);
        String parent = target.resolveBelow(destination.path(), directory, this::planned);
        return below(parent, clean.substring(slash + 1));
    }

    private void directory(SourceTree tree, Node node, String path, boolean top) throws IOException {
        FileStatus existing = status(path);
        Place planned = plan.get(path);
        if (planned != null && planned.entry().type() != TarEntry.Type.DIRECTORY) {
            throw inTwoKinds(path);
        }
        if (existing != null && !existing.isDirectory()) {
            throw new CopyException("a directory cannot be copied over /" + FileName.display(path)
                    + ", which is no directory in the image");
        }
        boolean anew = existing == null && planned == null && !path.isEmpty();
        if (anew) {
            absent.add(path);
        }
        if (top && anew) {
            // The destination itself takes neither mode nor owner of the source directory.
            put(path, new Place(new Inode(made(path).withMtime(node.entry().mtime()), Content.NONE), null));
        } else if (!top && (anew || tree.isWhole(node))) {
            // What is below it does, also where the image or an earlier source has such a directory.
            put(path, new Place(new Inode(changed(node.entry()), Content.NONE), null));
        }
        for (Node child : tree.children(node)) {
            String childPath = below(path, child.name());
            if (child.isDirectory()) {
                directory(tree, child, childPath, false);
            } else {
                file(tree, child, childPath);
            }
        }
    }

    private void file(SourceTree tree, Node node, String path) throws IOException {
        FileStatus existing = status(path);
        if (existing != null && existing.isDirectory()) {
            throw new CopyException(
                    "/" + FileName.display(path) + " is a directory in the image and cannot be replaced by a file");
        }
        if (isPlanned(path, TarEntry.Type.DIRECTORY)) {
            throw inTwoKinds(path);
        }
        Inode inode = node.link() == null ? null : links.get(node.link());
        if (inode == null) {
            TarEntry entry = changed(node.entry());
            inode = new Inode(entry, entry.type() == TarEntry.Type.FILE ? () -> tree.open(node) : Content.NONE);
            if (node.link() != null) {
                links.put(node.link(), inode);
            }
        }
        put(path, new Place(inode, null));
    }

    private @Nullable TarEntry planned(String path) {
        Place planned = plan.get(path);
        return planned == null ? null : planned.entry();
    }

    private boolean isPlanned(String path, TarEntry.Type type) {
        Place planned = plan.get(path);
        return planned != null && planned.entry().type() == type;
    }

    private static CopyException inTwoKinds(String path) {
        return new CopyException(
                "/" + FileName.display(path) + " is copied as a directory and as something else, which cannot be both");
    }

    private void put(String path, Place place) throws ReservedNameException {
        if (Whiteout.isWhiteout(path)) {
            throw new ReservedNameException(path);
        }
        newest = max(newest, place.entry().mtime());
        plan.put(path, place);
    }

    /** The entry with what {@code --chown} and {@code --chmod} say. */
    private TarEntry changed(TarEntry entry) {
        return withOwner(entry).withMode(mode(entry, chmod));
    }

    /** The mode that an entry gets in the layer; a symlink has none of its own. */
    static int mode(TarEntry entry, @Nullable FileMode chmod) {
        return chmod == null || entry.type() == TarEntry.Type.SYMLINK
                ? entry.mode()
                : chmod.apply(entry.mode(), entry.type() == TarEntry.Type.DIRECTORY);
    }

    /**
     * A directory that is made because the destination needs it: it belongs to root if {@code --chown} does not say otherwise. An octal {@code --chmod} is its mode, too, without setuid, setgid and sticky
     * bit; a symbolic one has nothing to change there.
     */
    private TarEntry made(String path) {
        return withOwner(
                TarEntry.directory(path, chmod instanceof FileMode.Octal(int mode) ? mode & 0777 : DIRECTORY_MODE));
    }

    private TarEntry withOwner(TarEntry entry) {
        return owner == null ? entry : entry.withOwner(owner.uid(), owner.gid());
    }

    /**
     * The plan, complete with parents and hard links.
     *
     * @param remarks what is to be said of it already
     */
    CopyPlan finish(List<Remark> remarks) throws IOException {
        for (Map.Entry<String, Place> place : List.copyOf(plan.entrySet())) {
            parents(place.getKey(), place.getValue().unpackedTo());
        }
        List<Remark> all = new ArrayList<>(remarks);
        if (alone.size() > 1) {
            all.add(new Remark(Rule.OVERWRITTEN_SOURCE, overwritten()));
        }
        return new CopyPlan(entries(), all);
    }

    /** Each name of a file but the first in the layer's order is a hard link to that first. */
    private List<Planned> entries() {
        List<Planned> entries = new ArrayList<>(plan.size());
        IdentityHashMap<Inode, String> files = new IdentityHashMap<>();
        plan.forEach((path, place) -> {
            TarEntry entry = place.entry().withName(path);
            String first = entry.type() == TarEntry.Type.FILE ? files.putIfAbsent(place.inode(), path) : null;
            if (first == null) {
                entries.add(new Planned(entry, place.inode().content));
            } else {
                TarEntry link = TarEntry.hardLink(path, first)
                        .withMode(entry.mode())
                        .withOwner(entry.uid(), entry.gid())
                        .withMtime(entry.mtime());
                entries.add(new Planned(link, Content.NONE));
            }
            if (entry.type() == TarEntry.Type.DIRECTORY && replaced.contains(path)) {
                entries.add(new Planned(Whiteout.opaque(path), Content.NONE));
            }
        });
        return entries;
    }

    private String overwritten() {
        int others = alone.size() - 1;
        return "\"" + alone.getLast() + "\" replaces "
                + (others == 1 ? "\"" + alone.getFirst() + "\"" : "the " + others + " sources before it")
                + ": all are copied to the same file, because the destination is no directory and does not end with a slash";
    }

    /**
     * Parents of what is copied: those that the image has are repeated as they are, because unpackers that keep layers apart
     * would else give them default attributes; the others are new. Those that an archive only implies are root's, as in the reference.
     *
     * @param unpackedTo the destination of the archive that it comes from, or null
     */
    private void parents(String path, @Nullable String unpackedTo) throws IOException {
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            String parent = path.substring(0, slash);
            if (plan.containsKey(parent)) {
                if (!isPlanned(parent, TarEntry.Type.DIRECTORY)) {
                    throw inTwoKinds(parent);
                }
                continue;
            }
            FileStatus existing = status(parent);
            if (existing != null && !existing.isDirectory()) {
                throw new CopyException("/" + FileName.display(parent) + " is no directory in the image");
            }
            plan.put(parent, new Place(new Inode(parent(parent, existing, unpackedTo), Content.NONE), null));
        }
    }

    private TarEntry parent(String path, @Nullable FileStatus existing, @Nullable String unpackedTo) {
        if (existing != null) {
            return TarEntry.directory(path, existing.permissions())
                    .withOwner(existing.uid(), existing.gid())
                    .withMtime(Instant.ofEpochSecond(existing.mtimeSeconds(), existing.mtimeNanos()));
        }
        if (unpackedTo == null) {
            return made(path).withMtime(newest);
        }
        TarEntry made = TarEntry.directory(path, DIRECTORY_MODE).withMtime(newest);
        return isBelow(path, unpackedTo) ? made : withOwner(made);
    }

    private @Nullable FileStatus status(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        if ((slash > 0 && absent.contains(path.substring(0, slash))) || isReplaced(path)) {
            return null;
        }
        return target.status(path);
    }

    private boolean isReplaced(String path) {
        String above = path;
        while (!replaced.isEmpty() && !above.isEmpty()) {
            if (replaced.contains(above)) {
                return true;
            }
            above = above.substring(0, Math.max(above.lastIndexOf('/'), 0));
        }
        return false;
    }

    private static boolean isBelow(String path, String directory) {
        return directory.isEmpty() || path.startsWith(directory + "/");
    }

    private static String below(String directory, String name) {
        return directory.isEmpty() ? name : name.isEmpty() ? directory : directory + "/" + name;
    }

    private static Instant max(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
