package io.slipway.api.database;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, as they come with the service, unpacked to a folder of the service's own. */
final class PostgresBinaries {
    /** The version of the unpacked form; another one is unpacked anew. */
    private static final String MARKER = ".unpacked";

    private PostgresBinaries() {}

    /** The version of those that come with the service: the file name of their archive carries it. */
    static String version() {
        URL archive = Objects.requireNonNull(
                PostgresBinaries.class.getResource("/postgres-linux-x86_64.txz"),
                "PostgreSQL's programs for this machine are not part of the service");
        return archive.getPath().replaceAll(".*/([^/]+)\\.jar!.*", "$1");
    }

    /**
     * Makes sure that {@code directory} holds the programs ({@code bin/postgres}, {@code bin/initdb}).
     *
     * @param version names the programs that come with the service; when {@code directory} holds another one's it is replaced
     */
    static void unpack(Path directory, String version) throws IOException {
        Path marker = directory.resolve(MARKER);
        if (Files.exists(marker) && Files.readString(marker).equals(version)) {
            return;
        }
        FileSystemUtils.deleteRecursively(directory);
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (InputStream packed = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary("Linux", architecture());
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(packed)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, directory);
            }
        }
        Files.writeString(marker, version);
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path directory) throws IOException {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
            throw new IOException("PostgreSQL's archive has an entry outside: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, directory.resolve(entry.getLinkName()));
        } else {
            Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
            if ((entry.getMode() & 0100) != 0) {
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    private static String architecture() {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return architecture.equals("amd64") ? "x86_64" : architecture.equals("aarch64") ? "arm_64" : architecture;
    }
}
