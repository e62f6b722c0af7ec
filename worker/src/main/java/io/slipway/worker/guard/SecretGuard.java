package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.dockerfile.check.Rule;
import io.slipway.image.Digest;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.snapshot.EntrySink;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the secrets of one build, and for credentials in the usual formats, in what the build makes. What it tells never has a byte of
 * them. Thread-safe.
 *
 * <p>The build's own secrets are looked for in files of any size, their names, the targets of symbolic links and extended attributes, as they are
 * and in base64, wherever in a longer text they begin. Formats are
 * looked for in files of up to {@link #MOST_FORMAT_BYTES}, unless they lie where packages keep examples and test data.
 */
public final class SecretGuard {
    /** Larger files are no configuration. */
    static final int MOST_FORMAT_BYTES = 1 << 20;

    /** Of a longer secret its middle counts: nobody writes so much of it down by chance. */
    private static final int MOST_NEEDLE_BYTES = 4096;

    private static final int MOST_FILES = 10;

    private final @Nullable Needles secrets;
    /** The id of the secret that each needle is of. */
    private final List<String> ids;

    private final Map<Digest, List<Remark>> found = new ConcurrentHashMap<>();

    private SecretGuard(List<byte[]> needles, List<String> ids) {
        this.secrets = needles.isEmpty() ? null : new Needles(needles);
        this.ids = List.copyOf(ids);
    }

    /**
     * The guard of a build.
     *
     * @param secrets the build's secrets by id
     */
    public static SecretGuard of(Map<String, byte[]> secrets) {
        List<byte[]> needles = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        new TreeMap<>(secrets).forEach((id, value) -> {
            byte[] secret = middle(SecretForms.stripped(value));
            if (secret.length >= SecretForms.LEAST_SECRET_BYTES) {
                for (byte[] form : SecretForms.withBase64(secret)) {
                    needles.add(form);
                    ids.add(id);
                }
            }
        });
        return new SecretGuard(needles, ids);
    }

    /** Of a long secret its middle. */
    private static byte[] middle(byte[] secret) {
        int from = Math.max(0, (secret.length - MOST_NEEDLE_BYTES) / 2);
        return Arrays.copyOfRange(secret, from, Math.min(secret.length, from + MOST_NEEDLE_BYTES));
    }

    /** What was found in a layer that this build has committed; empty if nothing was, or for other layers. */
    public List<Remark> found(Digest diffId) {
        return found.getOrDefault(diffId, List.of());
    }

    /** Keeps what was found in a layer. */
    public void keep(Digest diffId, List<Remark> remarks) {
        if (!remarks.isEmpty()) {
            found.put(diffId, remarks);
        }
    }

    /** What a line of the config or of the history has that it should not, or null. */
    public @Nullable String inText(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        String secret = secretIn(bytes, bytes.length);
        return secret != null ? secret : Credentials.find("", bytes, bytes.length);
    }

    /** Begins to look through a layer. */
    public Watch watch() {
        return new Watch();
    }

    private @Nullable String secretIn(byte[] bytes, int length) {
        if (secrets == null) {
            return null;
        }
        String[] name = new String[1];
        secrets.find(bytes, length, (needle, _) -> {
            name[0] = "the secret " + ids.get(needle);
            return false;
        });
        return name[0];
    }

    /** Looks through one layer while it is written. Used by one thread. */
    public final class Watch {
        private final List<Remark> remarks = new ArrayList<>();
        private byte[] buffer = new byte[16 * 1024];

        private Watch() {}

        /** The same sink; what goes into it is looked at. */
        public EntrySink over(EntrySink sink) {
            return (entry, content) -> {
                boolean named = secrets != null && lookAtNames(entry);
                if (entry.type() != TarEntry.Type.FILE || entry.size() == 0 || remarks.size() >= MOST_FILES) {
                    sink.add(entry, content);
                    return;
                }
                boolean small = entry.size() <= MOST_FORMAT_BYTES;
                boolean formats = small && Credentials.concerns(entry.name());
                if (!formats && secrets == null) {
                    sink.add(entry, content);
                    return;
                }
                Window window = new Window(content, small ? (int) entry.size() : 0, formats ? entry.name() : null);
                sink.add(entry, window);
                String what = window.found();
                if (what != null) {
                    tell(what, "in " + path(entry, named));
                }
            };
        }

        /** Looks at what an entry has beside its content. Returns whether its own name must not be told. */
        private boolean lookAtNames(TarEntry entry) {
            String inName = secretInName(entry.name());
            boolean named = inName != null;
            if (named) {
                tell(inName, "in the name of a file");
            }
            if (entry.type() == TarEntry.Type.SYMLINK) {
                tell(secretInName(entry.linkName()), "in the target of the symbolic link " + path(entry, named));
            }
            entry.xattrs()
                    .forEach((name, value) ->
                            tell(secretIn(value, value.length), "in an extended attribute of " + path(entry, named)));
            return named;
        }

        private @Nullable String secretInName(String name) {
            byte[] bytes = FileName.encode(name);
            return secretIn(bytes, bytes.length);
        }

        private static String path(TarEntry entry, boolean named) {
            return named ? "a file whose name has a secret" : "/" + FileName.display(entry.name());
        }

        private void tell(@Nullable String what, String where) {
            if (what != null && remarks.size() < MOST_FILES) {
                Remark remark = new Remark(Rule.SECRET_IN_LAYER, "The layer has " + what + " " + where);
                if (!remarks.contains(remark)) {
                    remarks.add(remark);
                }
            }
        }

        /** What was found, at most {@link #MOST_FILES} remarks. */
        public List<Remark> remarks() {
            return List.copyOf(remarks);
        }

        /** A file's content on its way. A small file is looked at when it is whole, a large one piece by piece. */
        private final class Window extends InputStream {
            private final InputStream in;
            private final int whole;
            private final @Nullable String path;
            private int filled;
            private @Nullable String what;

            /**
             * @param whole how many bytes to wait for, or 0 to look at each piece
             * @param path the file's path if formats are looked for, or null
             */
            Window(InputStream in, int whole, @Nullable String path) {
                this.in = in;
                this.whole = whole;
                this.path = path;
            }

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = in.read(target, offset, length);
                if (count > 0 && what == null) {
                    take(target, offset, count);
                }
                return count;
            }

            private void take(byte[] source, int offset, int count) {
                if (filled + count > buffer.length) {
                    buffer = Arrays.copyOf(buffer, Math.max(whole, 2 * (filled + count)));
                }
                System.arraycopy(source, offset, buffer, filled, count);
                filled += count;
                if (whole == 0 && secrets != null) {
                    what = secretIn(buffer, filled);
                    // A secret may go on in the next piece.
                    int kept = Math.min(filled, secrets.longest() - 1);
                    System.arraycopy(buffer, filled - kept, buffer, 0, kept);
                    filled = kept;
                }
            }

            @Nullable
            String found() {
                if (whole > 0) {
                    what = secretIn(buffer, filled);
                    if (what == null && path != null) {
                        what = Credentials.find(path, buffer, filled);
                    }
                }
                return what;
            }
        }
    }
}
