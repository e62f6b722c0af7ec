package io.slipway.bench.load;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** How long many calls took. Thread-safe while they are added. */
final class Latencies {
    private final long[] nanos;
    private final java.util.concurrent.atomic.AtomicInteger count = new java.util.concurrent.atomic.AtomicInteger();
    private final LongAdder total = new LongAdder();

    /** @param most how many are kept; later ones are only counted */
    Latencies(int most) {
        this.nanos = new long[most];
    }

    void add(long duration) {
        int index = count.getAndIncrement();
        if (index < nanos.length) {
            nanos[index] = duration;
        }
        total.add(duration);
    }

    int count() {
        return count.get();
    }

    /** Median and 99th percentile in milliseconds, as two cells of a Markdown table. */
    String cells() {
        return String.format(Locale.ROOT, "%.2f ms | %.2f ms", percentile(50) / 1e6, percentile(99) / 1e6);
    }

    /** The smallest that at least {@code percent} of all are not longer than, in nanoseconds. */
    private long percentile(int percent) {
        int known = Math.min(count.get(), nanos.length);
        if (known == 0) {
            return 0;
        }
        long[] sorted = Arrays.copyOf(nanos, known);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(known * percent / 100.0) - 1)];
    }
}
