package io.slipway.api.testing;

import com.github.luben.zstd.Zstd;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Makes small tars in memory. Not thread-safe. */
public final class Tars {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Content(TarEntry entry, byte[] bytes) {}

    private final List<Content> contents = new ArrayList<>();

    /** A tar with a Dockerfile of this text. */
    public static Tars dockerfile(String text) {
        return new Tars().file("Dockerfile", text);
    }

    /** Adds a file. */
    public Tars file(String name, String text) {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a file of these bytes. */
    public Tars file(String name, byte[] bytes) {
        contents.add(new Content(TarEntry.file(name, 0644, bytes.length), bytes));
        return this;
    }

    /** Adds any entry without content. */
    public Tars entry(TarEntry entry) {
        contents.add(new Content(entry, new byte[0]));
        return this;
    }

    /** The tar. */
    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes)) {
            for (Content content : contents) {
                tar.put(content.entry(), new ByteArrayInputStream(content.bytes()));
            }
            tar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The tar, compressed with gzip. */
    public byte[] gzip() {
        return gzip(bytes());
    }

    /** The tar, compressed with zstd. */
    public byte[] zstd() {
        return Zstd.compress(bytes());
    }

    /** These bytes, compressed with gzip. */
    public static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
