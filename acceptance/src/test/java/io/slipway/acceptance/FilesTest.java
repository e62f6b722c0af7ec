package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Buildah;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files keep everything that makes them what they are, on the way from context or RUN into a layer. */
@ExtendWith(TestBed.Extension.class)
final class FilesTest {
    @Test
    void modesOwnersAndLinksAreThoseOfBuildah(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                        """
                        FROM busybox:1.35
                        COPY . /copied/
                        COPY --chown=7:8 --chmod=4711 tool /owned/tool
                        RUN mkdir -p /made/sticky && chmod 1777 /made/sticky && chmod 2755 /made \\
                         && echo x > /made/setuid && chmod 4755 /made/setuid && chown 12:34 /made/setuid && chmod u+s /made/setuid \\
                         && ln /made/setuid /made/hard && ln -s nowhere /made/dangling && mkfifo /made/pipe
                        RUN rm /copied/gone && rm -rf /copied/folder && mkdir /copied/folder && echo new > /copied/folder/new
                        """)
                .file("tool", "#!/bin/sh\n")
                .file("gone", "gone\n")
                .file("folder/old", "old\n")
                .shell("chmod 2750 folder; ln tool tool2; ln -s ../etc/passwd link; chmod 4755 tool")) {
            assertSameAsBuildah(bed, context);
        }
    }

    @Test
    void fileCapabilitiesSurviveTheCommit(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                """
                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/*
                RUN cp /bin/true /true && setcap cap_net_bind_service=+ep /true
                """)) {
            ImageTree ours = bed.build(context);
            ImageTree theirs = Buildah.build(context, bed.bases());
            assertThat(ours.files().get("true").xattrs()).containsKey("security.capability");
            assertThat(ours.files().get("true")).isEqualTo(theirs.files().get("true"));
        }
    }

    @Test
    void namesMayHoldBlanksNewlinesAndAnyBytes(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                        """
                        FROM busybox:1.35
                        COPY names /copied/
                        RUN cp -r /copied /made && printf x > "/made/$(printf 'latin-\\351')"
                        """)
                .shell("mkdir names; cd names; echo 1 > 'a b'; echo 2 > $'new\\nline'; echo 3 > $'latin-\\351'; echo 4 > 'ünïcode';"
                        + " echo 5 > \"$(printf 'long%.0s' {1..60})\"")) {
            assertSameAsBuildah(bed, context);
        }
    }

    @Test
    void thirtyThousandSmallFilesArriveOneByOne(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY files /files/\n")
                .shell("mkdir files; cd files; for d in {1..30}; do mkdir $d; for f in {1..1000}; do echo $d $f >$d/$f; done; done")) {
            ImageTree ours = assertSameAsBuildah(bed, context);
            assertThat(ours.files().values())
                    .filteredOn(entry -> entry.kind().equals("file"))
                    .hasSize(30_000);
        }
    }

    @Test
    void aSparseFileOfFourGigabytesIsCopiedAndMade(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                        """
                        FROM busybox:1.35
                        COPY sparse /copied
                        RUN truncate -s 4G /made && printf end >> /made
                        """)
                .shell("truncate -s 4G sparse; printf start | dd of=sparse conv=notrunc status=none; printf end >> sparse")) {
            ImageTree image = bed.build(context);
            assertThat(image.files().get("copied").content()).startsWith("4294967299:");
            assertThat(image.files().get("made").content()).startsWith("4294967299:");
        }
    }

    @Test
    void aFileOfOneGigabyteIsCopiedByteForByte(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY big /big\n")
                .shell("openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c 1073741824 >big || true;"
                        + " sha256sum big | cut -c1-64 >../big.sha256")) {
            ImageTree image = bed.build(context);
            String expected = java.nio.file.Files.readString(
                            context.folder().resolveSibling("big.sha256"))
                    .strip();
            assertThat(image.files().get("big").content()).isEqualTo("1073741824:" + expected);
        }
    }

    private static ImageTree assertSameAsBuildah(TestBed bed, BuildContext context) throws IOException {
        ImageTree ours = bed.build(context);
        ImageTree theirs = Buildah.build(context, bed.bases());
        assertThat(ours.differences(theirs, path -> path.equals("run/.containerenv"), _ -> false))
                .isEmpty();
        return ours;
    }
}
