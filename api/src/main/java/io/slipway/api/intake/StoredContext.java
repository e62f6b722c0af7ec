package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.BuildId;
import io.slipway.image.Digest;
import io.slipway.image.compression.Decompression;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A build context on disk. It is removed when it is closed, unless it was kept for a build. Not thread-safe. */
final class StoredContext implements AutoCloseable {
    private final BuildId id;
    private final Path path;
    private final long bytes;
    private final String sha256;
    private final Set<String> files;
    private boolean kept;

    private StoredContext(BuildId id, Path path, long bytes, String sha256, Set<String> files) {
        this.id = id;
        this.path = path;
        this.bytes = bytes;
        this.sha256 = sha256;
        this.files = files;
    }

    static StoredContext receive(BuildId id, Path tar, InputStream archive, SlipwayProperties.Limits limits)
            throws IOException {
        try {
            MessageDigest hash = Digest.sha256();
            InputStream plain = Decompression.open(archive);
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(tar), hash)) {
                long n = 0;
                byte[] buffer = new byte[65536];
                for (int c = plain.read(buffer); c >= 0; c = plain.read(buffer)) {
                    n += c;
                    if (n > limits.contextSize().toBytes()) {
                        throw new ProblemException(ProblemType.CONTENT_TOO_LARGE, "The context is too large.");
                    }
                    out.write(buffer, 0, c);
                }
            }
            Set<String> files = new HashSet<>();
            try (TarReader reader = new TarReader(Files.newInputStream(tar))) {
                for (TarEntry e = reader.next(); e != null; e = reader.next()) {
                    files.add(e.name().replaceFirst("^\\./", ""));
                }
            } catch (TarException e) {
                throw new ProblemException(ProblemType.CONTEXT_INVALID, String.valueOf(e.getMessage()));
            }
            return new StoredContext(id, tar, Files.size(tar), Digest.of(hash).hex(), files);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(tar);
            throw e;
        }
    }

    BuildId id() {
        return id;
    }

    Path path() {
        return path;
    }

    long bytes() {
        return bytes;
    }

    String sha256() {
        return sha256;
    }

    boolean hasFile(String name) {
        return files.contains(name);
    }

    byte[] readFile(String name, int most) throws IOException {
        try (TarReader reader = new TarReader(Files.newInputStream(path))) {
            for (TarEntry e = reader.next(); e != null; e = reader.next()) {
                if (e.name().replaceFirst("^\\./", "").equals(name)) {
                    return reader.content().readNBytes(most);
                }
            }
        }
        throw new IOException("no " + name);
    }

    List<String> dockerfiles() {
        return files.stream()
                .filter(n -> n.toLowerCase(java.util.Locale.ROOT).contains("dockerfile"))
                .sorted()
                .limit(5)
                .toList();
    }

    void keep() {
        kept = true;
    }

    @Override
    public void close() throws IOException {
        if (!kept) {
            Files.deleteIfExists(path);
        }
    }
}
