package io.slipway.worker.copy;

import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.snapshot.EntrySink;
import io.slipway.worker.snapshot.SnapshotStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The layer that a copy comes to, before any byte is read. Immutable; may be written several times, also at once.
 *
 * @param entries what the layer holds, parents before what is in them
 * @param remarks what is to be said of it
 */
public record CopyPlan(List<Planned> entries, List<Remark> remarks) {
    public CopyPlan {
        entries = List.copyOf(entries);
        remarks = List.copyOf(remarks);
    }

    /** Opens a file's content. */
    @FunctionalInterface
    public interface Content {
        /** The content of what is no file, and of empty files. */
        Content NONE = InputStream::nullInputStream;

        /** The caller closes the stream. */
        InputStream open() throws IOException;
    }

    /**
     * One entry of the layer.
     *
     * @param entry what it is, under its name in the image
     */
    public record Planned(TarEntry entry, Content content) {}

    /**
     * The plan as entries.
     *
     * @param times what to make of modification times
     */
    public SnapshotStore.EntrySource entries(UnaryOperator<Instant> times) {
        return sink -> writeTo(sink, times);
    }

    private void writeTo(EntrySink sink, UnaryOperator<Instant> times) throws IOException {
        for (Planned planned : entries) {
            TarEntry entry = planned.entry();
            try (InputStream content = planned.content().open()) {
                sink.add(entry.withMtime(times.apply(entry.mtime())), content);
            }
        }
    }
}
