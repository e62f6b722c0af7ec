package io.slipway.worker.copy;

import io.slipway.image.compression.Decompression;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarReader;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.copy.CopyPlan.Content;
import io.slipway.worker.copy.SourceTree.Node;
import io.slipway.worker.rootfs.Accounts;
import io.slipway.worker.rootfs.RootTree;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.MemoryLimitException;

/**
 * One COPY or ADD at work: first {@link #addTo} says what its result depends on, then {@link #plan} works the layer out. Not
 * thread-safe.
 */
public final class Copying {
    private final CopyRequest request;
    private final Selection selection;

    private Copying(CopyRequest request, Selection selection) {
        this.request = request;
        this.selection = selection;
    }

    /**
     * Finds the sources.
     *
     * @param fetched what the words led to that are addresses
     * @throws CopyException if one does not exist
     */
    public static Copying of(CopyRequest request, SourceTree tree, Map<String, Fetched> fetched) throws IOException {
        return new Copying(request, Selection.of(tree, request, fetched));
    }

    /** Adds the content of the sources to a key. */
    public void addTo(KeyHash key) throws IOException {
        selection.addTo(key, request);
    }

    /**
     * Works the layer out.
     *
     * @param target the image so far
     * @param scratch a directory for unpacked archives and what they link to, which must live as long as the plan
     * @throws CopyException if source and destination do not go together
     */
    public CopyPlan plan(RootTree target, Path scratch) throws IOException {
        String chown = request.ownership().chown();
        if (chown != null && request.link() && !Owner.isNumeric(chown)) {
            throw new CopyException("--chown=" + chown
                    + " with --link needs numbers: the layer is made without the image's /etc/passwd and /etc/group");
        }
        List<Remark> remarks = new ArrayList<>(selection.remarks());
        Owner owner = chown == null ? null : Owner.parse("--chown=" + chown, chown, Accounts.of(target), remarks::add);
        CopyPlanner planner = new CopyPlanner(target, owner, request.ownership().mode(), scratch);
        CopyPlanner.Destination destination = planner.destination(request.destination(), request.workingDirectory());
        int archives = 0;
        for (Selection.Chosen source : selection.chosen()) {
            Node node = source.node();
            if (isUnpacked(source)) {
                Path unpacked = scratch.resolve("archive" + archives);
                if (unpack(source.tree(), node, unpacked)) {
                    archives++;
                    addArchive(planner, node, unpacked, destination);
                    continue;
                }
            }
            planner.add(source, destination);
        }
        for (var heredoc : request.heredocs()) {
            planner.add(heredoc, destination);
        }
        return planner.finish(remarks);
    }

    private boolean isUnpacked(Selection.Chosen source) {
        if (source.node().entry().type() != TarEntry.Type.FILE) {
            return false;
        }
        return switch (request.unpack()) {
            case NOTHING -> false;
            case LOCAL -> !source.fetched();
            case ALL -> true;
        };
    }

    /** Decompresses a source to a file if it is an archive, by its content (dockerfile.md §5 ADD); says whether it is. */
    private static boolean unpack(SourceTree tree, Node node, Path file) throws IOException {
        if (!isArchive(tree, node)) {
            return false;
        }
        try (InputStream in = Decompression.open(tree.open(node))) {
            Files.copy(in, file);
        } catch (EOFException e) {
            throw broken(node, e);
        }
        return true;
    }

    private static boolean isArchive(SourceTree tree, Node node) throws IOException {
        try (TarReader tar = new TarReader(Decompression.open(tree.open(node)))) {
            return tar.next() != null;
        } catch (MemoryLimitException e) {
            throw new CopyException("ADD cannot unpack " + FileName.display(node.path()) + ": " + e.getMessage()
                    + "; compress it with a smaller dictionary, such as that of xz -8");
        } catch (TarException e) {
            return false;
        } catch (IOException e) {
            // Compressed data that is damaged, or that only looks compressed, is copied as it is.
            return false;
        }
    }

    private static void addArchive(CopyPlanner planner, Node node, Path archive, CopyPlanner.Destination destination)
            throws IOException {
        try (TarReader tar = new TarReader(Files.newInputStream(archive))) {
            @Nullable TarEntry entry;
            while ((entry = tar.next()) != null) {
                if (entry.sparse() != null) {
                    throw new CopyException("ADD cannot unpack the sparse file " + entry.name());
                }
                long offset = tar.contentOffset();
                long size = entry.size();
                Content content = size == 0 ? Content.NONE : () -> range(archive, offset, size);
                planner.addUnpacked(entry, content, destination);
            }
        } catch (TarException e) {
            throw broken(node, e);
        }
    }

    private static CopyException broken(Node node, IOException e) {
        return new CopyException(
                "the archive " + FileName.display(node.path()) + " can't be unpacked: " + e.getMessage());
    }

    private static InputStream range(Path file, long offset, long size) throws IOException {
        FileChannel channel = FileChannel.open(file);
        channel.position(offset);
        return new LimitedStream(Channels.newInputStream(channel), size);
    }
}
