package io.slipway.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Where the results of a build's steps go, besides the machine's own cache.
 *
 * @param place name of the cache, or the directory's path; null if it goes into the image
 * @param all the results of all steps, and not only those of the image's own layers
 * @param mounts the directories of the cache mounts that the build used, too
 * @param required whether the build fails if they can't be written there
 */
public record CacheTarget(CacheKind kind, @Nullable String place, boolean all, boolean mounts, boolean required) {

    /**
     * Reads {@code REF}, {@code type=registry,ref=REF[,mode=min|max][,mounts=true][,ignore-error=false]}, {@code type=inline} or {@code type=local,dest=DIR[,mode=…]},
     * as other builders have them.
     *
     * @throws InvalidCacheException if it is none of them
     */
    public static CacheTarget parse(String text) {
        CacheFields fields = CacheFields.of(text);
        CacheTarget target = switch (fields.kind()) {
            case REGISTRY ->
                new CacheTarget(
                        CacheKind.REGISTRY,
                        fields.require("ref"),
                        fields.choice("mode", "min", "max"),
                        fields.choice("mounts", "false", "true"),
                        fields.choice("ignore-error", "true", "false"));
            case LOCAL ->
                new CacheTarget(
                        CacheKind.LOCAL,
                        fields.require("dest"),
                        fields.choice("mode", "min", "max"),
                        fields.choice("mounts", "false", "true"),
                        fields.choice("ignore-error", "true", "false"));
            case INLINE -> new CacheTarget(CacheKind.INLINE, null, false, false, true);
        };
        fields.requireNoMore();
        return target;
    }
}
