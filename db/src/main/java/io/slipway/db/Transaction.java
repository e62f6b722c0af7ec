package io.slipway.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One open transaction: runs SQL with positional parameters and maps rows to values. Parameters may be null, text, numbers,
 * booleans, bytes, {@link Instant}s and lists of text ({@code text[]}). Used by one thread.
 */
public final class Transaction {
    private final Connection connection;
    private final List<Committed> announced = new ArrayList<>();

    Transaction(Connection connection) {
        this.connection = connection;
    }

    /** All rows of a query, mapped. The caller's SQL limits how many that can be. */
    public <T> List<T> list(String sql, Function<Row, T> mapper, @Nullable Object... parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            try (ResultSet results = statement.executeQuery()) {
                List<T> values = new ArrayList<>();
                Row row = new Row(results);
                while (results.next()) {
                    values.add(mapper.apply(row));
                }
                return values;
            }
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    /** The first row of a query, mapped, or empty. */
    public <T> Optional<T> first(String sql, Function<Row, T> mapper, @Nullable Object... parameters) {
        List<T> values = list(sql, mapper, parameters);
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }

    /** Runs an INSERT, UPDATE or DELETE and returns the number of rows it touched. */
    public int update(String sql, @Nullable Object... parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, parameters);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    /** Runs the same statement once per array of parameters, in one round trip, and returns the number of rows it touched. */
    public int batch(String sql, List<@Nullable Object[]> rows) {
        if (rows.isEmpty()) {
            return 0;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] row : rows) {
                bind(statement, row);
                statement.addBatch();
            }
            return Arrays.stream(statement.executeBatch()).sum();
        } catch (SQLException e) {
            throw new DatabaseException(e);
        }
    }

    /** Has those who listen to the database told of something once this is committed; if it never is, they don't hear of it. */
    public void announce(Committed written) {
        announced.add(written);
    }

    /** What was announced. */
    List<Committed> announced() {
        return announced;
    }

    private void bind(PreparedStatement statement, @Nullable Object[] parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            bind(statement, i + 1, parameters[i]);
        }
    }

    private void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        switch (value) {
            case null -> statement.setNull(index, Types.NULL);
            case String text -> statement.setString(index, storable(text));
            case Instant time -> statement.setObject(index, time.atOffset(ZoneOffset.UTC));
            case List<?> texts ->
                statement.setArray(
                        index,
                        connection.createArrayOf(
                                "text",
                                texts.stream()
                                        .map(String::valueOf)
                                        .map(Transaction::storable)
                                        .toArray()));
            default -> statement.setObject(index, value);
        }
    }

    /** Postgres' text can't hold NUL. It comes from Dockerfiles and messages; what was not NUL must still be stored. */
    private static String storable(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }
}
