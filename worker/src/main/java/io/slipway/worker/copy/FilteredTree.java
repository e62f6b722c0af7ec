package io.slipway.worker.copy;

import io.slipway.dockerfile.ignore.IgnorePatterns;
import io.slipway.dockerfile.ignore.PathPattern;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --exclude} and {@code --parents} leave of a directory (dockerfile.md §5 COPY): the files that the filter keeps, and the
 * directories that it keeps or that lead to one. Not thread-safe.
 */
final class FilteredTree implements SourceTree {
    private final SourceTree tree;
    private final String base;
    private final Filter filter;
    private final Map<String, Boolean> shown = new HashMap<>();

    /**
     * A part of a tree.
     *
     * @param base the directory that the filter's paths are relative to
     */
    FilteredTree(SourceTree tree, Node base, Filter filter) {
        this.tree = tree;
        this.base = base.path();
        this.filter = filter;
    }

    /** Says what is kept; paths are clean and relative to the directory. */
    interface Filter {
        boolean keeps(String path);

        /** Whether anything below a directory that is not kept could be. */
        boolean mayKeepBelow(String directory);

        /** Keeps what no pattern of {@code --exclude} matches. */
        static Filter excluding(IgnorePatterns patterns) {
            return new Filter() {
                @Override
                public boolean keeps(String path) {
                    return !patterns.ignores(path);
                }

                @Override
                public boolean mayKeepBelow(String directory) {
                    return !patterns.ignoresAllBelow(directory);
                }
            };
        }

        /** Keeps what a word of {@code --parents} matches, and all that is below that. */
        static Filter matching(PathPattern pattern) {
            return new Filter() {
                @Override
                public boolean keeps(String path) {
                    return pattern.matchesPathOrParent(path);
                }

                @Override
                public boolean mayKeepBelow(String directory) {
                    return pattern.canMatchBelow(directory);
                }
            };
        }

        /** Keeps one path and all that is below it. */
        static Filter only(String kept) {
            return new Filter() {
                @Override
                public boolean keeps(String path) {
                    return kept.isEmpty() || path.equals(kept) || path.startsWith(kept + "/");
                }

                @Override
                public boolean mayKeepBelow(String directory) {
                    return kept.startsWith(directory + "/");
                }
            };
        }

        /** Keeps what both keep. */
        default Filter and(Filter other) {
            Filter one = this;
            return new Filter() {
                @Override
                public boolean keeps(String path) {
                    return one.keeps(path) && other.keeps(path);
                }

                @Override
                public boolean mayKeepBelow(String directory) {
                    return (one.keeps(directory) || one.mayKeepBelow(directory))
                            && (other.keeps(directory) || other.mayKeepBelow(directory));
                }
            };
        }
    }

    @Override
    public @Nullable Node find(String path) throws IOException {
        return tree.find(path);
    }

    @Override
    public List<Node> children(Node directory) throws IOException {
        List<Node> children = new ArrayList<>();
        for (Node child : tree.children(directory)) {
            if (shows(child)) {
                children.add(child);
            }
        }
        return children;
    }

    @Override
    public boolean isWhole(Node directory) {
        return filter.keeps(relative(directory));
    }

    private String relative(Node node) {
        return base.isEmpty() ? node.path() : node.path().substring(base.length() + 1);
    }

    private boolean shows(Node node) throws IOException {
        String path = relative(node);
        if (filter.keeps(path)) {
            return true;
        }
        if (!node.isDirectory() || !filter.mayKeepBelow(path)) {
            return false;
        }
        Boolean known = shown.get(path);
        if (known == null) {
            known = !children(node).isEmpty();
            shown.put(path, known);
        }
        return known;
    }

    @Override
    public InputStream open(Node file) throws IOException {
        return tree.open(file);
    }
}
