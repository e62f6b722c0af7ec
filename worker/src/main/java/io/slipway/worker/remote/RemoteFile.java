package io.slipway.worker.remote;

import io.slipway.image.Descriptor;
import io.slipway.image.compression.Decompression;
import io.slipway.image.store.BlobWriter;
import io.slipway.image.store.ContentStore;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarException;
import io.slipway.image.tar.TarReader;
import io.slipway.remote.http.HttpFile;
import io.slipway.remote.http.HttpRemote;
import io.slipway.remote.http.HttpSource;
import io.slipway.remote.http.HttpSource.Validators;
import io.slipway.remote.http.HttpUrl;
import io.slipway.worker.cache.KeyHash;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.Fetched;
import io.slipway.worker.copy.SourceTree;
import io.slipway.worker.remote.DownloadRecords.Downloaded;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** A file on an HTTP server: it goes to the content store as it comes, and is known by its digest. */
final class RemoteFile implements Remote {
    private static final String UNNAMED = "__unnamed__";
    private static final int MODE = 0600;

    private final HttpRemote http;
    private final ContentStore store;
    private final @Nullable DownloadRecords records;
    private final RemoteSecrets secrets;
    private final String url;
    private final @Nullable String checksum;
    private final Once<Downloaded> downloaded = new Once<>(this::download);

    /**
     * @param records what earlier builds have downloaded, or null to download everything again
     * @param checksum SHA-256 that the file must have, in 64 hexadecimal digits, or null
     */
    RemoteFile(
            HttpRemote http,
            ContentStore store,
            @Nullable DownloadRecords records,
            RemoteSecrets secrets,
            String url,
            @Nullable String checksum) {
        this.http = http;
        this.store = store;
        this.records = records;
        this.secrets = secrets;
        this.url = url;
        this.checksum = checksum;
    }

    /** With a checksum the server need not be asked: the result depends on nothing else. */
    @Override
    public void addTo(KeyHash key) throws IOException {
        key.add("file").add(name());
        if (checksum != null) {
            key.add(checksum);
        } else {
            Downloaded file = downloaded.get();
            key.add(file.digest().hex()).add(file.modified());
        }
    }

    @Override
    public Fetched fetch() throws IOException {
        Downloaded file = downloaded.get();
        String name = name();
        TarEntry entry = TarEntry.file(name, MODE, file.size()).withMtime(file.time());
        SourceTree.Node node = new SourceTree.Node(name, entry, null, file.digest());
        return new Fetched(name, node, new SingleFile(store, node));
    }

    @Override
    public @Nullable Instant time() throws IOException {
        Downloaded file = downloaded.get();
        Validators validators = file.validators();
        Instant modified = validators == null ? null : validators.modified();
        return modified != null ? modified : newestFile(file);
    }

    private @Nullable Instant newestFile(Downloaded file) throws IOException {
        Instant newest = null;
        try (InputStream blob = store.open(file.digest());
                TarReader tar = new TarReader(Decompression.open(blob))) {
            TarEntry entry;
            while ((entry = tar.next()) != null) {
                if (entry.type() == TarEntry.Type.FILE
                        && (newest == null || entry.mtime().isAfter(newest))) {
                    newest = entry.mtime();
                }
            }
            return newest;
        } catch (TarException | EOFException | ZipException e) {
            return null; // no archive, or a broken one: it has no time
        }
    }

    private String name() throws IOException {
        HttpUrl parsed = HttpUrl.parse(url);
        String name = parsed == null ? "" : parsed.fileName();
        if (name.equals("..") || name.indexOf('\0') >= 0) {
            throw new CopyException("the URL " + parsed + " ends in what can't be a file's name");
        }
        return name.isEmpty() || name.equals(".") ? UNNAMED : name;
    }

    private Downloaded download() throws IOException {
        Downloaded known = known();
        if (known != null && known.digest().hex().equals(checksum)) {
            return known;
        }
        HttpUrl parsed = HttpUrl.parse(url);
        String authorization = parsed == null ? null : secrets.forFiles(unbracketed(parsed.host()));
        Validators validators = known == null || checksum != null ? null : known.validators();
        try (Answer answer = http.fetch(new HttpSource(url, checksum, authorization, validators), this::receive)) {
            if (answer.blob() == null) {
                if (known == null) {
                    throw new IOException("a server says that nothing has changed, and was not asked");
                }
                return known;
            }
            Descriptor blob = answer.blob().commit("");
            Validators found = answer.file().validators();
            Downloaded file = new Downloaded(
                    blob.digest(),
                    blob.size(),
                    answer.file().modified().getEpochSecond(),
                    found.etag(),
                    found.lastModified());
            if (records != null) {
                records.put(url, file);
            }
            return file;
        }
    }

    private @Nullable Downloaded known() throws IOException {
        Downloaded known = records == null ? null : records.find(url);
        return known != null && store.use(new Descriptor("", known.digest(), known.size())) ? known : null;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Only what is whole and right is committed. */
    private record Answer(HttpFile file, @Nullable BlobWriter blob) implements Closeable {
        @Override
        public void close() throws IOException {
            if (blob != null) {
                blob.close();
            }
        }
    }

    private Answer receive(HttpFile file) throws IOException {
        if (file.unchanged()) {
            return new Answer(file, null);
        }
        BlobWriter writer = store.create();
        boolean whole = false;
        try {
            file.body().transferTo(writer);
            whole = true;
            return new Answer(file, writer);
        } finally {
            if (!whole) {
                writer.close();
            }
        }
    }

    /** The one file, in the content store. */
    private record SingleFile(ContentStore store, Node node) implements SourceTree {
        @Override
        public @Nullable Node find(String path) {
            return path.equals(node.path()) ? node : null;
        }

        @Override
        public List<Node> children(Node directory) {
            return List.of();
        }

        @Override
        public InputStream open(Node file) throws IOException {
            if (file.content() == null) {
                throw new IOException("no file that was downloaded: " + FileName.display(file.path()));
            }
            return store.open(file.content());
        }
    }
}
