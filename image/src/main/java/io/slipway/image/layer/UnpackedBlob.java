package io.slipway.image.layer;

import io.slipway.image.compression.Decompression;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A decompressed blob that ends with a {@link LayerException} if it is broken or longer than it may be. A blob that can't
 * be read fails with the exception of whom it is read from: that is not the layer's fault.
 */
final class UnpackedBlob extends InputStream {
    private final Source blob;
    private final InputStream plain;
    private final long mostBytes;
    private long count;

    private UnpackedBlob(Source blob, InputStream plain, long mostBytes) {
        this.blob = blob;
        this.plain = plain;
        this.mostBytes = mostBytes;
    }

    /**
     * Begins to decompress.
     *
     * @param in closed by closing the result, also if this method fails
     */
    static UnpackedBlob open(InputStream in, long mostBytes) throws IOException {
        Source blob = new Source(in);
        try {
            return new UnpackedBlob(blob, Decompression.open(blob), mostBytes);
        } catch (IOException | RuntimeException e) {
            throw blob.failureOr(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        int read = decompress(target, offset, length);
        if (read > 0) {
            count += read;
            if (count > mostBytes) {
                throw new LayerException("the layer has more than %d bytes when decompressed".formatted(mostBytes));
            }
        }
        return read;
    }

    private int decompress(byte[] target, int offset, int length) throws IOException {
        try {
            return plain.read(target, offset, length);
        } catch (IOException | RuntimeException e) {
            // Decompressors of hostile data fail in any way they like.
            throw blob.failureOr(e);
        }
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }

    /** The blob as it is stored; remembers why it could not be read. */
    private static final class Source extends InputStream {
        private final InputStream in;
        private @Nullable IOException failure;

        Source(InputStream in) {
            this.in = in;
        }

        IOException failureOr(Exception broken) {
            return failure == null
                    ? new LayerException("the layer can't be decompressed: " + broken.getMessage(), broken)
                    : failure;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
