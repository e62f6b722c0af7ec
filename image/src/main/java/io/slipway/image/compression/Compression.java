package io.slipway.image.compression;

import io.slipway.image.MediaType;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How a layer is compressed.
 *
 * @param algorithm the format
 * @param level the format's own level (gzip 0 to 9, zstd 1 to 19), or {@link #DEFAULT_LEVEL}; ignored for {@code NONE}
 */
public record Compression(Algorithm algorithm, int level) {
    /** "The level that is usually best": what {@link #gzip()} and {@link #zstd()} have. */
    public static final int DEFAULT_LEVEL = -1;

    static final int DEFAULT_ZSTD_LEVEL = 3;

    private static final Map<Compression, String> FINGERPRINTS = new ConcurrentHashMap<>();

    /** The formats that layers are written in. */
    public enum Algorithm {
        NONE(MediaType.OCI_LAYER, MediaType.DOCKER_LAYER, 0, Integer.MAX_VALUE),
        GZIP(MediaType.OCI_LAYER_GZIP, MediaType.DOCKER_LAYER_GZIP, 0, 9),
        ZSTD(MediaType.OCI_LAYER_ZSTD, null, 1, 19);

        private final String ociLayer;
        private final @Nullable String dockerLayer;
        private final int leastLevel;
        private final int mostLevel;

        Algorithm(String ociLayer, @Nullable String dockerLayer, int leastLevel, int mostLevel) {
            this.ociLayer = ociLayer;
            this.dockerLayer = dockerLayer;
            this.leastLevel = leastLevel;
            this.mostLevel = mostLevel;
        }

        /** The lowest level there is. */
        public int leastLevel() {
            return leastLevel;
        }

        /** The highest level there is. */
        public int mostLevel() {
            return mostLevel;
        }

        /**
         * The media type of a layer in this format.
         *
         * @param docker whether the manifest has Docker's media types rather than OCI's
         * @throws IllegalArgumentException for zstd with Docker's media types: Docker image manifest V2, schema 2 has none,
         *     and what some tools write there others refuse
         */
        public String mediaType(boolean docker) {
            if (!docker) {
                return ociLayer;
            }
            if (dockerLayer == null) {
                throw new IllegalArgumentException(
                        "Docker's image format has no zstd layers: choose the OCI format or gzip");
            }
            return dockerLayer;
        }
    }

    public Compression {
        int min = algorithm.leastLevel();
        int max = algorithm.mostLevel();
        if (level != DEFAULT_LEVEL && (level < min || level > max)) {
            throw new IllegalArgumentException("the level of %s is %d to %d, not %d"
                    .formatted(algorithm.name().toLowerCase(Locale.ROOT), min, max, level));
        }
    }

    /** Layers as they are. */
    public static Compression none() {
        return new Compression(Algorithm.NONE, DEFAULT_LEVEL);
    }

    /** Gzip at the default level. */
    public static Compression gzip() {
        return new Compression(Algorithm.GZIP, DEFAULT_LEVEL);
    }

    /** Zstandard at the default level. */
    public static Compression zstd() {
        return new Compression(Algorithm.ZSTD, DEFAULT_LEVEL);
    }

    /**
     * Starts compressing to {@code out}. What comes out depends on this value, on the bytes that go in and on
     * {@link #fingerprint()}, never on the number of processors or on how the bytes were cut into writes.
     *
     * @param out written to by the thread that writes to the compressor, in its {@code write} and {@code finish}; never
     *     closed
     * @return to be finished and closed by the caller
     */
    public Compressor compress(OutputStream out) throws IOException {
        return switch (algorithm) {
            case NONE -> new PlainCompressor(out);
            case GZIP -> new GzipCompressor(out, BlockDeflater.forLevel(level), CompressionThreads.shared());
            case ZSTD ->
                new ZstdCompressor(
                        out, level == DEFAULT_LEVEL ? DEFAULT_ZSTD_LEVEL : level, CompressionThreads.shared());
        };
    }

    /**
     * What compresses here, as a short string: format, library, level and the beginning of the digest of a fixed text when
     * compressed so. Machines with the same fingerprint make the same bytes; another library, another version of it, or
     * other instructions of the processor can make others, all of them right. Belongs into what a cached layer is
     * recorded with.
     */
    public String fingerprint() {
        return FINGERPRINTS.computeIfAbsent(this, Fingerprint::of);
    }
}
