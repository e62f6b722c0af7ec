package io.slipway.api.start;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DatabaseVersionTest {
    @ParameterizedTest
    @CsvSource({
        "PostgreSQL, 15, ",
        "PostgreSQL, 18, ",
        "PostgreSQL, 14, is PostgreSQL 14",
        "MariaDB, 18, is MariaDB 18",
    })
    void anOldPostgresOrAnotherDatabaseIsRefused(String product, int major, @Nullable String reason) {
        StartException refusal = DatabaseVersion.refusal(product, major);
        if (reason == null) {
            assertThat(refusal).isNull();
        } else {
            assertThat(refusal).isNotNull().hasMessageContaining(reason).hasMessageContaining("PostgreSQL 15 or newer");
        }
    }
}
