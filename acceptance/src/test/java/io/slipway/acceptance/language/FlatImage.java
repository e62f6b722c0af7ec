package io.slipway.acceptance.language;

import io.slipway.image.Descriptor;
import io.slipway.image.export.RootfsTar;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * All files of an image, as text lines that can be compared.
 *
 * @param files by absolute path; the value says everything but the modification time
 * @param times modification times in seconds since 1970
 * @param links for each further name of a regular file its first one, in the order of names
 */
record FlatImage(Map<String, String> files, Map<String, Long> times, Map<String, String> links) {

    static FlatImage of(ContentStore store, Descriptor image, Path scratch) throws IOException {
        Path tar = Files.createTempFile(scratch, "rootfs", ".tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            RootfsTar.write(store, image, out);
        }
        Map<String, String> files = new TreeMap<>();
        Map<String, Long> times = new TreeMap<>();
        Map<String, String> links = new TreeMap<>();
        try (TarReader reader = new TarReader(Files.newInputStream(tar))) {
            TarEntry entry;
            while ((entry = reader.next()) != null) {
                String path = "/" + entry.name();
                byte[] content = reader.content().readAllBytes();
                times.put(path, entry.mtime().getEpochSecond());
                if (entry.type() == TarEntry.Type.HARD_LINK) {
                    links.put(path, "/" + entry.linkName());
                } else {
                    files.put(path, line(entry, content));
                }
            }
        } finally {
            Files.delete(tar);
        }
        links.forEach((path, target) -> files.put(path, String.valueOf(files.get(target))));
        links.keySet().removeIf(path -> !String.valueOf(files.get(path)).startsWith("file "));
        return new FlatImage(files, times, links);
    }

    private static String line(TarEntry entry, byte[] content) {
        String kind = switch (entry.type()) {
            case FILE -> "file";
            case DIRECTORY -> "dir";
            case SYMLINK -> "link";
            case FIFO -> "fifo";
            case HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE -> "other";
        };
        String text = switch (entry.type()) {
            case FILE -> " " + new String(content, StandardCharsets.UTF_8);
            case SYMLINK -> " -> " + entry.linkName();
            case DIRECTORY, FIFO, HARD_LINK, CHARACTER_DEVICE, BLOCK_DEVICE -> "";
        };
        return kind + " " + Integer.toOctalString(entry.mode()) + " " + entry.uid() + ":" + entry.gid() + text;
    }
}
