package io.slipway.db;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The current row of a result, read by column name. Valid only while its mapper runs. */
public final class Row {
    private final ResultSet results;

    Row(ResultSet results) {
        this.results = results;
    }

    /** Text that is not null. */
    public String text(String column) {
        return required(column, textOrNull(column));
    }

    /** Text or null. */
    public @Nullable String textOrNull(String column) {
        return get(() -> results.getString(column));
    }

    /** An integer that is not null. */
    public int integer(String column) {
        return required(column, integerOrNull(column));
    }

    /** An integer or null. */
    public @Nullable Integer integerOrNull(String column) {
        return get(() -> results.getObject(column, Integer.class));
    }

    /** A 64-bit integer that is not null. */
    public long number(String column) {
        return required(column, numberOrNull(column));
    }

    /** A 64-bit integer or null. */
    public @Nullable Long numberOrNull(String column) {
        return get(() -> results.getObject(column, Long.class));
    }

    /** A number that is not null, as the nearest double. */
    public double decimal(String column) {
        return required(column, decimalOrNull(column));
    }

    /** A number as the nearest double, or null. */
    public @Nullable Double decimalOrNull(String column) {
        return get(() -> {
            double value = results.getDouble(column);
            return results.wasNull() ? null : (Double) value;
        });
    }

    /** A truth value that is not null. */
    public boolean flag(String column) {
        return required(column, get(() -> results.getObject(column, Boolean.class)));
    }

    /** A time that is not null. */
    public Instant time(String column) {
        return required(column, timeOrNull(column));
    }

    /** A time or null. */
    public @Nullable Instant timeOrNull(String column) {
        OffsetDateTime time = get(() -> results.getObject(column, OffsetDateTime.class));
        return time == null ? null : time.toInstant();
    }

    /** Bytes that are not null. */
    public byte[] bytes(String column) {
        return required(column, bytesOrNull(column));
    }

    /** Bytes or null. */
    public byte @Nullable [] bytesOrNull(String column) {
        return get(() -> results.getBytes(column));
    }

    /** A {@code text[]} that is not null. */
    public List<String> texts(String column) {
        Array array = required(column, get(() -> results.getArray(column)));
        return List.of(required(column, get(() -> (String[]) array.getArray())));
    }

    private static <T> T required(String column, @Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("column " + column + " is null");
        }
        return value;
    }

    private static <T> @Nullable T get(Getter<T> getter) {
        try {
            return getter.get();
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    private interface Getter<T> {
        @Nullable
        T get() throws SQLException;
    }
}
