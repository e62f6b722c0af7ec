package io.slipway.api.start;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says in a sentence that the database can't be reached or does not let the service in. Named in {@code META-INF/spring.factories}. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class DatabaseFailureAnalyzer extends AbstractFailureAnalyzer<SQLException> {
    private static final String CONNECTION = "08"; // classes of SQLSTATE (ISO/IEC 9075)
    private static final String AUTHORIZATION = "28";
    private static final String NO_DATABASE = "3D";

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable failure, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        if (!state.startsWith(CONNECTION) && !state.startsWith(AUTHORIZATION) && !state.startsWith(NO_DATABASE)) {
            return null;
        }
        return new FailureAnalysis(
                "The database can't be used: " + cause.getMessage(),
                "Look at spring.datasource.url, spring.datasource.username and spring.datasource.password, and whether"
                        + " that PostgreSQL runs and lets this machine in.",
                cause);
    }
}
