package io.slipway.image.context;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Receives one context: body, decompression, disk, tar reader and content hashes are one pipeline that the reader pulls.
 * Used once.
 */
final class ContextReceiver {
    /** The most zeros behind the end: archives are padded to their blocking factor, 10 KiB if nobody chose. */
    private static final long MOST_PADDING_BYTES = 16L << 20;

    private final ReceivedBody body;
    private final ArchiveFile archive;
    private final ContextLimits limits;
    private final ContextTree tree;
    private final MessageDigest hash = Digest.sha256();
    private final byte[] buffer = new byte[64 * 1024];
    private long contentBytes;
    /** The newest entry, for messages. */
    private @Nullable TarEntry current;

    /** Whether its content is being read; else what is broken lies behind it. */
    private boolean inside;

    ContextReceiver(InputStream body, ArchiveFile archive, ContextLimits limits) {
        this.body = new ReceivedBody(body, limits.receivedBytes());
        this.archive = archive;
        this.limits = limits;
        this.tree = new ContextTree(limits);
    }

    ContextSummary receive() throws IOException {
        try (InputStream plain = new UnpackedBody(body, archive);
                TarReader tar = new TarReader(plain)) {
            readEntries(tar);
            tar.requireOnlyZerosToEnd(MOST_PADDING_BYTES);
        } catch (TarException e) {
            throw broken(e);
        } catch (ContextException e) {
            throw located(e);
        }
        return archive.finish(tree, body.count());
    }

    private void readEntries(TarReader tar) throws IOException {
        for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
            current = null;
            ContextTree.Inode inode = tree.add(entry);
            current = entry;
            if (entry.type() == TarEntry.Type.FILE) {
                inode.dataOffset = tar.contentOffset();
                inside = true;
                inode.sha256 = hash(entry, tar.content());
                inside = false;
            }
        }
        current = null;
        requireEndMarker(tar);
    }

    private byte[] hash(TarEntry entry, InputStream content) throws IOException {
        // Before reading: a sparse file's holes are endless and cost its sender nothing.
        if (entry.size() > limits.bytes() - contentBytes) {
            throw ContextException.tooLarge("The context's files have more than " + limits.bytes() + " bytes.");
        }
        contentBytes += entry.size();
        for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
            hash.update(buffer, 0, count);
        }
        return hash.digest();
    }

    /**
     * An upload that is cut off between two entries looks whole but for the blocks of zeros that end an archive; the sender
     * may have died while the HTTP request ended well.
     */
    private static void requireEndMarker(TarReader tar) throws ContextException {
        if (!tar.endMarked()) {
            throw ContextException.invalid(
                    "The context's tar ends without the blocks of zeros that end a tar: it was cut off.");
        }
    }

    private IOException broken(TarException e) {
        IOException failure = body.failure();
        if (failure != null) {
            return failure;
        }
        if (e.isNotATar() && body.count() == 0) {
            return ContextException.invalid(
                    "The body is empty: a context is a tar with at least a Dockerfile in it.", e);
        }
        if (e.isNotATar()) {
            return ContextException.invalid(
                    "The context is no tar, neither plain nor compressed with gzip, zstd, bzip2 or xz.", e);
        }
        String place = current == null
                ? ""
                : (inside ? " in the entry " : " behind the entry ") + ContextPath.quoted(current.name());
        return ContextException.invalid("The context's tar is broken" + place + ": " + e.getMessage() + ".", e);
    }

    /** The same with the entry that was being read, or had just been, unless the message has it. */
    private ContextException located(ContextException e) {
        return current == null
                ? e
                : e.withMessage(e.getMessage() + " The entry " + ContextPath.quoted(current.name())
                        + (inside ? " was being read." : " had been read."));
    }
}
