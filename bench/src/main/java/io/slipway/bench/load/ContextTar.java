package io.slipway.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A context of nothing but its Dockerfile. */
final class ContextTar {
    private ContextTar() {}

    static byte[] of(String dockerfile) throws IOException {
        byte[] text = dockerfile.getBytes(UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes)) {
            tar.put(TarEntry.file("Dockerfile", 0644, text.length), new ByteArrayInputStream(text));
            tar.finish();
        }
        return bytes.toByteArray();
    }
}
