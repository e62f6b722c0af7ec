package io.slipway.image.compression;

import java.io.IOException;
import java.io.OutputStream;

/** No compression. */
final class PlainCompressor extends Compressor {
    private final OutputStream out;

    PlainCompressor(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
}
