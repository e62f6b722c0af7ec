package io.slipway.worker.copy;

import io.slipway.dockerfile.check.Rule;
import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.ignore.PathPattern;
import io.slipway.dockerfile.source.Suggestion;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.copy.FilteredTree.Filter;
import io.slipway.worker.copy.SourceTree.Node;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of a COPY or ADD name in a tree.
 *
 * @param chosen the files and directories, in the order of the words; a word with wildcards gives its matches sorted
 * @param remarks what is to be said of words that name nothing
 */
record Selection(List<Chosen> chosen, List<Remark> remarks) {
    private static final String PIVOT = "/./";

    Selection {
        chosen = List.copyOf(chosen);
        remarks = List.copyOf(remarks);
    }

    /**
     * One source.
     *
     * @param name the last part of the name that chose it, which is its name in a destination directory; empty for the root
     * @param node what it leads to, symlinks followed
     * @param tree where it is, without what is excluded
     * @param fetched whether it comes from elsewhere
     */
    record Chosen(String name, Node node, SourceTree tree, boolean fetched) {}

    /**
     * Finds what the words name (dockerfile.md §5 COPY): a plain word must exist; one with wildcards (Go's filepath.Match) may
     * match nothing. Absolute words and {@code ..} stop at the tree's root.
     *
     * @param fetched what the words led to that are addresses
     * @throws CopyException if a plain word does not exist
     */
    static Selection of(SourceTree tree, CopyRequest request, Map<String, Fetched> fetched) throws IOException {
        Filter excluding =
                request.excludes().isEmpty() ? null : Filter.excluding(IgnorePatterns.of(request.excludes()));
        List<Chosen> chosen = new ArrayList<>();
        List<Remark> remarks = new ArrayList<>();
        for (String word : request.words()) {
            Fetched remote = fetched.get(word);
            if (remote != null) {
                chosen.add(chosen(remote.tree(), remote.name(), remote.node(), excluding, true));
            } else if (request.parents()) {
                for (Parents parents : parents(tree, word)) {
                    chosen.add(new Chosen("", parents.directory(), parents.shown(tree, excluding), false));
                    String link = parents.link(tree);
                    if (link != null) {
                        remarks.add(new Remark(Rule.SOURCE_BEHIND_SYMLINK, behind(word, link)));
                    }
                }
            } else {
                plain(tree, word, excluding, chosen);
            }
        }
        return new Selection(chosen, remarks);
    }

    private static void plain(SourceTree tree, String word, @Nullable Filter excluding, List<Chosen> chosen)
            throws IOException {
        String path = RootTree.clean(word);
        if (PathPattern.hasWildcards(path)) {
            Node root = tree.find("");
            if (root != null) {
                match(tree, root, path, excluding, chosen);
            }
        } else {
            chosen.add(chosen(tree, path.substring(path.lastIndexOf('/') + 1), existing(tree, path), excluding, false));
        }
    }

    /**
     * A word of {@code --parents}, in a directory that its path begins in, of which only what the path leads to is shown: the directory's content
     * goes into the destination, which is made even if nothing is shown.
     *
     * @param path what stands after the pivot
     */
    private record Parents(Node directory, String path) {
        SourceTree shown(SourceTree tree, @Nullable Filter excluding) {
            Filter filter =
                    PathPattern.hasWildcards(path) ? Filter.matching(PathPattern.ofDeep(path)) : Filter.only(path);
            return new FilteredTree(tree, directory, excluding == null ? filter : filter.and(excluding));
        }

        /**
         * The symlink to a directory that the path would lead through, if it were followed; null if there is none before its first wildcard. One
         * that the path ends in is copied itself.
         */
        @Nullable
        String link(SourceTree tree) throws IOException {
            Node at = directory;
            for (int start = 0, end; (end = path.indexOf('/', start)) >= 0; start = end + 1) {
                String name = path.substring(start, end);
                Node next = PathPattern.hasWildcards(name) ? null : child(tree, at, name);
                if (next == null) {
                    return null;
                }
                if (next.entry().type() == TarEntry.Type.SYMLINK) {
                    Node target = tree.find(next.path());
                    return target != null && target.isDirectory() ? next.path() : null;
                }
                if (!next.isDirectory()) {
                    return null;
                }
                at = next;
            }
            return null;
        }

