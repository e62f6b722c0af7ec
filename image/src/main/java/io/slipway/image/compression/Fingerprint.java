package io.slipway.image.compression;

import io.slipway.image.Digest;
import io.slipway.image.compression.Compression.Algorithm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Tells compressors apart by what they make of a fixed text. */
final class Fingerprint {
    private static final int PROBE_BYTES = 64 * 1024;
    private static final int DIGITS = 8;

    private Fingerprint() {}

    static String of(Compression compression) {
        if (compression.algorithm() == Algorithm.NONE) {
            return "none";
        }
        String library = switch (compression.algorithm()) {
            case NONE -> "";
            case GZIP -> BlockDeflater.forLevel(compression.level()).name();
            case ZSTD ->
                "libzstd-"
                        + (compression.level() == Compression.DEFAULT_LEVEL
                                ? Compression.DEFAULT_ZSTD_LEVEL
                                : compression.level());
        };
        return "%s/%s/%s"
                .formatted(
                        compression.algorithm().name().toLowerCase(Locale.ROOT),
                        library,
                        compressed(compression).hex().substring(0, DIGITS));
    }

    private static Digest compressed(Compression compression) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Compressor compressor = compression.compress(out)) {
            compressor.write(probe());
            compressor.finish();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail to be written to", e);
        }
        return Digest.of(out.toByteArray());
    }

    /** Text with matches near and far, long and short, and with rare letters. */
    private static byte[] probe() {
        StringBuilder text = new StringBuilder(PROBE_BYTES + 64);
        int state = 1;
        while (text.length() < PROBE_BYTES) {
            // The generator of POSIX's example rand(): any will do, as long as it never changes.
            state = state * 1103515245 + 12345;
            int word = (state >>> 16) & 0x7fff;
            text.append(word % 7 == 0 ? "function " : "").append(Integer.toString(word % 700, 36));
            text.append(word % 11 == 0 ? ";\n" : " ");
        }
        return text.substring(0, PROBE_BYTES).getBytes(StandardCharsets.US_ASCII);
    }
}
