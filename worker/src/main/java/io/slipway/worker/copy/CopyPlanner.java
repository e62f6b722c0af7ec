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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Works out the layer of a COPY or ADD (dockerfile.md §5): where each file goes in the image as it is, which parents it needs,
 * who owns it. Reads names and attributes only. One planner plans one instruction; not thread-safe.
 */
final class CopyPlanner {
    private static final int DIRECTORY_MODE = 0755;
    private static final int HEREDOC_MODE = 0644;

    private final RootTree target;
    private final @Nullable Owner owner;
    private final @Nullable FileMode chmod;
    private final TreeMap<String, Planned> plan = new TreeMap<>();
    /** The name in the plan of each file that has several names in its tree. */
    private final Map<Object, List<String>> links = new HashMap<>();
    /** Directories that the image does not have: what is below them needs no look. */
    private final Set<String> absent = new HashSet<>();

    /** What comes from archives, and the destination under which it was unpacked. {@code --chmod} does not apply to it. */
    private final Map<String, String> unpacked = new HashMap<>();

    /** Files that were planned as the destination itself, by their names: the last one counts. */
    private final List<String> alone = new ArrayList<>();

    /** The files that come from archives, by each of their names: names of one file have one number. */
    private final Map<String, Integer> unpackedFiles = new TreeMap<>();

    private int lastUnpackedFile;

    private Instant newest = Instant.EPOCH;

    CopyPlanner(RootTree target, @Nullable Owner owner, @Nullable FileMode chmod) {
        this.target = target;
        this.owner = owner;
        this.chmod = chmod;
    }

