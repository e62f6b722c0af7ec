package io.slipway.image.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.MediaType;
import io.slipway.image.layer.FlatTree;
import io.slipway.image.registry.TestImage;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarReader;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Layers are written as lists of words: {@code d/} is a directory, {@code f=x} a file, {@code l->t} a symbolic link,
 * {@code h&t} a hard link.
 */
class RootfsTarTest {
    @TempDir
    Path directory;

    private ContentStore store;

    @BeforeEach
    void openStore() throws IOException {
        store = ContentStore.at(directory);
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                of("an upper file replaces a lower one", "f=new", "f=old", "f=new"),
                of("a whiteout removes a file", "g=2", "f=1 g=2", ".wh.f"),
                of("a whiteout removes a directory and all in it", "", "d/ d/e/ d/e/f=1", ".wh.d"),
                of(
                        "a whiteout spares what its own layer put there, before it",
                        "d/ d/new=2",
                        "d/ d/old=1",
                        "d/ d/new=2 .wh.d"),
                of("and after it", "d/ d/new=2", "d/ d/old=1", ".wh.d d/ d/new=2"),
                of("a whiteout of nothing is nothing", "f=1", "f=1", ".wh.g"),
                of("an opaque directory hides what is below", "d/ d/new=2", "d/ d/old=1", "d/ d/.wh..wh..opq d/new=2"),
                of("wherever its mark stands", "d/ d/new=2", "d/ d/old=1 d/e/ d/e/f=1", "d/ d/new=2 d/.wh..wh..opq"),
                of(
                        "and in directories below it",
                        "d/ d/e/ d/e/n=2",
                        "d/ d/e/ d/e/o=1",
                        "d/ d/e/ d/e/n=2 d/.wh..wh..opq"),
                of("an opaque root hides everything", "f=2", "e=1", ".wh..wh..opq f=2"),
                of("a file replaces a directory", "d=file", "d/ d/f=1", "d=file"),
                of("a directory replaces a file", "d/ d/f=1", "d=file", "d/ d/f=1"),
                of("a directory over a directory keeps what is in it", "d/ d/f=1 d/g=2", "d/ d/f=1", "d/ d/g=2"),
                of("names are cleaned", "d/ d/f=1", "./d/ /d//./f=1"),
                of("missing directories are made", "a/ a/b/ a/b/f=1", "a/b/f=1"),
                of(
                        "a name through a link goes where the link goes",
                        "usr/ usr/lib/ lib->usr/lib usr/lib/x=1",
                        "usr/ usr/lib/ lib->usr/lib",
                        "lib/x=1"),
                of("an absolute link stays beneath the root", "usr/ l->/usr usr/x=1", "usr/ l->/usr", "l/x=1"),
                of(
                        "a link that climbs stays beneath the root",
                        "usr/ l->../../usr usr/x=1",
                        "usr/ l->../../usr",
                        "l/x=1"),
                of("a directory replaces a link", "l/ usr/ usr/f=1", "usr/ usr/f=1 l->usr", "l/"),
                of("a hard link shares its file", "a=1 b&a", "a=1 b&a"),
                of("the first name in order has the content", "a=1 b&a", "b=1 a&b"),
                of("a hard link to a lower layer's file", "a=1 b&a", "a=1", "b&a"),
                of("a hard link outlives the name that it was made from", "b=1", "a=1 b&a", ".wh.a"),
                of("a hard link keeps the content when that name gets another", "b=1 a=2", "a=1 b&a", "a=2"),
                of("a hard link to a link to a file", "a=1 b&a c&a", "a=1 b&a c&b"),
                of("a hard link to a symbolic link is one", "s->x t&s", "s->x t&s"),
                of(
                        "a hard link through a linked directory",
                        "usr/ usr/a=1 usr/b&usr/a l->usr",
                        "usr/ usr/a=1 l->usr usr/b&l/a"),
                of("marks of aufs are no files", "f=1", ".wh..wh.plnk/ .wh..wh.aufs=x f=1"),
                of("the same layer twice is the same", "f=1", "f=1", "f=1"),
                of("what was removed can come back", "f=2", "f=1", ".wh.f", "f=2"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void layersAreAppliedOnEachOther(String behaviour, String expected, List<String> layers) throws IOException {
        assertThat(flatten(layers.toArray(String[]::new))).as(behaviour).isEqualTo(expected);
    }

    @Test
    void attributesComeFromTheLayerThatHasTheLastWord() throws IOException {
        TarEntry root = TarEntry.directory(".", 0711);
        TarEntry lower = TarEntry.directory("d", 0755);
        TarEntry upper = TarEntry.directory("d", 01777).withOwner(5, 6).withXattrs(Map.of("user.x", new byte[] {1}));
        Descriptor image = image(List.of(layer(root, lower), layer(upper)));
        assertThat(entries(image)).containsExactly(root, upper);
    }

    @Test
    void layersMayBeCompressed() throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(layer("f=1"));
        }
        assertThat(words(rootfs(image(List.of(compressed.toByteArray()))))).isEqualTo("f=1");
    }

