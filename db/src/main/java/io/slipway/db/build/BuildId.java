package io.slipway.db.build;

import io.slipway.db.Row;
import io.slipway.db.SortedIds;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A build's id: {@code bld_} and what {@link SortedIds} makes. Ids of builds sort by age. */
public record BuildId(String value) implements Comparable<BuildId> {
    private static final SortedIds IDS = new SortedIds("bld_");

    /** @throws IllegalArgumentException when {@code value} is not a build's id */
    public BuildId {
        if (!IDS.matches(value)) {
            throw new IllegalArgumentException("not a build id: " + value);
        }
    }

    /** A new id for a build that is created now. */
    public static BuildId create(Instant now) {
        return new BuildId(IDS.create(now));
    }

    /** The id that {@code value} is, or empty when it is none. */
    public static Optional<BuildId> parse(String value) {
        return IDS.matches(value) ? Optional.of(new BuildId(value)) : Optional.empty();
    }

    /** The id in a column, or null. */
    static @Nullable BuildId from(Row row, String column) {
        String id = row.textOrNull(column);
        return id == null ? null : new BuildId(id);
    }

    @Override
    public int compareTo(BuildId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