        private static @Nullable Node child(SourceTree tree, Node directory, String name) throws IOException {
            for (Node child : tree.children(directory)) {
                if (child.name().equals(name)) {
                    return child;
                }
            }
            return null;
        }
    }

    /** With wildcards before the pivot there may be several directories, or none, and what the path leads to need not be in each. */
    private static List<Parents> parents(SourceTree tree, String word) throws IOException {
        int pivot = word.indexOf(PIVOT);
        String base = pivot < 0 ? "" : RootTree.clean(word.substring(0, pivot));
        String path = RootTree.clean(pivot < 0 ? word : word.substring(pivot + PIVOT.length()));
        if (PathPattern.hasWildcards(base)) {
            List<Chosen> bases = new ArrayList<>();
            match(tree, existing(tree, ""), base, null, bases);
            return bases.stream()
                    .map(Chosen::node)
                    .filter(Node::isDirectory)
                    .map(directory -> new Parents(directory, path))
                    .toList();
        }
        Node directory = existing(tree, base);
        if (!directory.isDirectory()) {
            throw new CopyException("\"/" + FileName.display(base) + "\" before /./ is no directory");
        }
        if (!PathPattern.hasWildcards(path)) {
            var _ = existing(tree, base + "/" + path);
        }
        return List.of(new Parents(directory, path));
    }

    private static String behind(String word, String link) {
        return "COPY --parents copies nothing of \"" + FileName.display(word) + "\": /" + FileName.display(link)
                + " is a symbolic link, which it does not go through";
    }

    private static Node existing(SourceTree tree, String path) throws IOException {
        Node node = tree.find(path);
        if (node == null) {
            throw missing(tree, RootTree.clean(path));
        }
        return node;
    }

    private static Chosen chosen(SourceTree tree, String name, Node node, @Nullable Filter excluding, boolean fetched) {
        SourceTree shown = excluding == null || !node.isDirectory() ? tree : new FilteredTree(tree, node, excluding);
        return new Chosen(name, node, shown, fetched);
    }

    private static void match(
            SourceTree tree, Node directory, String pattern, @Nullable Filter excluding, List<Chosen> chosen)
            throws IOException {
        int slash = pattern.indexOf('/');
        PathPattern first = PathPattern.of(slash < 0 ? pattern : pattern.substring(0, slash));
        for (Node child : tree.children(directory)) {
            if (!first.matches(child.name())) {
                continue;
            }
            Node found = child.entry().type() == TarEntry.Type.SYMLINK ? tree.find(child.path()) : child;
            if (found == null) {
                continue;
            }
            if (slash < 0) {
                chosen.add(chosen(tree, child.name(), found, excluding, false));
            } else if (found.isDirectory()) {
                match(tree, found, pattern.substring(slash + 1), excluding, chosen);
            }
        }
    }

    private static CopyException missing(SourceTree tree, String path) throws IOException {
        int slash = path.lastIndexOf('/');
        Node parent = tree.find(slash < 0 ? "" : path.substring(0, slash));
        String near = parent == null || !parent.isDirectory()
                ? null
                : Suggestion.nearest(
                        path.substring(slash + 1),
                        tree.children(parent).stream().map(Node::name).toList());
        return new CopyException("\"/" + FileName.display(path) + "\" is not found"
                + (near == null ? "" : " (did you mean " + near + "?)"));
    }

    /**
     * Adds everything that the copy's result depends on: names, kinds, modes, links, attributes and content; never a time. Modes are added as
     * they will be: what {@code --chmod} sets does not depend on the umask of whoever made the context.
     */
    void addTo(KeyHash key, CopyRequest request) throws IOException {
        SelectionKey walk = new SelectionKey(key, request.ownership().mode());
        key.count(chosen.size());
        for (Chosen source : chosen) {
            key.part(Inputs.Kind.INSTRUCTION).add(source.name());
            // The destination takes neither mode nor owner of the directory whose content is copied into it.
            walk.add(source.tree(), source.node(), "", !source.node().isDirectory() || request.parents());
        }
        key.add(remarks.size());
        remarks.forEach(remark -> key.add(remark.message()));
    }
}
