package io.slipway.image.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.compression.Compression;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerMergeTest {
    private static final int STACKS = 100;

    @TempDir
    Path directory;

    private ContentStore store;

    @BeforeEach
    void openStore() throws IOException {
        store = ContentStore.at(directory);
    }

    /** An entry and, of a file, its content. */
    private record Item(TarEntry entry, String content) {
        static Item of(TarEntry entry) {
            return new Item(entry, "");
        }

        static Item file(String name, String content) {
            return new Item(TarEntry.file(name, 0644, content.length()), content);
        }
    }

    @Test
    void whatALaterLayerRemovedIsGoneAndStaysRemovedBelow() throws IOException {
        List<Item> first = List.of(Item.of(TarEntry.directory("d", 0755)), Item.file("d/f", "secret"));
        List<Item> second = List.of(Item.of(TarEntry.directory("d", 0700)), Item.of(Whiteout.removing("d/f")));
        assertThat(merge(true, List.of(first, second)).stream()
                        .map(item -> item.entry().name()))
                .containsExactly("d", "d/.wh.f");
        assertThat(merge(false, List.of(first, second))).containsExactly(Item.of(TarEntry.directory("d", 0700)));
    }

    @Test
    void whatCameBackAsADirectoryIsOpaque() throws IOException {
        List<Item> merged = merge(
                true,
                List.of(
                        List.of(Item.of(Whiteout.removing("d"))),
                        List.of(Item.of(TarEntry.directory("d", 0711)), Item.file("d/f", "1"))));
        assertThat(merged)
                .containsExactly(
                        Item.of(TarEntry.directory("d", 0711)), Item.of(Whiteout.opaque("d")), Item.file("d/f", "1"));
    }

    @Test
    void attributesTimesAndHardLinksAcrossLayersAreKept() throws IOException {
        TarEntry file = TarEntry.file("b", 04755, 1)
                .withOwner(7, 8)
                .withMtime(Instant.ofEpochSecond(9, 5))
                .withXattrs(Map.of("user.x", new byte[] {1, 2}));
        List<Item> merged =
                merge(true, List.of(List.of(new Item(file, "1")), List.of(Item.of(TarEntry.hardLink("a", "b")))));
        assertThat(merged)
                .containsExactly(
                        new Item(file.withName("a"), "1"),
                        Item.of(TarEntry.hardLink("b", "a")
                                .withMode(04755)
                                .withOwner(7, 8)
                                .withMtime(Instant.ofEpochSecond(9, 5))));
    }

    @Test
    void timesAreMadeWhatTheCallerSays() throws IOException {
        Layer layer = layer(List.of(new Item(TarEntry.file("f", 0644, 0).withMtime(Instant.ofEpochSecond(99)), "")));
        Layer merged = LayerMerge.merge(store, List.of(layer), true, _ -> Instant.ofEpochSecond(5), Compression.none());
        assertThat(items(merged))
                .containsExactly(Item.of(TarEntry.file("f", 0644, 0).withMtime(Instant.ofEpochSecond(5))));
    }

    @Test
    void layersThatUndoEachOtherLeaveNoEntry() throws IOException {
        assertThat(merge(false, List.of(List.of(Item.file("f", "1")), List.of(Item.of(Whiteout.removing("f"))))))
                .isEmpty();
    }

    @Test
    void aWhiteoutOfNoNameIsRefused() {
        List<Item> hostile = List.of(Item.of(TarEntry.file("d/.wh...", 0, 0)));
        assertThatThrownBy(() -> merge(true, List.of(hostile)))
                .isInstanceOf(LayerException.class)
                .hasMessageContaining("removes nothing that a file can be called");
    }

    @Test
    void aBrokenLayerIsRefused() throws IOException {
        Layer good = layer(List.of(Item.file("f", "1")));
        Layer other = layer(List.of(Item.file("f", "2")));
        Layer wrong = new Layer(good.diffId(), other.descriptor());
        assertThatThrownBy(() ->
                        LayerMerge.merge(store, List.of(wrong), true, UnaryOperator.identity(), Compression.gzip()))
                .isInstanceOf(DiffIdMismatchException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theMergedLayerDoesWhatItsLayersDoOneAfterTheOther(boolean onTop) throws IOException {
        for (int seed = 0; seed < STACKS; seed++) {
            Stack stack = new Stack(new Random(seed));
            List<Item> base = onTop ? stack.layer() : List.of();
            stack.begin();
            List<List<Item>> layers = new ArrayList<>();
            int count = 1 + stack.random.nextInt(5);
            for (int i = 0; i < count; i++) {
                layers.add(stack.layer());
            }
            Files expected = new Files();
            expected.apply(base);
            layers.forEach(expected::apply);
            List<Item> merged = merge(onTop, layers);
            Files actual = new Files();
            actual.apply(base);
            actual.apply(merged);
            assertThat(actual.described())
                    .as("seed %d: base %s, layers %s, merged %s", seed, base, layers, merged)
                    .isEqualTo(expected.described());
            assertThat(merge(onTop, layers)).as("again").isEqualTo(merged);
        }
    }

    private List<Item> merge(boolean onTop, List<List<Item>> layers) throws IOException {
        List<Layer> stored = new ArrayList<>();
        for (List<Item> layer : layers) {
            stored.add(layer(layer));
        }
        return items(LayerMerge.merge(store, stored, onTop, UnaryOperator.identity(), Compression.none()));
    }

    private Layer layer(List<Item> items) throws IOException {
        try (LayerWriter writer = new LayerWriter(store, Compression.none(), false)) {
            for (Item item : items) {
                writer.add(item.entry(), new ByteArrayInputStream(item.content().getBytes(UTF_8)));
            }
            return writer.finish();
        }
    }

    private List<Item> items(Layer layer) throws IOException {
        List<Item> items = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(store, layer.descriptor().digest(), layer.diffId())) {
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                items.add(new Item(entry, new String(reader.content().readAllBytes(), UTF_8)));
            }
        }
        return items;
    }

    /**
     * Files by path, after layers were applied as the specification has it: first what a layer removes, then what it has. Nothing of
     * the code under test.
     */
    private static final class Files {
        private final TreeMap<String, Item> files = new TreeMap<>();

        void apply(List<Item> layer) {
            for (Item item : layer) {
                String name = item.entry().name();
                if (Whiteout.isOpaque(name)) {
                    removeIn(parent(name));
                } else if (Whiteout.isWhiteout(name)) {
                    String target = Whiteout.target(name);
                    files.remove(target);
                    removeIn(target);
                }
            }
            for (Item item : layer) {
                String name = item.entry().name();
                makeParents(parent(name));
                if (Whiteout.isWhiteout(name)) {
                    continue;
                }
                if (item.entry().type() != TarEntry.Type.DIRECTORY) {
                    removeIn(name);
                }
                files.put(
                        name,
                        item.entry().type() == TarEntry.Type.HARD_LINK
                                ? files.get(item.entry().linkName())
                                : item);
            }
        }

        private void makeParents(String path) {
            if (!path.isEmpty()) {
                makeParents(parent(path));
                if (!isDirectory(path)) {
                    files.put(path, Item.of(TarEntry.directory(path, 0755)));
                }
            }
        }

        boolean isDirectory(String path) {
            Item item = files.get(path);
            return item != null && item.entry().type() == TarEntry.Type.DIRECTORY;
        }

        private void removeIn(String directory) {
            files.keySet().removeIf(name -> directory.isEmpty() || name.startsWith(directory + "/"));
        }

        static String parent(String path) {
            return path.contains("/") ? path.substring(0, path.lastIndexOf('/')) : "";
        }

        /** What each path is; files that are one say so. */
        Map<String, String> described() {
            IdentityHashMap<Item, String> names = new IdentityHashMap<>();
            Map<String, String> described = new TreeMap<>();
            files.forEach((path, item) -> {
                String first = names.computeIfAbsent(item, _ -> path);
                described.put(path, item.entry().withName("") + " " + item.content() + " " + first);
            });
            return described;
        }
    }

    /** Random layers that could follow each other. */
    private static final class Stack {
        final Random random;
        private final Files state = new Files();
        private final Set<String> own = new TreeSet<>();
        private int serial;

        Stack(Random random) {
            this.random = random;
        }

        /** From here on layers are ours: hard links may lead to their files. */
        void begin() {
            own.clear();
        }

        List<Item> layer() {
            Map<String, Item> entries = new TreeMap<>();
            List<Item> removals = new ArrayList<>();
            int changes = 1 + random.nextInt(7);
            for (int i = 0; i < changes; i++) {
                change(entries, removals);
            }
            List<Item> layer = new ArrayList<>(entries.values());
            for (Item removal : removals) {
                // Behind its directory, which may take the place of a link.
                int least = 0;
                for (int i = 0; i < layer.size(); i++) {
                    if (layer.get(i)
                            .entry()
                            .name()
                            .equals(Files.parent(removal.entry().name()))) {
                        least = i + 1;
                    }
                }
                layer.add(least + random.nextInt(layer.size() + 1 - least), removal);
            }
            if (removals.isEmpty() && random.nextBoolean()) {
                link(layer, entries.keySet());
            }
            state.apply(layer);
            own.addAll(entries.keySet());
            return layer;
        }

        private void change(Map<String, Item> entries, List<Item> removals) {
            String path = path();
            List<String> parents = new ArrayList<>();
            for (String parent = Files.parent(path); !parent.isEmpty(); parent = Files.parent(parent)) {
                Item there = entries.get(parent);
                if (there != null && there.entry().type() != TarEntry.Type.DIRECTORY) {
                    return;
                }
                parents.add(parent);
            }
            for (String parent : parents) {
                // A directory may be left out only where there is one: what is a link there would be followed.
                if (!entries.containsKey(parent) && (!state.isDirectory(parent) || random.nextBoolean())) {
                    entries.put(parent, Item.of(directory(parent)));
                }
            }
            boolean hasChildren = entries.keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
            switch (random.nextInt(6)) {
                case 0 -> entries.put(path, Item.of(directory(path)));
                case 1 -> {
                    if (!hasChildren && !entries.containsKey(path)) {
                        removals.add(Item.of(Whiteout.removing(path)));
                    }
                }
                case 2 -> {
                    entries.put(path, Item.of(directory(path)));
                    removals.add(Item.of(Whiteout.opaque(path)));
                }
                case 3 -> {
                    if (!hasChildren && !isRemoved(removals, path)) {
                        entries.put(path, Item.of(TarEntry.symlink(path, "nowhere" + serial++)));
                    }
                }
                default -> {
                    if (!hasChildren && !isRemoved(removals, path)) {
                        String content = "content " + serial++;
                        entries.put(
                                path,
                                new Item(
                                        TarEntry.file(path, 0600 + random.nextInt(64), content.length())
                                                .withOwner(random.nextInt(3), 0)
                                                .withMtime(Instant.ofEpochSecond(serial)),
                                        content));
                    }
                }
            }
        }

        private static boolean isRemoved(List<Item> removals, String path) {
            return removals.stream().anyMatch(item -> (Files.parent(item.entry().name()) + "/").startsWith(path + "/"));
        }

        private TarEntry directory(String path) {
            return TarEntry.directory(path, 0700 + random.nextInt(64)).withMtime(Instant.ofEpochSecond(serial++));
        }

        /** One more name of a file of this layer, or of one of those before it. */
        private void link(List<Item> layer, Set<String> names) {
            List<String> files = new ArrayList<>();
            layer.stream()
                    .filter(item -> item.entry().type() == TarEntry.Type.FILE)
                    .forEach(item -> files.add(item.entry().name()));
            own.stream()
                    .filter(name -> state.files.containsKey(name)
                            && state.files.get(name).entry().type() == TarEntry.Type.FILE
                            && names.stream().noneMatch(n -> n.equals(name) || name.startsWith(n + "/")))
                    .forEach(files::add);
            if (!files.isEmpty()) {
                layer.add(Item.of(TarEntry.hardLink("link" + serial++, files.get(random.nextInt(files.size())))));
            }
        }

        private String path() {
            int depth = 1 + random.nextInt(3);
            return random.ints(depth, 0, 3)
                    .mapToObj(i -> String.valueOf((char) ('a' + i)))
                    .collect(Collectors.joining("/"));
        }
    }
}
