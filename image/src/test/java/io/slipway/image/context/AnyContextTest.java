package io.slipway.image.context;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import io.slipway.image.tar.Tars;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;

/** Whatever tree a tar describes is the tree that is read. */
class AnyContextTest {
    /** What happens to one name of a directory; which directory and which file a link is made to is chosen by number. */
    record Change(TarEntry.Type type, int directory, String name, int mode, long owner, Instant mtime, String text) {}

    /** A file, directory or symbolic link; hard links are the same object under two names. */
    private static final class Item {
        final TarEntry entry;
        final byte[] content;

        Item(TarEntry entry, byte[] content) {
            this.entry = entry;
            this.content = content;
        }
    }

    @Property(tries = 150, seed = "1")
    void isReadAsItsTarWouldUnpack(@ForAll("changes") @Size(max = 40) List<Change> changes) throws Exception {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        Map<String, Item> tree = new LinkedHashMap<>();
        try (TarWriter writer = new TarWriter(tar)) {
            for (Change change : changes) {
                apply(change, tree, writer);
            }
            writer.finish();
        }
        inDirectory(directory -> {
            try (BuildContext context = Contexts.receive(tar.toByteArray(), directory)) {
                assertSame(context, tree, true);
            }
        });
    }

    /** GNU tar unpacks the tree, GNU tar and our own packing pack it again. */
    @Property(tries = 30, seed = "1")
    void isReadAsGnuTarPacksItAndAsWePackIt(@ForAll("changes") @Size(max = 25) List<Change> changes) throws Exception {
        Map<String, Item> tree = new LinkedHashMap<>();
        try (TarWriter nowhere = new TarWriter(new ByteArrayOutputStream())) {
            for (Change change : changes) {
                apply(change, tree, nowhere);
            }
        }
        inDirectory(directory -> {
            Files.write(directory.resolve("t.tar"), finalTar(tree));
            Tars.bash(directory, """
                    mkdir src; tar -C src --no-same-owner --delay-directory-restore -xpf t.tar
                    tar -C src --numeric-owner --owner=0 --group=0 --format=gnu -cf gnu.tar .
                    tar -C src --numeric-owner --owner=0 --group=0 --format=posix -cf posix.tar .
                    """);
            for (String format : List.of("gnu", "posix")) {
                Path context = Files.createDirectory(directory.resolve(format));
                byte[] body = Files.readAllBytes(directory.resolve(format + ".tar"));
                try (BuildContext received = Contexts.receive(body, context)) {
                    assertSame(received, tree, false);
                }
            }
            Path packed = directory.resolve("packed.tar");
            ContextSummary summary = ContextArchive.pack(directory.resolve("src"), path -> false, packed);
            try (BuildContext context = BuildContext.open(packed)) {
                assertSame(context, tree, false);
            }
            Path again = directory.resolve("again.tar");
            assertThat(ContextArchive.receive(Files.newInputStream(packed), again, ContextLimits.none()))
                    .isEqualTo(summary);
            try (BuildContext context = BuildContext.open(again)) {
                assertSame(context, tree, false);
            }
        });
    }

