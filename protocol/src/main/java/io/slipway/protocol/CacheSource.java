package io.slipway.protocol;

/**
 * Where results of steps are looked for that the machine's own cache does not have.
 *
 * @param kind registry or local; what is in an image is in a registry, too
 * @param place name of the cache or image, or the directory's path
 */
public record CacheSource(CacheKind kind, String place) {

    /**
     * Reads {@code REF}, {@code type=registry,ref=REF} or {@code type=local,src=DIR}, as other builders have them.
     *
     * @throws InvalidCacheException if it is none of them
     */
    public static CacheSource parse(String text) {
        CacheFields fields = CacheFields.of(text);
        CacheSource source = switch (fields.kind()) {
            case REGISTRY -> new CacheSource(CacheKind.REGISTRY, fields.require("ref"));
            case LOCAL -> new CacheSource(CacheKind.LOCAL, fields.require("src"));
            case INLINE ->
                throw new InvalidCacheException(
                        "type=inline says where a cache goes, not where it comes from",
                        "name the image: type=registry,ref=REF");
        };
        fields.requireNoMore();
        return source;
    }
}
