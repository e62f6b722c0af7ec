package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Base images whose layers try to get out of their root or to speak to the kernel's overlayfs. Whatever such a layer does, it does inside
 * the image; what has no meaning there ends the build as base_invalid.
 */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class HostileLayersTest {
    private Path outside;

    /** A folder of this machine that the service's user may write to: what a layer that got out would reach. */
    @BeforeEach
    void makeOutside() throws IOException {
        outside = Files.createTempDirectory(Path.of("/tmp"), "slipway-outside-");
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.writeString(outside.resolve("file"), "untouched");
        Files.setPosixFilePermissions(outside.resolve("file"), PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    @AfterEach
    void nothingGotOut() throws IOException {
        try (var files = Files.list(outside)) {
            assertThat(files).containsExactly(outside.resolve("file"));
        }
        assertThat(outside.resolve("file")).hasContent("untouched");
        Programs.run("rm", "-rf", outside.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../NAME", "a/../../NAME", "/../NAME", ".."})
    void aNameThatLeavesTheRootIsRefused(String pattern, TestBed bed) throws IOException {
        String name = pattern.replace("NAME", "tmp/" + outside.getFileName() + "/evil");
        assertThat(codeOf(bed, layer -> layer.file(name, "evil"))).isEqualTo("base_invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../../../../../etc/passwd", "/nowhere", "OUTSIDE/file"})
    void aHardLinkToWhatIsNotInTheLayerIsRefused(String pattern, TestBed bed) throws IOException {
        String target = pattern.replace("OUTSIDE", outside.toString());
        assertThat(codeOf(bed, layer -> layer.hardLink("stolen", target))).isEqualTo("base_invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh..", ".wh...", "etc/.wh...", ".wh."})
    void aWhiteoutOfWhatIsNoNameIsRefused(String name, TestBed bed) throws IOException {
        assertThat(codeOf(bed, layer -> layer.file(name, ""))).isEqualTo("base_invalid");
    }

    @Test
    void aNameThatNoFileSystemTakesIsRefused(TestBed bed) throws IOException {
        assertThat(codeOf(bed, layer -> layer.file("x".repeat(5000), ""))).isEqualTo("base_invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OUTSIDE", "../../../../../..OUTSIDE", "../../../../../../../proc/1/rootOUTSIDE"})
    void aSymlinkLeadsNowhereButIntoTheLayer(String pattern, TestBed bed) throws IOException {
        String target = pattern.replace("OUTSIDE", outside.toString());
        assertThat(codeOf(bed, layer -> {
                    layer.symlink("link", target);
                    layer.file("link/evil", "evil");
                }))
                .isEqualTo("base_invalid");
    }

    @Test
    void whatIsWrittenThroughASymlinkOfTheLayerIsWhereItPoints(TestBed bed) throws IOException {
        buildOn(
                bed,
                layer -> {
                    layer.directory("real", Map.of());
                    layer.symlink("link", "/../../real");
                    layer.file("link/file", "here");
                },
                "RUN grep here /real/file");
    }

    @Test
    void aFileTakesThePlaceOfASymlinkInsteadOfWritingThroughIt(TestBed bed) throws IOException {
        buildOn(
                bed,
                layer -> {
                    layer.symlink("link", outside + "/file");
                    layer.file("link", "no longer a link");
                },
                "RUN grep 'no longer' /link");
    }

    @Test
    void aSymlinkInPlaceOfTheDirectoryOfLaterEntriesLeadsNowhere(TestBed bed) throws IOException {
        assertThat(codeOf(bed, layer -> {
                    layer.directory("d", Map.of());
                    layer.file("d/first", "1");
                    layer.symlink("d", outside.toString());
                    layer.file("d/second", "2");
                }))
                .isEqualTo("base_invalid");
    }

    @Test
    void aDirectoryComesBackAfterASymlinkOfItsName(TestBed bed) throws IOException {
        buildOn(
                bed,
                layer -> {
                    layer.symlink("d", outside.toString());
                    layer.directory("d", Map.of());
                    layer.file("d/file", "3");
                    layer.file("d/.wh..wh..opq", "");
                },
                "RUN grep 3 /d/file");
    }

    @Test
    void anAbsoluteNameMeansThePlaceInTheImage(TestBed bed) throws IOException {
        buildOn(bed, layer -> layer.file(outside + "/evil", "evil"), "RUN grep evil " + outside + "/evil");
    }

    @Test
    void attributesThatSteerOverlayfsMeanNothing(TestBed bed) throws IOException {
        // An opaque /bin would hide the shell of the layer below, a redirect would show /etc in its place.
        buildOn(bed, layer -> {
            layer.directory("bin", Map.of("user.overlay.opaque", "y", "trusted.overlay.opaque", "y"));
            layer.directory("etc", Map.of("user.overlay.redirect", "/bin", "user.overlay.origin", "x"));
        });
    }

    @Test
    void aDeviceNodeIsLeftOut(TestBed bed) throws IOException {
        buildOn(bed, TarLayer::blockDevice, "RUN test ! -e /disk");
    }

    private interface Content {
        void writeTo(TarLayer layer) throws IOException;
    }

    /** Builds on the image, which must succeed: the layer below is there, and the file system works. */
    private static void buildOn(TestBed bed, Content content, String... more) throws IOException {
        JsonNode build = build(bed, content, "RUN test -x /bin/sh && echo alive >/alive\n" + String.join("\n", more));
        assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("succeeded");
    }

    private static String codeOf(TestBed bed, Content content) throws IOException {
        JsonNode build = build(bed, content, "RUN echo alive");
        assertThat(build.get("state").asString()).as(build.toPrettyString()).isEqualTo("failed");
        return build.get("error").get("code").asString();
    }

    private static JsonNode build(TestBed bed, Content content, String instructions) throws IOException {
        try (BuildContext work = BuildContext.of("")) {
            Path tar = work.scratch().resolve("layer.tar");
            try (TarLayer layer = new TarLayer(tar)) {
                content.writeTo(layer);
            }
            String name = bed.target().host() + "/hostile/" + UUID.randomUUID() + ":1";
            String layout = work.scratch().resolve("image").toString();
            Programs.run(
                    "skopeo",
                    "copy",
                    "-q",
                    "--src-tls-verify=false",
                    "docker://" + bed.bases().host() + "/library/busybox:1.35",
                    "oci:" + layout + ":it");
            Programs.run("umoci", "raw", "add-layer", "--image", layout + ":it", tar.toString());
            Programs.run(
                    "skopeo", "copy", "-q", "--dest-tls-verify=false", "oci:" + layout + ":it", "docker://" + name);
            work.file("Dockerfile", "FROM " + name + "\n" + instructions + "\n");
            return bed.client().build(work);
        }
    }

    /** A tar with entries as nobody means well would write them. */
    private static final class TarLayer implements AutoCloseable {
        private final TarArchiveOutputStream tar;

        TarLayer(Path file) throws IOException {
            tar = new TarArchiveOutputStream(Files.newOutputStream(file), UTF_8.name());
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        }

        void file(String name, String content) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name, true);
            entry.setSize(content.getBytes(UTF_8).length);
            tar.putArchiveEntry(entry);
            tar.write(content.getBytes(UTF_8));
            tar.closeArchiveEntry();
        }

        void symlink(String name, String target) throws IOException {
            link(new TarArchiveEntry(name, TarConstants.LF_SYMLINK), target);
        }

        void hardLink(String name, String target) throws IOException {
            link(new TarArchiveEntry(name, TarConstants.LF_LINK), target);
        }

        private void link(TarArchiveEntry entry, String target) throws IOException {
            entry.setLinkName(target);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }

        void directory(String name, Map<String, String> xattrs) throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry(name + "/");
            xattrs.forEach((key, value) -> entry.addPaxHeader("SCHILY.xattr." + key, value));
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }

        void blockDevice() throws IOException {
            TarArchiveEntry entry = new TarArchiveEntry("disk", TarConstants.LF_BLK);
            entry.setDevMajor(8);
            entry.setDevMinor(0);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }

        @Override
        public void close() throws IOException {
            tar.close();
        }
    }
}
