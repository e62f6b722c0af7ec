package io.slipway.acceptance.fuzz;

import io.slipway.image.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads any bytes as a tar, with the content of every file. */
public final class TarFuzzer {
    /** A sparse file may be as large as it says, and all of it zeros. */
    private static final long MOST_BYTES_READ = 1 << 20;

    private TarFuzzer() {}

    /** A tar is read to its end or refused with a sentence. */
    public static void fuzzerTestOneInput(byte[] input) {
        byte[] buffer = new byte[8192];
        try (TarReader tar = new TarReader(new ByteArrayInputStream(input))) {
            for (var entry = tar.next(); entry != null; entry = tar.next()) {
                InputStream content = tar.content();
                long left = MOST_BYTES_READ;
                for (int n = content.read(buffer); n >= 0 && left > 0; n = content.read(buffer)) {
                    left -= n;
                }
            }
            tar.requireOnlyZerosToEnd(Long.MAX_VALUE);
        } catch (IOException e) {
            if (e.getMessage() == null || e.getMessage().isBlank()) {
                throw new AssertionError("refused without a sentence", e);
            }
        }
    }
}
