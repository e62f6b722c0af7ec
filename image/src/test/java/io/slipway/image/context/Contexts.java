package io.slipway.image.context;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.slipway.image.Digest;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssertAlternative;

/** What the tests of contexts share. */
final class Contexts {
    static final ContextLimits LIMITS = new ContextLimits(8 << 20, 8 << 20, 10_000, 4095);

    private Contexts() {}

    /** A tar in the making. */
    static final class Tar {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final TarWriter writer = new TarWriter(out);

        Tar put(TarEntry... entries) {
            for (TarEntry entry : entries) {
                put(entry, new byte[(int) entry.size()]);
            }
            return this;
        }

        Tar file(String name, String content) {
            byte[] bytes = content.getBytes(UTF_8);
            return put(TarEntry.file(name, 0644, bytes.length), bytes);
        }

        Tar directory(String name) {
            return put(TarEntry.directory(name, 0755));
        }

        Tar symlink(String name, String target) {
            return put(TarEntry.symlink(name, target));
        }

        Tar hardLink(String name, String target) {
            return put(TarEntry.hardLink(name, target));
        }

        Tar put(TarEntry entry, byte[] content) {
            try {
                writer.put(entry, new ByteArrayInputStream(content));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        byte[] bytes() {
            try {
                writer.finish();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out.toByteArray();
        }
    }

    static Tar tar() {
        return new Tar();
    }

    /** Receives a context into an empty directory and opens it. */
    static BuildContext receive(byte[] body, Path directory) throws IOException {
        Path file = directory.resolve("context.tar");
        ContextSummary summary = ContextArchive.receive(new ByteArrayInputStream(body), file, LIMITS);
        assertThat(summary.receivedBytes()).isEqualTo(body.length);
        BuildContext context = BuildContext.open(file);
        assertThat(context.digest()).isEqualTo(summary.digest()).isEqualTo(Digest.of(Files.readAllBytes(file)));
        assertThat(context.bytes()).isEqualTo(summary.bytes()).isEqualTo(Files.size(file));
        assertThat(context.entries()).isEqualTo(summary.entries());
        return context;
    }

    /** A context that is refused must leave nothing in the directory. */
    static ThrowableAssertAlternative<?> assertRefused(
            InputStream body, Path directory, ContextLimits limits, ContextException.Kind kind) throws IOException {
        Path file = directory.resolve("refused.tar");
        Throwable refused = catchThrowable(() -> ContextArchive.receive(body, file, limits));
        assertThat(refused)
                .asInstanceOf(InstanceOfAssertFactories.type(ContextException.class))
                .returns(kind, ContextException::kind);
        assertNothingIn(directory);
        return new ThrowableAssertAlternative<>(refused);
    }

    static void assertNothingIn(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    /** The entry that must be there. */
    static ContextEntry entry(BuildContext context, String path) {
        return Objects.requireNonNull(context.find(path), () -> path + " is not in the context");
    }

    static String text(BuildContext context, String path) throws IOException {
        return new String(content(context, entry(context, path)), UTF_8);
    }

    static byte[] content(BuildContext context, ContextEntry file) throws IOException {
        try (InputStream in = context.open(file)) {
            return in.readAllBytes();
        }
    }

    /** Everything that a context says, by path; what can be asked in two ways must be answered the same. */
    static SortedMap<String, ContextEntry> readAll(BuildContext context) throws IOException {
        SortedMap<String, ContextEntry> all = new TreeMap<>();
        readAll(context, context.root(), all);
        assertThat(all).hasSize(context.entries() + 1);
        return all;
    }

    private static void readAll(BuildContext context, ContextEntry entry, SortedMap<String, ContextEntry> all)
            throws IOException {
        assertSame(entry(context, entry.path()), entry);
        all.put(entry.path(), entry);
        if (entry.hasContent()) {
            byte[] content = content(context, entry);
            assertThat(content).hasSize((int) entry.contentSize());
            assertThat(Digest.of(content)).isEqualTo(entry.content());
            FileRange range = context.range(entry);
            if (range != null) {
                assertThat(read(range)).isEqualTo(content);
            }
        } else {
            assertThat(context.range(entry)).isNull();
        }
        if (entry.type() == TarEntry.Type.HARD_LINK) {
            ContextEntry file = entry(context, entry.entry().linkName());
            assertThat(file.type()).isEqualTo(TarEntry.Type.FILE);
            assertThat(file.content()).isEqualTo(entry.content());
        }
        for (ContextEntry child : context.children(entry)) {
            readAll(context, child, all);
        }
    }

    private static void assertSame(ContextEntry one, ContextEntry other) {
        assertThat(one).isEqualTo(other);
    }

    private static byte[] read(FileRange range) throws IOException {
        byte[] tar = Files.readAllBytes(range.file());
        return Arrays.copyOfRange(tar, (int) range.offset(), (int) (range.offset() + range.length()));
    }
}
