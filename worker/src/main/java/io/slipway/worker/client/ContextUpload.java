package io.slipway.worker.client;

import io.slipway.image.Digest;
import io.slipway.image.context.ContentId;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.FileStamp;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.JsonNode;

/** Sends a local directory as a manifest, and of its contents those that the service lacks. Used once. */
final class ContextUpload {
    private static final int TRIES = 5;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ServiceClient service;
    private final String project;
    private final PrintStream log;
    private final List<Entry> entries = new ArrayList<>();
    private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();

    /** Of a file also where it is, and, as soon as it is known, what it has in it. */
    private static final class Entry {
        final TarEntry entry;
        final @Nullable Path file;
        final @Nullable FileStamp stamp;

        @Nullable
        ContentId content;

        Entry(TarEntry entry, @Nullable Path file, @Nullable FileStamp stamp) {
            this.entry = entry;
            this.file = file;
            this.stamp = stamp;
        }
    }

    ContextUpload(ServiceClient service, String project, PrintStream log) {
        this.service = service;
        this.project = project;
        this.log = log;
    }

    /**
     * Sends a directory.
     *
     * @param leaveOut whether to leave out an entry, by its clean path in the directory
     * @return the context's id
     */
    String send(Path directory, Predicate<String> leaveOut) throws IOException {
        ContextArchive.list(directory, leaveOut, new ContextArchive.EntrySink() {
            @Override
            public void put(TarEntry entry) {
                entries.add(new Entry(entry, null, null));
            }

            @Override
            public void put(TarEntry entry, Path file, FileStamp stamp) {
                entries.add(new Entry(entry, file, stamp));
            }
        });
        hash(DigestCache.of(directory.toRealPath(), System.getenv()));
        JsonNode context = service.post("/v1/contexts", "application/json", this::writeManifest);
        String id = context.path("id").asString("");
        String files = "/v1/contexts/" + id + "/files";
        for (int attempt = 1; context.path("missing").size() > 0; attempt++) {
            List<String> missing = new ArrayList<>();
            context.path("missing").forEach(digest -> missing.add(digest.asString("")));
            long bytes = context.path("missingBytes").asLong(0);
            log.println("sending " + missing.size() + " of " + count() + " contents, " + UploadProgress.size(bytes));
            UploadProgress progress = new UploadProgress(bytes, System::nanoTime, log);
            try {
                context = service.put(files, "application/x-tar", out -> writeContents(missing, out, progress));
            } catch (ServiceException e) {
                throw e;
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw e;
                }
                // What came whole is there.
                pause(attempt);
                context = service.get("/v1/contexts/" + id);
            }
        }
        return id;
    }

    private static void pause(int attempt) throws IOException {
        try {
            Thread.sleep(PAUSE.multipliedBy(attempt));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private long count() {
        return entries.stream().filter(entry -> entry.file != null).count();
    }

    private void hash(DigestCache cache) throws IOException {
        List<Entry> unknown = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.stamp != null) {
                entry.content = cache.find(entry.entry.name(), entry.stamp);
                if (entry.content == null) {
                    unknown.add(entry);
                }
            }
        }
        Instant now = Instant.now();
        try {
            unknown.parallelStream().forEach(ContextUpload::hash);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Entry entry : unknown) {
            if (entry.stamp != null && entry.content != null) {
                cache.put(entry.entry.name(), entry.stamp, entry.content, now);
            }
        }
        try {
            cache.write();
        } catch (IOException e) {
            log.println("note: what the files have in them can't be remembered for the next time: " + e);
        }
    }

    private static void hash(Entry entry) {
        if (entry.file == null) {
            return;
        }
        MessageDigest hash = Digest.sha256();
        byte[] buffer = new byte[Math.clamp(entry.entry.size() + 1, 512, BUFFER_BYTES)];
        long bytes = 0;
        try (InputStream in = open(entry.file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                hash.update(buffer, 0, count);
                bytes += count;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes != entry.entry.size()) {
            throw new UncheckedIOException(new IOException(entry.file + " was changed while it was read"));
        }
        entry.content = ContentId.read(ByteBuffer.wrap(hash.digest()));
    }

    private static InputStream open(Path file) throws IOException {
        return Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    private void writeManifest(OutputStream out) throws IOException {
        try (JsonGenerator json = WireJson.MAPPER
                .writer()
                .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .createGenerator(out, JsonEncoding.UTF8)) {
            json.writeStartObject();
            json.writeStringProperty("project", project);
            json.writeArrayPropertyStart("entries");
            for (Entry entry : entries) {
                write(entry, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private void write(Entry entry, JsonGenerator json) {
        TarEntry file = entry.entry;
        json.writeStartObject();
        writeName("path", file.name(), json);
        switch (file.type()) {
            case DIRECTORY -> json.writeStringProperty("type", "directory");
            case SYMLINK -> {
                json.writeStringProperty("type", "symlink");
                writeName("target", file.linkName(), json);
            }
            case HARD_LINK -> {
                json.writeStringProperty("type", "hardlink");
                writeName("target", file.linkName(), json);
            }
            case FILE -> {
                json.writeNumberProperty("size", file.size());
                json.writeStringProperty("sha256", String.valueOf(entry.content));
            }
            case FIFO, BLOCK_DEVICE, CHARACTER_DEVICE ->
                throw new IllegalStateException("a context has no " + file.type());
        }
        json.writeStringProperty("mode", Integer.toOctalString(file.mode()));
        json.writeNumberProperty("mtime", file.mtime().getEpochSecond());
        json.writeEndObject();
    }

    /** A name that is not UTF-8 goes as Base64 of its bytes. */
    private void writeName(String field, String name, JsonGenerator json) {
        if (utf8.canEncode(name)) {
            json.writeStringProperty(field, name);
        } else {
            json.writeStringProperty(field + "Base64", Base64.getEncoder().encodeToString(FileName.encode(name)));
        }
    }

    private void writeContents(List<String> missing, OutputStream out, UploadProgress progress) throws IOException {
        Map<String, Entry> files = new HashMap<>();
        for (Entry entry : entries) {
            if (entry.content != null) {
                files.putIfAbsent(entry.content.toString(), entry);
            }
        }
        TarWriter tar = new TarWriter(out);
        for (String digest : missing) {
            Entry entry = files.get(digest);
            if (entry == null || entry.file == null) {
                throw new IOException("the service asks for " + digest + ", which is none of the directory's");
            }
            try (InputStream content = open(entry.file)) {
                tar.put(TarEntry.file(digest, 0600, entry.entry.size()), progress.of(content));
            }
        }
        tar.finish();
    }
}