    @Provide
    Arbitrary<List<Change>> changes() {
        Arbitrary<String> names = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.of("a", "b", "c", "d")),
                Tuple.of(
                        2,
                        Arbitraries.bytes()
                                .filter(b -> b != 0 && b != '/')
                                .array(byte[].class)
                                .ofMinSize(1)
                                .ofMaxSize(255)
                                .map(FileName::decode)
                                .filter(name -> !name.equals(".") && !name.equals(".."))));
        Arbitrary<Integer> modes = Arbitraries.integers().between(0, 07777).map(mode -> mode | 0700);
        Arbitrary<Instant> times = Arbitraries.longs().between(0, 1L << 31).map(Instant::ofEpochSecond);
        Arbitrary<TarEntry.Type> types = Arbitraries.of(
                TarEntry.Type.FILE,
                TarEntry.Type.FILE,
                TarEntry.Type.DIRECTORY,
                TarEntry.Type.SYMLINK,
                TarEntry.Type.HARD_LINK);
        return Combinators.combine(
                        types,
                        Arbitraries.integers().between(0, 1000),
                        names,
                        modes,
                        Arbitraries.longs().between(0, 1L << 33),
                        times,
                        Arbitraries.strings().ofMinLength(1).ofMaxLength(700).alpha())
                .as(Change::new)
                .list();
    }

    /** Writes an entry, and does to the tree what unpacking would; nothing if the change does not fit the tree. */
    private static void apply(Change change, Map<String, Item> tree, TarWriter writer) throws IOException {
        List<String> directories = new ArrayList<>(List.of(""));
        List<String> others = new ArrayList<>();
        tree.forEach((path, item) -> (item.entry.type() == TarEntry.Type.DIRECTORY ? directories : others).add(path));
        String parent = directories.get(change.directory % directories.size());
        String path = parent.isEmpty() ? change.name : parent + "/" + change.name;
        Item present = tree.get(path);
        boolean replacesDirectory = present != null && present.entry.type() == TarEntry.Type.DIRECTORY;
        if (FileName.encode(path).length > 2000
                || (replacesDirectory
                        && change.type != TarEntry.Type.DIRECTORY
                        && tree.keySet().stream().anyMatch(other -> other.startsWith(path + "/")))) {
            return;
        }
        byte[] content = change.text.getBytes(StandardCharsets.US_ASCII);
        TarEntry entry = switch (change.type) {
            case FILE -> TarEntry.file(path, change.mode, content.length);
            case DIRECTORY -> TarEntry.directory(path, change.mode);
            case SYMLINK -> TarEntry.symlink(path, change.text);
            default -> null;
        };
        if (entry != null) {
            TarEntry whole = entry.withOwner(change.owner, change.owner / 2).withMtime(change.mtime);
            writer.put(whole, new ByteArrayInputStream(content));
            tree.put(path, new Item(whole, content));
        } else if (!others.isEmpty()) {
            String target = others.get(change.directory % others.size());
            writer.put(TarEntry.hardLink(path, target));
            Item linked = tree.get(target);
            if (linked != null) {
                tree.put(path, linked);
            }
        }
    }

    /** The tree without its history; directories before what is in them. */
    private static byte[] finalTar(Map<String, Item> tree) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<Item, String> written = new LinkedHashMap<>();
        try (TarWriter writer = new TarWriter(out)) {
            for (Map.Entry<String, Item> named : new TreeMap<>(tree).entrySet()) {
                Item item = named.getValue();
                String first = written.putIfAbsent(item, named.getKey());
                if (first == null) {
                    writer.put(
                            item.entry.withName(named.getKey()).withOwner(0, 0),
                            new ByteArrayInputStream(item.content));
                } else {
                    writer.put(TarEntry.hardLink(named.getKey(), first));
                }
            }
            writer.finish();
        }
        return out.toByteArray();
    }

    private static void assertSame(BuildContext context, Map<String, Item> tree, boolean withOwner) throws IOException {
        SortedMap<String, ContextEntry> read = Contexts.readAll(context);
        read.remove("");
        assertThat(read.keySet()).isEqualTo(new TreeMap<>(tree).keySet());
        Map<Item, String> owners = new LinkedHashMap<>();
        for (Map.Entry<String, ContextEntry> named : read.entrySet()) {
            Item item = Objects.requireNonNull(tree.get(named.getKey()));
            ContextEntry found = named.getValue();
            TarEntry expected = withOwner ? item.entry : item.entry.withOwner(0, 0);
            boolean hardLink = found.type() == TarEntry.Type.HARD_LINK;
            assertThat(found.type()).isIn(expected.type(), hardLink ? TarEntry.Type.HARD_LINK : expected.type());
            assertThat(found.entry().mode()).isEqualTo(expected.mode());
            assertThat(found.entry().uid()).isEqualTo(expected.uid());
            assertThat(found.entry().gid()).isEqualTo(expected.gid());
            assertThat(found.entry().mtime().truncatedTo(ChronoUnit.SECONDS)).isEqualTo(expected.mtime());
            if (expected.type() == TarEntry.Type.SYMLINK) {
                assertThat(found.entry().linkName()).isEqualTo(expected.linkName());
            } else if (expected.type() == TarEntry.Type.FILE) {
                assertThat(Arrays.equals(Contexts.content(context, found), item.content))
                        .isTrue();
                String owner = hardLink ? found.entry().linkName() : found.path();
                assertThat(owners.computeIfAbsent(item, first -> owner)).isEqualTo(owner);
            }
        }
        assertThat(owners.values()).as("only hard links share a file").doesNotHaveDuplicates();
    }

    private interface Work {
        void in(Path directory) throws Exception;
    }

    private static void inDirectory(Work work) throws Exception {
        Path directory = Files.createTempDirectory("any-context");
        try {
            work.in(directory);
        } finally {
            Tars.bash(directory, "rm -rf \"$PWD\"");
        }
    }
}
