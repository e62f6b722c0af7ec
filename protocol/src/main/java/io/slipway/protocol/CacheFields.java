package io.slipway.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The fields of a text such as {@code type=registry,ref=REF,mode=max}; what has none is the {@code ref} of a registry. Used by one thread. */
final class CacheFields {
    private static final Set<String> ALL = Set.of("ref", "src", "dest", "mode", "mounts", "ignore-error");

    private final CacheKind kind;
    private final Map<String, String> fields;
    private final Set<String> known = new TreeSet<>(Set.of("type"));

    private CacheFields(CacheKind kind, Map<String, String> fields) {
        this.kind = kind;
        this.fields = fields;
    }

    static CacheFields of(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        if (text.indexOf('=') < 0) {
            fields.put("ref", text);
            return new CacheFields(CacheKind.REGISTRY, fields);
        }
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new InvalidCacheException("\"" + field + "\" has no value", "write name=value, joined by commas");
            }
            if (fields.put(field.substring(0, equals).strip(), field.substring(equals + 1)) != null) {
                throw new InvalidCacheException(field.substring(0, equals) + " is given twice", null);
            }
        }
        return new CacheFields(kind(fields.remove("type")), fields);
    }

    private static CacheKind kind(@Nullable String type) {
        return switch (type) {
            case "registry" -> CacheKind.REGISTRY;
            case "inline" -> CacheKind.INLINE;
            case "local" -> CacheKind.LOCAL;
            case null -> throw new InvalidCacheException("it has no type", "begin with type=registry");
            default ->
                throw new InvalidCacheException(
                        "there is no cache of type " + type, "the types are registry, inline and local");
        };
    }

    CacheKind kind() {
        return kind;
    }

    String require(String name) {
        known.add(name);
        String value = fields.remove(name);
        if (value == null || value.isEmpty()) {
            for (String other : fields.keySet()) {
                if (!ALL.contains(other)) {
                    throw new InvalidCacheException(
                            "it has no " + name + ", and \"" + other + "\" means nothing here", "write " + name + "=…");
                }
            }
            throw new InvalidCacheException("it has no " + name, "add " + name + "=…");
        }
        return value;
    }

    /** Whether it is the second of two words; the first is meant if it is not given. */
    boolean choice(String name, String usual, String other) {
        known.add(name);
        String value = fields.remove(name);
        if (value == null || value.equals(usual)) {
            return false;
        }
        if (!value.equals(other)) {
            throw new InvalidCacheException(name + " is " + usual + " or " + other + ", not \"" + value + "\"", null);
        }
        return true;
    }

    void requireNoMore() {
        if (!fields.isEmpty()) {
            String name = fields.keySet().iterator().next();
            throw new InvalidCacheException(
                    "\"" + name + "\" means nothing here", "what it can have is " + String.join(", ", known));
        }
    }
}
