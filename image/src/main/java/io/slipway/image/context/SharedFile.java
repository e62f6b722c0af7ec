package io.slipway.image.context;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that many threads read at their own positions. A {@link FileChannel} is closed for all when one thread is
 * interrupted while it reads (a step that is cancelled): then it is opened again for the others.
 */
final class SharedFile implements ContentFiles {
    private final Path file;
    private volatile FileChannel channel;
    private boolean closed;

    private SharedFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static SharedFile open(Path file) throws IOException {
        return new SharedFile(file, FileChannel.open(file, StandardOpenOption.READ));
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        while (true) {
            FileChannel current = channel;
            try {
                return current.read(target, position);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (ClosedChannelException e) {
                reopen(e);
            }
        }
    }

    @Override
    public FileRange range(long offset, long length) {
        return new FileRange(file, offset, length);
    }

    private synchronized void reopen(ClosedChannelException cause) throws IOException {
        if (closed) {
            throw cause;
        }
        if (!channel.isOpen()) {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
