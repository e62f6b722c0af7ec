package io.slipway.dockerfile.stage;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map that keeps the order in which its keys came, whose successors share what they have in common: a Dockerfile may set ten
 * thousand variables in as many instructions, and a copy for each would take the product of time and memory.
 */
final class SharingMap<V> {

    /** The entries that most successors share. */
    private final Map<String, V> base;

    /** Newer values of keys of {@link #base}, and newer keys. Small beside it: each successor copies it. */
    private final Map<String, V> changes;

    private SharingMap(Map<String, V> base, Map<String, V> changes) {
        this.base = base;
        this.changes = changes;
    }

    static <V> SharingMap<V> of(Map<String, V> entries) {
        return new SharingMap<>(new LinkedHashMap<>(entries), Map.of());
    }

    @Nullable
    V get(String key) {
        V changed = changes.get(key);
        return changed != null ? changed : base.get(key);
    }

    /** This map with these entries put into it; a key that is there keeps its place. */
    SharingMap<V> with(Map<String, V> entries) {
        if (entries.isEmpty()) {
            return this;
        }
        Map<String, V> next = new LinkedHashMap<>(changes);
        next.putAll(entries);
        // Copying the changes each time and the base now and then costs least when one is about the root of the other.
        return (long) next.size() * next.size() <= base.size()
                ? new SharingMap<>(base, next)
                : new SharingMap<>(merged(next), Map.of());
    }

    /** All entries. */
    Map<String, V> entries() {
        return Collections.unmodifiableMap(changes.isEmpty() ? base : merged(changes));
    }

    private Map<String, V> merged(Map<String, V> newer) {
        Map<String, V> all = new LinkedHashMap<>(base);
        all.putAll(newer);
        return all;
    }
}
