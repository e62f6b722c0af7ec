package io.slipway.image.tar;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What the tests of tars share. */
public final class Tars {
    private Tars() {}

    /** An entry and its content, read whole. */
    static final class Read {
        private final TarEntry entry;
        private final byte[] content;
        private final long contentOffset;

        private Read(TarEntry entry, byte[] content, long contentOffset) {
            this.entry = entry;
            this.content = content;
            this.contentOffset = contentOffset;
        }

        TarEntry entry() {
            return entry;
        }

        byte[] content() {
            return content;
        }

        long contentOffset() {
            return contentOffset;
        }

        String text() {
            return new String(content, StandardCharsets.UTF_8);
        }
    }

    static List<Read> readAll(InputStream tar) throws IOException {
        List<Read> all = new ArrayList<>();
        try (TarReader reader = new TarReader(tar)) {
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                all.add(new Read(entry, reader.content().readAllBytes(), reader.contentOffset()));
            }
        }
        return all;
    }

    static List<Read> readAll(byte[] tar) throws IOException {
        return readAll(new ByteArrayInputStream(tar));
    }

    /** All of an archive, by name. */
    record Archive(Map<String, Read> entries) {
        Read get(String name) {
            return Objects.requireNonNull(entries.get(name), () -> name + " is not among " + entries.keySet());
        }

        TarEntry entry(String name) {
            return get(name).entry();
        }

        Set<String> names() {
            return entries.keySet();
        }
    }

    static Archive readByName(InputStream tar) throws IOException {
        Map<String, Read> byName = new LinkedHashMap<>();
        readAll(tar).forEach(read -> byName.put(read.entry().name(), read));
        return new Archive(byName);
    }

    /** The next entry, which must be there. */
    static TarEntry next(TarReader reader) throws IOException {
        return Objects.requireNonNull(reader.next(), "the archive has no more entries");
    }

    /** The tar of these entries, without content. */
    public static byte[] write(TarEntry... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(out)) {
            for (TarEntry entry : entries) {
                writer.put(entry);
            }
            writer.finish();
        }
        return out.toByteArray();
    }

    public static byte[] writeFile(TarEntry entry, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter writer = new TarWriter(out)) {
            writer.put(entry, new ByteArrayInputStream(content));
            writer.finish();
        }
        return out.toByteArray();
    }

    /**
     * Runs a bash script in {@code directory} and returns what it prints; a name with odd bytes can be made with
     * {@code $'\xff'}.
     */
    public static byte[] bash(Path directory, String script) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-euc", script)
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        Process process = builder.start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + script + "\n" + new String(output, StandardCharsets.ISO_8859_1));
        }
        return output;
    }
}
