package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.TestBed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Archives that ADD unpacks, dockerfile.md §5 ADD: entries are put one after the other, and none gets out of the image. */
@ExtendWith(TestBed.Extension.class)
final class ArchiveTest {
    @Test
    void entriesMeetWhatEarlierOnesHavePut(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN mkdir /d /usr/lib && ln -s usr/lib /lib && ln -s usr/lib /lnk && mkdir /in && ln -s /etc /in/lnk && echo old > /file
                ADD links.tar /d/
                ADD out.tar /d/
                ADD replaced.tar /d/
                ADD root.tar /
                ADD dir.tar /
                ADD in.tar /in
                """).shell("""
                mkdir -p t/links/real t/later/l t/later/abs; cd t
                ln -s real links/l; ln -s /d/real links/abs
                echo 1 >later/l/one; echo 2 >later/abs/two
                tar -cf ../links.tar -C links l abs real; tar -rf ../links.tar -C later l/one abs/two
                mkdir -p out climb/up; ln -s ../../../../../etc out/up; echo 3 >climb/up/climbed
                tar -cf ../out.tar -C out up; tar -rf ../out.tar -C climb up/climbed
                mkdir -p was/x is; echo 4 >was/x/z; echo 5 >is/x
                tar -cf ../replaced.tar -C was x; tar -rf ../replaced.tar -C is x
                mkdir -p root/lib root/file/in; echo 6 >root/lib/six; echo 7 >root/file/in/seven
                tar -cf ../root.tar -C root lib/six file
                mkdir -p dir/lnk/a; echo 8 >dir/lnk/a/b; tar -cf ../dir.tar -C dir --no-recursion lnk; tar -rf ../dir.tar -C dir lnk/a/b
                mkdir -p in/lnk; echo 9 >in/lnk/x; tar -cf ../in.tar -C in lnk/x
                cd ..; rm -r t""")) {
            OciImage image = bed.build(context);
            assertThat(ImageTree.of(image).files())
                    .containsKeys(
                            "d/real/one",
                            "d/d/real/two",
                            "d/etc/climbed",
                            "in/etc/x",
                            "d/x",
                            "usr/lib/six",
                            "file/in/seven",
                            "lnk/a/b")
                    .doesNotContainKeys("d/x/z", "etc/climbed", "etc/x", "d/l/one", "usr/lib/a");
            assertThat(image.run("cat", "/d/l/one", "/d/d/real/two", "/d/etc/climbed", "/d/x", "/lib/six"))
                    .isEqualTo("1\n2\n3\n5\n6\n");
        }
    }

    @Test
    void hardLinksStayOneFileWhicheverOfItsNamesComesFirst(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                ADD a.tar /x/
                RUN cat /x/in/a > /seen
                """).shell("""
                mkdir in; echo one >in/hl; ln in/hl in/a; ln in/hl in/z; : >in/none; ln in/none in/empty
                tar -cf a.tar in/hl in/a in/z in/none in/empty
                echo two >in/new; mv in/new in/hl; tar -rf a.tar in/hl; rm -r in""")) {
            OciImage image = bed.build(context);
            ImageTree tree = ImageTree.of(image);
            assertThat(tree.file("x/in/a").links()).isEqualTo("x/in/a");
            assertThat(tree.file("x/in/z").links()).isEqualTo("x/in/a");
            assertThat(tree.file("x/in/none").links()).isEqualTo("x/in/empty");
            assertThat(tree.file("x/in/hl").links()).isEmpty();
            assertThat(image.run("cat", "/x/in/a", "/x/in/z", "/x/in/hl", "/x/in/none", "/seen"))
                    .isEqualTo("one\none\ntwo\none\n");
        }
    }

    @Test
    void hardLinksToFilesOfTheImageBringThemAlong(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN mkdir -p /x/in && echo image >/x/in/f && chmod 640 /x/in/f && chown 7:8 /x/in/f && ln -s f /x/in/sl
                COPY layer /x/
                ADD first.tar layer source /x/
                ADD source second.tar /x/
                RUN cat /x/z /x/in/f /x/y /x/layer /x/w /x/source > /seen && stat -c '%h %a %u' /x/z /x/in/f /x/layer /x/source >> /seen
                """).shell("""
                echo layer >layer; echo source >source
                mkdir in; : >in/f; ln in/f z; : >in/sl; ln in/sl s; cp layer was; ln layer y
                tar --owner=5 --group=6 --mode=600 -cf first.tar in/f z in/sl s layer y; tar --delete -f first.tar in/f in/sl layer
                ln source w; tar --owner=9 --group=9 --mode=604 -cf second.tar source w; tar --delete -f second.tar source
                rm -r in z s y w was""")) {
            OciImage image = bed.build(context);
            ImageTree tree = ImageTree.of(image);
            assertThat(image.run("cat", "/seen"))
                    .isEqualTo("image\nimage\nlayer\nlayer\nsource\nsource\n2 600 5\n2 600 5\n1 644 0\n2 604 9\n");
            assertThat(tree.file("x/z").links()).isEqualTo("x/in/f");
            assertThat(tree.file("x/z").gid()).isEqualTo(6);
            assertThat(tree.file("x/w").links()).isEqualTo("x/source");
            assertThat(tree.file("x/s").target()).isEqualTo("f");
            assertThat(tree.file("x/in/sl").uid()).isEqualTo(5);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            missing   | : >f; ln f z; tar -cf a.tar f z; tar --delete -f a.tar f | /x/z is a hard link to /x/f, which neither the archive nor the image has
            directory | : >d; ln d z; tar -cf a.tar d z; tar --delete -f a.tar d | /x/z is a hard link to /x/d, which is a directory
            itself    | : >y; ln y z; tar -cf a.tar y z --transform="flags=h;s/y/z/" | /x/z is a hard link to /x/z, which neither the archive nor the image has
            replaced  | mkdir d; : >d/g; ln d/g z; tar -cf b.tar d/g z; tar --delete -f b.tar d/g; rm -r d; : >d; tar -cf a.tar d; tar -Af a.tar b.tar | /x/z is a hard link to /x/d/g, which neither the archive nor the image has
            """)
    void hardLinksToWhatIsNoFileAreRefused(String kind, String make, String message, TestBed bed) {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN mkdir -p /x/d && : >/x/d/g
                ADD a.tar /x/
                """).shell(make)) {
            JsonNode error = bed.client().build(context).get("error");
            assertThat(error.get("code").asString()).isEqualTo("instruction_failed");
            assertThat(error.get("line").asInt()).isEqualTo(3);
            assertThat(error.get("message").asString()).contains(message);
        }
    }

    @Test
    void aDirectoryThatTakesThePlaceOfAFileHasNothingOfTheImagesOne(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM busybox:1.35
                RUN mkdir -p /x/d/sub && : >/x/d/old && : >/x/d/sub/old
                ADD a.tar /x/
                RUN find /x > /seen
                """).shell("""
                : >d; tar -cf a.tar d; rm d; mkdir -p d/sub; : >d/new; : >d/sub/new
                tar -rf a.tar d; rm -r d""")) {
            OciImage image = bed.build(context);
            assertThat(ImageTree.of(image).files())
                    .containsKeys("x/d/new", "x/d/sub/new")
                    .doesNotContainKeys("x/d/old", "x/d/sub/old");
            assertThat(image.run("cat", "/seen")).doesNotContain("old").contains("/x/d/sub/new");
        }
    }

    @Test
    void linksInACircleAreRefused(TestBed bed) {
        try (BuildContext context =
                BuildContext.of("FROM busybox:1.35\nADD a.tar /\n").shell("""
                mkdir -p t/m; cd t; ln -s m l; echo >m/f; tar -cf ../a.tar l; rm l; mv m l; tar -rf ../a.tar l/f
                rm -r l; ln -s l m; tar -cf ../b.tar m; tar -Af ../b.tar ../a.tar; mv ../b.tar ../a.tar; cd ..; rm -r t""")) {
            JsonNode error = bed.client().build(context).get("error");
            assertThat(error.get("code").asString()).isEqualTo("instruction_failed");
            assertThat(error.get("line").asInt()).isEqualTo(2);
            assertThat(error.get("message").asString()).contains("too many symbolic links");
        }
    }
}
