package io.slipway.api.storage;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.slipway.protocol.storage.StorageReport;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/** Gauges of the store, as it was when it was measured last: asking for metrics measures nothing. */
@Component
final class StorageMetrics implements MeterBinder {
    private static final String USED = "Bytes on the disk by kind, when the store was measured last";

    private final StorageKeeper keeper;
    private final Path home;

    StorageMetrics(StorageKeeper keeper, io.slipway.api.SlipwayProperties properties) {
        this.keeper = keeper;
        this.home = properties.home();
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        usage(meters, "layers", report -> report.usage().layers());
        usage(meters, "snapshots", report -> report.usage().snapshots());
        usage(meters, "cache-records", report -> report.usage().cacheRecords());
        usage(meters, "cache-mounts", report -> report.usage().cacheMounts());
        usage(meters, "downloads", report -> report.usage().downloads());
        usage(meters, "contexts", report -> report.usage().contexts());
        usage(meters, "work", report -> report.usage().work());
        Gauge.builder("slipway.storage.used", this::uploadBytes)
                .description(USED)
                .tag("kind", "uploads")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("slipway.storage.reclaimable", () -> of(StorageReport::reclaimableBytes))
                .description("Bytes that a collection could remove, when the store was measured last")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("slipway.storage.disk.free", () -> home.toFile().getUsableSpace())
                .description("Bytes that the store's disk has free")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("slipway.storage.disk.size", () -> home.toFile().getTotalSpace())
                .description("Bytes of the store's disk")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("slipway.storage.collection.freed", () -> {
                    Collection last = keeper.lastCollection();
                    return last == null ? Double.NaN : last.freedBytes();
                })
                .description("Bytes that the last collection removed")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("slipway.storage.collection.time", () -> {
                    Collection last = keeper.lastCollection();
                    return last == null ? Double.NaN : last.finishedAt().toEpochMilli() / 1000.0;
                })
                .description("When the last collection ended, in seconds since 1970")
                .baseUnit("seconds")
                .register(meters);
    }

    private void usage(MeterRegistry meters, String kind, ToLongFunction<StorageReport> bytes) {
        Gauge.builder("slipway.storage.used", () -> of(bytes))
                .description(USED)
                .tag("kind", kind)
                .baseUnit("bytes")
                .register(meters);
    }

    private double uploadBytes() {
        StorageKeeper.Measured last = keeper.last();
        return last == null ? Double.NaN : last.uploadBytes();
    }

    private double of(ToLongFunction<StorageReport> bytes) {
        StorageKeeper.Measured last = keeper.last();
        return last == null ? Double.NaN : bytes.applyAsLong(last.report());
    }
}
