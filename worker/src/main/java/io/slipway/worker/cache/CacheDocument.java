package io.slipway.worker.cache;

import io.slipway.image.Descriptor;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of steps as JSON: the config of an artifact whose layers are those of the steps, or an annotation of an image's manifest. Equal
 * records give equal bytes.
 *
 * @param version {@link #VERSION}
 */
public record CacheDocument(int version, List<CacheRecord> records) {
    /** The type of the artifact (OCI image specification 1.1, manifest.md, "Guidelines for Artifact Usage"). */
    public static final String ARTIFACT_TYPE = "application/vnd.slipway.cache.v1";

    /** The type of its config, which is this document. */
    public static final String CONFIG_TYPE = "application/vnd.slipway.cache.config.v1+json";

    /** The annotation that this document is in a manifest. */
    public static final String ANNOTATION = "io.slipway.cache.v1";

    /** The only version there is: another way to make keys needs none, it only finds nothing. */
    private static final int VERSION = 1;

    /** The most bytes of a document. */
    public static final int MOST_BYTES = 8 * 1024 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** The records, each once, in an order that depends on nothing else. */
    public static CacheDocument of(List<CacheRecord> records) {
        return new CacheDocument(
                VERSION,
                records.stream()
                        .sorted(Comparator.comparing(
                                        (CacheRecord record) -> record.step().hex())
                                .thenComparing(record -> record.on().hex()))
                        .distinct()
                        .toList());
    }

    /** As JSON. */
    public byte[] write() {
        return MAPPER.writeValueAsBytes(this);
    }

    /**
     * Reads a document that somebody else may have written.
     *
     * @throws IOException if it is none
     */
    public static CacheDocument read(byte[] json) throws IOException {
        if (json.length > MOST_BYTES) {
            throw new IOException("it has more than " + MOST_BYTES + " bytes");
        }
        CacheDocument document;
        try {
            document = MAPPER.readValue(json, CacheDocument.class);
        } catch (JacksonException e) {
            throw new IOException("it can't be read: " + e.getOriginalMessage(), e);
        }
        if (document == null || document.version() != VERSION || document.records() == null) {
            throw new IOException("it is of another version of Slipway");
        }
        for (CacheRecord record : document.records()) {
            if (!isWhole(record)) {
                throw new IOException("one of its records is not whole");
            }
        }
        return document;
    }

    /** It becomes a time of the image. */
    private static boolean isTime(String text) {
        try {
            return Instant.parse(text).isAfter(Instant.MIN);
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    @SuppressWarnings("NullAway") // Jackson fills records from outside: what the type says can't be null can be
    private static boolean isWhole(@Nullable CacheRecord record) {
        if (record == null || record.step() == null || record.on() == null || record.result() == null) {
            return false;
        }
        CachedStep result = record.result();
        Descriptor layer = result.layer();
        CachedStep.ByContent byContent = result.byContent();
        return result.diffId() != null
                && (byContent == null || (byContent.step() != null && byContent.content() != null))
                && result.created() != null
                && isTime(result.created())
                && layer != null
                && layer.mediaType() != null
                && layer.digest() != null
                && layer.size() >= 0;
    }
}
