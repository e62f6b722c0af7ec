package io.slipway.acceptance.language;

import com.github.luben.zstd.ZstdOutputStream;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCase.Part;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.context.ContextWriter;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes the build context of a recorded case. */
final class CaseContext {
    /** After any SOURCE_DATE_EPOCH in the cases. */
    private static final Instant NEW = Instant.parse("2026-01-01T00:00:00Z");

    private CaseContext() {}

    /** The build's own context; named ones are no part of it. */
    static void write(LanguageCase recorded, String dockerfile, Path tar) throws IOException {
        try (ContextWriter writer = ContextArchive.create(tar, ContextLimits.none())) {
            file(writer, "Dockerfile", 0644, dockerfile.getBytes(StandardCharsets.UTF_8));
            for (Part part : recorded.parts()) {
                switch (part) {
                    case Part.ContextFile(String path, int _, String _) when path.startsWith("@") -> {
                        // Of a named context.
                    }
                    case Part.ContextFile(String path, int mode, String text) ->
                        file(writer, path, mode, text.getBytes(StandardCharsets.UTF_8));
                    case Part.Directory(String path, int mode) -> writer.put(TarEntry.directory(path, mode));
                    case Part.Symlink(String path, String target) -> writer.put(TarEntry.symlink(path, target));
                    case Part.HardLink(String path, String other) -> writer.put(TarEntry.hardLink(path, other));
                    case Part.Archive(String path, String compression, Map<String, String> members) ->
                        file(writer, path, 0644, archive(compression, members));
                    case Part.Gzip(String path, String text) ->
                        file(writer, path, 0644, compressed("gz", text.getBytes(StandardCharsets.UTF_8)));
                    case Part.Http _ -> {
                        // Served by a server of the test.
                    }
                }
            }
            writer.finish();
        }
    }

    /** A named context: the files under {@code @NAME/}. */
    static void writeNamed(LanguageCase recorded, String name, Path tar) throws IOException {
        String prefix = "@" + name + "/";
        try (ContextWriter writer = ContextArchive.create(tar, ContextLimits.none())) {
            for (Part part : recorded.parts()) {
                if (part instanceof Part.ContextFile(String path, int mode, String text) && path.startsWith(prefix)) {
                    file(writer, path.substring(prefix.length()), mode, text.getBytes(StandardCharsets.UTF_8));
                }
            }
            writer.finish();
        }
    }

    /** Some private key, in a new file of a folder. */
    static Path sshKey(Path folder) throws IOException {
        Path file = Files.createTempDirectory(folder, "ssh-").resolve("key");
        Programs.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
        return file;
    }

    private static void file(ContextWriter writer, String path, int mode, byte[] content) throws IOException {
        writer.put(TarEntry.file(path, mode, content.length).withMtime(NEW), new ByteArrayInputStream(content));
    }

    /** A tar of these files, mode 0644, owner 3:3, compressed as the extension says. */
    static byte[] archive(String compression, Map<String, String> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes)) {
            for (Map.Entry<String, String> member : members.entrySet()) {
                byte[] content = member.getValue().getBytes(StandardCharsets.UTF_8);
                tar.put(
                        TarEntry.file(member.getKey(), 0644, content.length).withOwner(3, 3),
                        new ByteArrayInputStream(content));
            }
            tar.finish();
        }
        return compressed(compression, bytes.toByteArray());
    }

    private static byte[] compressed(String compression, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = switch (compression) {
            case "gz" -> new GZIPOutputStream(bytes);
            case "xz" -> new XZOutputStream(bytes, new LZMA2Options(0));
            case "bz2" -> new BZip2CompressorOutputStream(bytes);
            case "zst" -> new ZstdOutputStream(bytes);
            default -> bytes;
        }) {
            out.write(content);
        }
        return bytes.toByteArray();
    }
}
