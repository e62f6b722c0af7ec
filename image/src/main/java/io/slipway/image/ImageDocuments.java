package io.slipway.image;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads and writes manifests, indexes and image configs as JSON.
 *
 * <p>Unknown fields are ignored on reading, so a document must be stored and passed on as the bytes that were received:
 * writing what was read gives other bytes and another digest. What is read here is checked: every required field is
 * there, sizes are not negative, and a document is not two things at once (CVE-2021-41190).
 *
 * <p>Thread-safe; all static.
 */
public final class ImageDocuments {
    /** The most bytes of a manifest or index: what registries accept (OCI distribution specification 1.1, "Pushing Manifests"). */
    public static final int MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

    /** The most bytes of an image config. */
    public static final int MAX_CONFIG_BYTES = 8 * 1024 * 1024;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .build();

    /** Docker writes Cmd and Entrypoint of very old images as one string. */
    private static final ObjectReader CONFIG =
            MAPPER.readerFor(ImageConfig.class).with(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY);

    private ImageDocuments() {}

    /**
     * Reads a manifest, OCI or Docker schema 2.
     *
     * @throws ImageDocumentException if it is too large, not JSON, an index, Docker schema 1, or incomplete
     */
    public static Manifest readManifest(byte[] json) throws ImageDocumentException {
        JsonNode tree = readTree(json, "manifest", MAX_MANIFEST_BYTES);
        if (tree.has("manifests")) {
            throw new ImageDocumentException("the manifest is an index, or says that it is both", null);
        }
        Manifest manifest = convert(tree, Manifest.class, "manifest");
        require(manifest.schemaVersion() == 2, "the manifest has no schemaVersion 2");
        require(manifest.config() != null, "the manifest has no config");
        requireComplete(manifest.config(), "the manifest's config");
        require(tree.has("layers"), "the manifest's layers are missing");
        requireAll(manifest.layers(), "the manifest's layers");
        return manifest;
    }

    /**
     * Reads an image index or Docker manifest list.
     *
     * @throws ImageDocumentException if it is too large, not JSON, a manifest, or incomplete
     */
    public static Index readIndex(byte[] json) throws ImageDocumentException {
        JsonNode tree = readTree(json, "index", MAX_MANIFEST_BYTES);
        if (tree.has("config") || tree.has("layers")) {
            throw new ImageDocumentException("the index is a manifest, or says that it is both", null);
        }
        Index index = convert(tree, Index.class, "index");
        require(index.schemaVersion() == 2, "the index has no schemaVersion 2");
        requireAll(index.manifests(), "the index's manifests");
        return index;
    }

    /**
     * Reads an image config.
     *
     * @throws ImageDocumentException if it is too large, not JSON, or incomplete
     */
    public static ImageConfig readConfig(byte[] json) throws ImageDocumentException {
        requireSize(json, "image config", MAX_CONFIG_BYTES);
        ImageConfig config;
        try {
            config = CONFIG.readValue(json);
        } catch (JacksonException e) {
            throw malformed("image config", e);
        }
        require(config != null, "the image config is empty");
        require(config.architecture() != null && config.os() != null, "the image config names no architecture or os");
        require(
                config.rootfs() != null && config.rootfs().diffIds() != null,
                "the image config has no rootfs.diff_ids");
        for (Digest diffId : config.rootfs().diffIds()) {
            require(diffId != null, "the image config has an empty diff ID");
        }
        return config;
    }