    /** The destination of an instruction, resolved in the image. */
    record Destination(String path, boolean directory) {}

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
        String path = fileAt(destination, heredoc.name());
        put(path, changed(TarEntry.file(path, HEREDOC_MODE, body.length)), () -> new ByteArrayInputStream(body));
    }

    /** Plans an entry of an archive; its mode stays, its owner too unless {@code --chown} says otherwise. */
    void addUnpacked(TarEntry entry, Content content, Destination destination) throws IOException {
        String path = unpackedPath(entry.name(), destination);
        if (path.isEmpty()) {
            return;
        }
        TarEntry owned = owner == null ? entry : entry.withOwner(owner.uid(), owner.gid());
        TarEntry placed = owned.withName(path);
        Content own = content;
        Integer file = entry.type() == TarEntry.Type.FILE ? Integer.valueOf(++lastUnpackedFile) : null;
        if (entry.type() == TarEntry.Type.HARD_LINK) {
            String to = unpackedPath(entry.linkName(), destination);
            Planned linked = plan.get(to);
            file = unpackedFiles.get(to);
            if (file != null && linked != null) {
                // Another name of that file; which of them comes first in the layer is seen at the end.
                placed = linked.entry().withName(path);
                own = linked.content();
            } else {
                placed = placed.withLinkName(to);
            }
        }
        if (entry.type() != TarEntry.Type.DIRECTORY) {
            // Whatever the archive had below a directory of this name is gone with it.
            plan.subMap(path + "/", path + "0").clear();
        }
        put(path, placed, own);
        unpacked.put(path, destination.path());
        if (file == null) {
            unpackedFiles.remove(path);
        } else {
            unpackedFiles.put(path, file);
        }
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
        Planned planned = plan.get(path);
        if (planned != null && planned.entry().type() != TarEntry.Type.DIRECTORY) {
            throw inTwoKinds(path);
        }
        if (existing != null && !existing.isDirectory()) {
            throw new CopyException("a directory cannot be copied over /" + FileName.display(path)
                    + ", which is no directory in the image");
        }
        if (existing == null && !path.isEmpty() && planned == null) {
            absent.add(path);
            // The top directory is the destination's own, so it does not take the source directory's mode.
            TarEntry entry = top
                    ? TarEntry.directory(path, DIRECTORY_MODE)
                            .withMtime(node.entry().mtime())
                            .withOwner(node.entry().uid(), node.entry().gid())
                    : node.entry().withName(path);
            put(path, changed(entry), Content.NONE);
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
        if (node.link() != null) {
            links.computeIfAbsent(node.link(), _ -> new ArrayList<>()).add(path);
        }
        TarEntry entry = changed(node.entry().withName(path));
        put(path, entry, entry.type() == TarEntry.Type.FILE ? () -> tree.open(node) : Content.NONE);
    }

    private @Nullable TarEntry planned(String path) {
        Planned planned = plan.get(path);
        return planned == null ? null : planned.entry();
    }

    private boolean isPlanned(String path, TarEntry.Type type) {
        Planned planned = plan.get(path);
        return planned != null && planned.entry().type() == type;
    }

    private static CopyException inTwoKinds(String path) {
        return new CopyException(
                "/" + FileName.display(path) + " is copied as a directory and as something else, which cannot be both");
    }

    private void put(String path, TarEntry entry, Content content) throws ReservedNameException {
        if (Whiteout.isWhiteout(path)) {
            throw new ReservedNameException(path);
        }
        newest = max(newest, entry.mtime());
        plan.put(path, new Planned(entry, content));
    }

    /** The entry with what {@code --chown} and {@code --chmod} say; a symlink has no mode of its own. */
    private TarEntry changed(TarEntry entry) {
        TarEntry owned = withOwner(entry);
        if (chmod == null || entry.type() == TarEntry.Type.SYMLINK) {
            return owned;
        }
        return owned.withMode(chmod.apply(entry.mode(), entry.type() == TarEntry.Type.DIRECTORY));
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
        for (String path : List.copyOf(plan.keySet())) {
            parents(path, unpacked.get(path));
        }
        Map<Integer, List<String>> unpackedLinks = new TreeMap<>();
        unpackedFiles.forEach((path, file) ->
                unpackedLinks.computeIfAbsent(file, _ -> new ArrayList<>()).add(path));
        unpackedLinks.values().forEach(this::link);
        links.values().forEach(this::link);
        List<Remark> all = new ArrayList<>(remarks);
        if (alone.size() > 1) {
            all.add(new Remark(Rule.OVERWRITTEN_SOURCE, overwritten()));
        }
        return new CopyPlan(List.copyOf(plan.values()), all);
    }

    private String overwritten() {
        int others = alone.size() - 1;
        return "\"" + alone.getLast() + "\" replaces "
                + (others == 1 ? "\"" + alone.getFirst() + "\"" : "the " + others + " sources before it")
                + ": all are copied to the same file, because the destination is no directory and does not end with a slash";
    }

    /** Gives each name of one file but the first in the layer's order a hard link to that first. */
    private void link(List<String> names) {
        List<String> sorted = names.stream()
                .distinct()
                .filter(name -> isPlanned(name, TarEntry.Type.FILE))
                .sorted()
                .toList();
        if (sorted.isEmpty()) {
            return;
        }
        String first = sorted.getFirst();
        for (String other : sorted.subList(1, sorted.size())) {
            Planned planned = plan.get(other);
            if (planned != null && planned.entry().type() == TarEntry.Type.FILE) {
                TarEntry file = planned.entry();
                TarEntry link = TarEntry.hardLink(other, first)
                        .withMode(file.mode())
                        .withOwner(file.uid(), file.gid())
                        .withMtime(file.mtime());
                plan.put(other, new Planned(link, Content.NONE));
            }
        }
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
            TarEntry made = TarEntry.directory(parent, DIRECTORY_MODE).withMtime(newest);
            TarEntry entry = existing == null
                    ? unpackedTo == null ? changed(made) : isBelow(parent, unpackedTo) ? made : withOwner(made)
                    : TarEntry.directory(parent, existing.permissions())
                            .withOwner(existing.uid(), existing.gid())
                            .withMtime(Instant.ofEpochSecond(existing.mtimeSeconds(), existing.mtimeNanos()));
            plan.put(parent, new Planned(entry, Content.NONE));
        }
    }

    private @Nullable FileStatus status(String path) throws IOException {
        int slash = path.lastIndexOf('/');
        if (slash > 0 && absent.contains(path.substring(0, slash))) {
            return null;
        }
        return target.status(path);
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
