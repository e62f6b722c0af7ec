package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BothImages;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Buildah;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.LayerTar;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every kind of file that Linux knows goes into an image as it is, whether COPY brought it or RUN made it. */
@ExtendWith(TestBed.Extension.class)
final class FilesTest {
    private static final long FOUR_GIB = 4L << 30;
    private static final long ONE_GIB = 1L << 30;

    @Test
    void setuidBitsAndCapabilitiesAreKeptAndWork(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y --no-install-recommends attr libcap2-bin
                RUN mkdir -m 3775 /o && cd /o \\
                    && cp /usr/bin/id suid && chmod 4755 suid \\
                    && cp /bin/true sgid && chown 3:4 sgid && chmod 2711 sgid \\
                    && cp /bin/cat reader && setcap cap_dac_override=ep reader \\
                    && cp /bin/true many && setcap cap_net_raw,cap_setfcap=eip many \\
                    && setfattr -n user.note -v hello many && setfattr -n user.bytes -v 0xff00fe suid \\
                    && cp /bin/true lost && chmod 6755 lost && setcap cap_net_raw=ep lost && chown 1:1 lost
                RUN cd /o && echo secret >secret && chmod 0 secret \\
                    && setpriv --reuid 1234 --regid 1234 --clear-groups ./suid -u >uid \\
                    && setpriv --reuid 1234 --regid 1234 --clear-groups ./reader secret >read
                RUN cd /o && cp -a many copy && mv many moved && chmod 700 reader && ln suid second
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            ImageTree tree = images.slipway();
            assertThat(tree.file("o/suid").mode()).isEqualTo("4755");
            assertThat(tree.file("o/suid").xattrs()).containsExactly(Map.entry("user.bytes", "ff00fe"));
            assertThat(tree.file("o/second")).isEqualTo(tree.file("o/suid"));
            assertThat(tree.file("o/lost").mode()).isEqualTo("755");
            assertThat(tree.file("o/lost").xattrs()).isEmpty();
            // struct vfs_cap_data of revision 2: no user namespace's root is in it. Effective flag, permitted,
            // inheritable, twice.
            Map<String, String> many = Map.of(
                    "security.capability", "0100000200200080002000800000000000000000", "user.note", "68656c6c6f");
            assertThat(tree.file("o/moved").xattrs()).isEqualTo(many);
            assertThat(tree.file("o/copy").xattrs()).isEqualTo(many);
            assertThat(images.image()
                            .run("sh", "-ec", "cd /o; cat uid read; stat -c '%n %a %u:%g' suid sgid; getcap -n moved"))
                    .isEqualTo("""
                            0
                            secret
                            suid 4755 0:0
                            sgid 2711 3:4
                            moved cap_net_raw,cap_setfcap=eip
                            """);
        }
    }

    @Test
    void namesAreBytes(TestBed bed) throws Exception {
        String names = """
                cd names; printf blank >'a b'; printf line >$'new\\nline'; printf bytes >$'\\xff\\xfe'; printf latin >$'caf\\xe9'
                printf utf >$'caf\\xc3\\xa9'; printf dash >-dash; printf star >'*'; printf slash >'back\\slash'; printf quote >"it's \\"it\\""
                printf tab >$'tab\\t '; ln -s $'to \\xff\\n' $'link \\xfe'; ln $'\\xff\\xfe' $'hard \\xfd'; mkdir $'folder \\xff'
                printf inner >$'folder \\xff/file'; printf long >"$(printf '%0255d' 0)"; printf wh >.whale
                """;
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                COPY names/ /copied/
                RUN cp -a /copied /made && cd /made && printf run >"$(printf 'r \\377\\n\\376.')" && rm "$(printf '\\377\\376')"
                """).shell("mkdir names; (" + names + ")")) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().files())
                    .containsKeys("copied/new\nline", "copied/ÿþ", "copied/café", "copied/cafÃ©", "made/r ÿ\nþ.")
                    .containsKeys("made/" + "0".repeat(255), "made/folder ÿ/file")
                    .doesNotContainKey("made/ÿþ");
            assertThat(images.slipway().file("made/link þ").target()).isEqualTo("to ÿ\n");
            assertThat(images.image().run("sh", "-c", """
                                    cat "/copied/$(printf '\\377\\376')" "/made/$(printf 'r \\377\\n\\376.')" "/made/a b" \
                                    "/made/$(printf 'new\\nline')" "/made/$(printf 'folder \\377')/file"
                                    """)).isEqualTo("bytesrunblanklineinner");
        }
    }

    @Test
    void linksEmptyFoldersOddModesAndDeletionsComeOutAsTheyWere(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                COPY tree/ /tree/
                RUN cd /tree && ln one four && ln -s ../etc up && mkfifo pipe && mkdir -m 0 closed && mkdir -p a/b/c/d \\
                    && echo x >none && chmod 0 none && echo x >all && chown 65534:12345 all && chmod 7777 all && echo more >>two
                RUN cd /tree && rm -r empty emptied/* replaced && mkdir replaced && echo new >replaced/new && rm file-to-folder \\
                    && mkdir -m 711 file-to-folder && echo in >file-to-folder/in && rm -r folder-to-file && echo f >folder-to-file \\
                    && rm -r folder-to-link && ln -s emptied folder-to-link && mv a/b a/moved && rm deleted && rm /bin/vi \\
                    && chmod 700 u666 && chown -h 7:8 dangling
                """).shell("""
                mkdir -p tree/{empty,emptied,replaced,folder-to-file,folder-to-link}; cd tree
                echo 1 >one; ln one two; ln one emptied/three; ln -s one link; ln -s /nowhere/at/all dangling; ln -s /etc absolute
                for mode in 444 555 604 666 777; do echo $mode >u$mode; chmod $mode u$mode; done; mkdir sticky; chmod 1777 sticky
                truncate -s 64M sparse; printf end | dd of=sparse bs=1 seek=50000000 conv=notrunc status=none
                for folder in replaced folder-to-file folder-to-link; do echo old >$folder/old; done
                echo file >file-to-folder; echo gone >deleted; echo noted >noted
                """)) {
            UserDefinedFileAttributeView xattrs = Files.getFileAttributeView(
                    context.folder().resolve("tree/noted"), UserDefinedFileAttributeView.class);
            xattrs.write("note", ByteBuffer.wrap(new byte[] {(byte) 0xff, 0, 10, 'x'}));
            // A file of a lower layer that is written to parts from its hard links: so Buildah has to make layers too.
            BothImages images = BothImages.of(bed, context, "--layers");
            assertThat(images.differences()).isEmpty();
            ImageTree tree = images.slipway();
            assertThat(tree.file("tree/noted").xattrs()).containsExactly(Map.entry("user.note", "ff000a78"));
            assertThat(tree.files())
                    .containsKeys("tree/emptied", "tree/replaced/new", "tree/a/moved/c/d", "tree/file-to-folder/in")
                    .doesNotContainKeys(
                            "tree/empty", "tree/emptied/three", "tree/replaced/old", "tree/deleted", "bin/vi")
                    .doesNotContainKeys("tree/folder-to-file/old", "tree/folder-to-link/old", "tree/a/b");
            assertThat(images.image().run("sh", "-ec", """
                            cd /tree; stat -c '%n %F %a %u:%g %h' one two link dangling pipe closed none all u604 sticky; cat one two
                            """)).isEqualTo("""
                            one regular file 644 0:0 2
                            two regular file 644 0:0 1
                            link symbolic link 777 0:0 1
                            dangling symbolic link 777 7:8 1
                            pipe fifo 644 0:0 1
                            closed directory 0 0:0 2
                            none regular file 0 0:0 1
                            all regular file 7777 65534:12345 1
                            u604 regular file 604 0:0 1
                            sticky directory 1777 0:0 2
                            1
                            1
                            more
                            """);
        }
    }

    @Test
    void tensOfThousandsOfSmallFilesAreCopiedAndMade(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                COPY many/ /copied/
                RUN for d in $(seq 300); do mkdir -p /made/$d; for f in $(seq 100); do echo "$d $f" >/made/$d/$f; done; done
                """)
                .shell(
                        "for d in {1..300}; do mkdir -p many/$d; for f in {1..100}; do echo \"$f $d\" >many/$d/$f; done; done")) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().files().keySet())
                    .filteredOn(path -> path.startsWith("copied/") || path.startsWith("made/"))
                    .hasSize(2 * (300 + 30_000));
            assertThat(images.image()
                            .run("sh", "-c", "find /copied /made -type f | wc -l; cat /copied/300/99 /made/300/99"))
                    .isEqualTo("60000\n99 300\n300 99\n");
        }
    }

    @Test
    void aSparseFileOfFourGigabytesKeepsItsSizeAndTakesNoRoom(TestBed bed) throws Exception {
        String make =
                "truncate -s 4G sparse; echo end | dd of=sparse bs=1 seek=3000000000 conv=notrunc; touch -d '2001-02-03 04:05:06'";
        try (BuildContext inside = BuildContext.of("FROM busybox:1.35\nRUN " + make + " sparse\n");
                BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                COPY sparse /sparse
                RUN [ $(stat -c %s /sparse) = 4294967296 ] && [ $(du -k /sparse | cut -f 1) -lt 10000 ]
                """).shell("export TZ=UTC; " + make + " sparse");
                ExecutorService beside = Executors.newSingleThreadExecutor()) {
            Future<ImageTree> buildah = beside.submit(
                    () -> Buildah.copy(context, bed.bases(), "docker.io/library/busybox:1.35", "sparse", "/sparse"));
            OciImage image = bed.build(context);
            Path copied = image.layers().get(1);
            assertThat(bed.build(inside).layers().get(1).getFileName())
                    .as("the layer is the same, whoever made the file")
                    .isEqualTo(copied.getFileName());
            assertThat(Files.size(copied)).isLessThan(10 << 20);
            ImageTree tree = ImageTree.of(image);
            assertThat(tree.file("sparse").content())
                    .isEqualTo(sizeAndDigest(context.folder().resolve("sparse")));
            assertThat(image.run(
                            "sh", "-ec", "stat -c %s /sparse; dd if=/sparse bs=1 skip=3000000000 count=4 status=none"))
                    .isEqualTo(FOUR_GIB + "\nend\n");
            assertThat(tree.differences(buildah.get(), String::isEmpty, _ -> false))
                    .as("but for the root itself, which Buildah's storage shows with a mode of its own")
                    .isEmpty();
        }
    }

    @Test
    void aFileOfOneGigabyteIsCopiedWhole(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                COPY large /large
                """).shell("""
                zeros=$(printf '%032d' 0)
                { head -c 512M /dev/zero | openssl enc -aes-128-ctr -K $zeros -iv $zeros; yes 'the quick brown fox' | head -c 512M; } >large
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().file("large").content())
                    .isEqualTo(sizeAndDigest(context.folder().resolve("large")));
            assertThat(images.image().size()).isBetween(512L << 20, 600L << 20);
            assertThat(images.image().run("stat", "-c", "%s", "/large")).isEqualTo(ONE_GIB + "\n");
        }
    }

    /** Buildah cannot say how it should be: it rounds times, and takes the setuid and setgid bits from what COPY brings. */
    @Test
    void timesOwnersAndModesAreKeptExactlyInTheLayer(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN mkdir -m 750 /made && cd /made && echo 1 >old && touch -d '1965-04-03 02:01:00' old && chown 1:2 old \\
                    && echo 2 >far && touch -d '2345-06-07 08:09:10' far && chmod 4711 far \\
                    && ln -s far link && touch -h -d '2001-02-03 04:05:06' link && touch -d '2002-03-04 05:06:07' .
                COPY folder /copied/
                COPY --chown=65534:12 --chmod=640 folder/file /owned
                """).shell("""
                mkdir folder; echo file >folder/file; echo tool >folder/tool; chmod 6755 folder/tool; mkdir -m 2700 folder/inner
                touch -d '2010-11-12 13:14:15.123456789Z' folder/file; touch -d '1999-12-31 23:59:59Z' folder/tool folder/inner
                """)) {
            OciImage image = bed.build(context);
            assertThat(image.layers()).hasSize(4);
            assertThat(headers(image.layers().get(1)))
                    .isEqualTo(Map.of(
                            "made", "5 750 0:0 2002-03-04T05:06:07Z",
                            "made/old", "0 644 1:2 1965-04-03T02:01:00Z",
                            "made/far", "0 4711 0:0 2345-06-07T08:09:10Z",
                            "made/link", "2 777 0:0 2001-02-03T04:05:06Z"));
            assertThat(headers(image.layers().get(2)))
                    .containsAllEntriesOf(Map.of(
                            "copied/file", "0 644 0:0 2010-11-12T13:14:15.123456789Z",
                            "copied/tool", "0 6755 0:0 1999-12-31T23:59:59Z",
                            "copied/inner", "5 2700 0:0 1999-12-31T23:59:59Z"));
            assertThat(headers(image.layers().get(3)))
                    .isEqualTo(Map.of("owned", "0 640 65534:12 2010-11-12T13:14:15.123456789Z"));
        }
    }

    /** Type, mode, owner and modification time of every entry of a layer, by name. */
    private static Map<String, String> headers(Path layer) throws IOException {
        Map<String, String> headers = new HashMap<>();
        try (LayerTar tar = LayerTar.open(layer)) {
            for (LayerTar.Header header = tar.next(); header != null; header = tar.next()) {
                String name = header.name().endsWith("/")
                        ? header.name().substring(0, header.name().length() - 1)
                        : header.name();
                Instant modified = header.modified();
                headers.put(
                        name,
                        "%c %o %d:%d %s".formatted(header.type(), header.mode(), header.uid(), header.gid(), modified));
            }
        }
        return headers;
    }

    private static String sizeAndDigest(Path file) throws IOException {
        return Files.size(file) + ":"
                + Programs.run("openssl", "dgst", "-sha256", "-r", file.toString())
                        .split(" ", 2)[0];
    }
}