    @Test
    void whatLeadsOutsideIsRefused() {
        assertThatThrownBy(() -> flatten("../f=1")).hasMessageContaining("leads outside the root");
        assertThatThrownBy(() -> flatten("d/../../f=1")).hasMessageContaining("leads outside the root");
        assertThatThrownBy(() -> flatten("a&../b")).hasMessageContaining("leads outside the root");
    }

    @Test
    void aHardLinkToNothingIsRefused() {
        assertThatThrownBy(() -> flatten("a&b")).hasMessageContaining("is a hard link to b, which is not there");
        assertThatThrownBy(() -> flatten("d/ a&d")).hasMessageContaining("is a hard link to d, which is not there");
    }

    @Test
    void linksInACircleAreRefused() {
        assertThatThrownBy(() -> flatten("a->b b->a", "a/f=1")).hasMessageContaining("too many symbolic links");
    }

    @Test
    void tooManyNamesAreRefused() throws IOException {
        FlatTree tree = new FlatTree(3, false);
        tree.apply(0, 0, TarEntry.file("a", 0644, 0));
        tree.apply(0, 1, TarEntry.file("b", 0644, 0));
        tree.apply(1, 0, TarEntry.file("b", 0644, 0));
        assertThatThrownBy(() -> tree.apply(1, 1, TarEntry.file("c", 0644, 0)))
                .hasMessage("the image has more than 3 files");
        assertThatThrownBy(() -> tree.apply(1, 1, TarEntry.file("x/".repeat(3000) + "f", 0644, 0)))
                .isInstanceOf(IOException.class);
    }

    private static Arguments of(String behaviour, String expected, String... layers) {
        return Arguments.of(behaviour, expected, List.of(layers));
    }

    private String flatten(String... layers) throws IOException {
        List<byte[]> tars = new ArrayList<>();
        for (String layer : layers) {
            tars.add(layer(layer));
        }
        return words(rootfs(image(tars)));
    }

    private Descriptor image(List<byte[]> layers) throws IOException {
        List<Descriptor> descriptors = new ArrayList<>();
        for (byte[] layer : layers) {
            descriptors.add(store.put(MediaType.OCI_LAYER, layer));
        }
        return TestImage.withLayers(store, TestImage.put(store), descriptors);
    }

    private byte[] rootfs(Descriptor image) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        RootfsTar.write(store, image, out);
        return out.toByteArray();
    }

    private List<TarEntry> entries(Descriptor image) throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        try (TarReader tar = new TarReader(new ByteArrayInputStream(rootfs(image)))) {
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static byte[] layer(TarEntry... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(out)) {
            for (TarEntry entry : entries) {
                tar.put(entry);
            }
            tar.finish();
        }
        return out.toByteArray();
    }

    private static byte[] layer(String words) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(out)) {
            for (String word : words.split(" ")) {
                if (word.contains("->")) {
                    String[] link = word.split("->");
                    tar.put(TarEntry.symlink(link[0], link[1]));
                } else if (word.contains("&")) {
                    String[] link = word.split("&");
                    tar.put(TarEntry.hardLink(link[0], link[1]));
                } else if (word.contains("=")) {
                    String[] file = word.split("=");
                    byte[] content = file[1].getBytes(UTF_8);
                    tar.put(TarEntry.file(file[0], 0644, content.length), new ByteArrayInputStream(content));
                } else if (word.endsWith("/")) {
                    tar.put(TarEntry.directory(word.substring(0, word.length() - 1), 0755));
                } else {
                    tar.put(TarEntry.file(word, 0644, 0));
                }
            }
            tar.finish();
        }
        return out.toByteArray();
    }

    private static String words(byte[] bytes) throws IOException {
        List<String> words = new ArrayList<>();
        try (TarReader tar = new TarReader(new ByteArrayInputStream(bytes))) {
            for (TarEntry entry = tar.next(); entry != null; entry = tar.next()) {
                words.add(
                        switch (entry.type()) {
                            case DIRECTORY -> entry.name() + "/";
                            case SYMLINK -> entry.name() + "->" + entry.linkName();
                            case HARD_LINK -> entry.name() + "&" + entry.linkName();
                            case FILE ->
                                entry.name() + "=" + new String(tar.content().readAllBytes(), UTF_8);
                            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> entry.name() + "?";
                        });
            }
        }
        return String.join(" ", words);
    }
}