    /**
     * The media type of a manifest or index, from the document itself; the type that a registry gave in its header is the
     * fallback for documents without one (OCI documents before 1.1 and none of Docker's).
     *
     * @param declared the type of the Content-Type header without parameters, or null
     * @throws ImageDocumentException if it is none of the four types that Slipway reads; Docker schema 1 is refused by name
     */
    public static String mediaType(byte[] json, @Nullable String declared) throws ImageDocumentException {
        JsonNode tree = readTree(json, "manifest", MAX_MANIFEST_BYTES);
        JsonNode own = tree.get("mediaType");
        String type = own != null && own.isString() ? own.asString() : declared;
        if (tree.path("schemaVersion").asInt(0) == 1 || tree.has("fsLayers")) {
            throw new ImageDocumentException(
                    "the image has a Docker schema 1 manifest, which is too old to be read; push it again with a current tool",
                    null);
        }
        if (type != null) {
            String plain = type.toLowerCase(Locale.ROOT);
            if (isIndex(plain) || isManifest(plain)) {
                return plain;
            }
        }
        if (own == null && tree.has("manifests")) {
            return MediaType.OCI_INDEX;
        }
        if (own == null && tree.has("config") && tree.has("layers")) {
            return MediaType.OCI_MANIFEST;
        }
        throw new ImageDocumentException("not an image but " + (type == null ? "an unknown document" : type), null);
    }

    /** Whether the type is an image index or Docker manifest list. */
    public static boolean isIndex(String mediaType) {
        return mediaType.equals(MediaType.OCI_INDEX) || mediaType.equals(MediaType.DOCKER_MANIFEST_LIST);
    }

    /** Whether the type is an image manifest, OCI or Docker schema 2. */
    public static boolean isManifest(String mediaType) {
        return mediaType.equals(MediaType.OCI_MANIFEST) || mediaType.equals(MediaType.DOCKER_MANIFEST);
    }

    /** The document as compact JSON, always the same bytes for the same document. */
    public static byte[] write(Manifest manifest) {
        return MAPPER.writeValueAsBytes(manifest);
    }

    /** The document as compact JSON, always the same bytes for the same document. */
    public static byte[] write(Index index) {
        return MAPPER.writeValueAsBytes(index);
    }

    /** The document as compact JSON, always the same bytes for the same document. */
    public static byte[] write(ImageConfig config) {
        return MAPPER.writeValueAsBytes(config);
    }

    private static JsonNode readTree(byte[] json, String what, int limit) throws ImageDocumentException {
        requireSize(json, what, limit);
        JsonNode tree;
        try {
            tree = MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw malformed(what, e);
        }
        require(tree.isObject(), "the " + what + " is not a JSON object");
        return tree;
    }

    private static <T> T convert(JsonNode tree, Class<T> type, String what) throws ImageDocumentException {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JacksonException e) {
            throw malformed(what, e);
        }
    }

    private static ImageDocumentException malformed(String what, JacksonException e) {
        StringBuilder place = new StringBuilder();
        for (JacksonException.Reference reference : e.getPath()) {
            String name = reference.getPropertyName();
            place.append(name == null ? "[" + reference.getIndex() + "]" : (place.isEmpty() ? "" : ".") + name);
        }
        String where = place.isEmpty() ? "" : " (at " + place + ")";
        return new ImageDocumentException("the " + what + " can't be read: " + e.getOriginalMessage() + where, e);
    }

    private static void requireSize(byte[] json, String what, int limit) throws ImageDocumentException {
        require(json.length <= limit, "the " + what + " has more than " + limit + " bytes");
    }

    @SuppressWarnings("NullAway") // Jackson fills records from outside: what the type says can't be null can be
    private static void requireAll(@Nullable List<Descriptor> descriptors, String what) throws ImageDocumentException {
        require(descriptors != null, what + " are missing");
        for (Descriptor descriptor : descriptors) {
            require(descriptor != null, what + " contain null");
            requireComplete(descriptor, "one of " + what);
        }
    }

    private static void requireComplete(Descriptor descriptor, String what) throws ImageDocumentException {
        require(descriptor.mediaType() != null, what + " has no mediaType");
        require(descriptor.digest() != null, what + " has no digest");
        require(descriptor.size() >= 0, what + " has a negative size");
    }

    private static void require(boolean holds, String message) throws ImageDocumentException {
        if (!holds) {
            throw new ImageDocumentException(message, null);
        }
    }
}
