package io.slipway.db.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What somebody may do within a project. Each may do all that the ones before it may. */
public enum Role {
    /** Reads builds, logs and images. */
    VIEWER,
    /** Submits and cancels builds, too, and sends their contexts. */
    BUILDER,
    /** Manages what builds use and what starts them, too: cache mounts, triggers. */
    MAINTAINER,
    /** Manages who may do what, too: tokens and identities. */
    ADMIN;

    /** Whether who has this role may do what {@code needed} may. */
    public boolean includes(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** The higher of both. */
    public Role or(Role other) {
        return includes(other) ? this : other;
    }

    /** The name in the API and in the database. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of that name, or empty. */
    public static Optional<Role> parse(String wireName) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(wireName))
                .findFirst();
    }

    static Role stored(String wireName) {
        return parse(wireName).orElseThrow(() -> new IllegalStateException("no role: " + wireName));
    }
}
