package io.slipway.api.audit;

import io.slipway.api.problem.NearestName;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.QueryTime;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditFilter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads which entries of the audit log a request asks for. */
final class AuditQuery {
    private AuditQuery() {}

    /**
     * From the query parameters of these names.
     *
     * @throws ProblemException if one of them is not of its form
     */
    static AuditFilter filter(
            @Nullable String project,
            @Nullable String actor,
            @Nullable List<String> actions,
            @Nullable String since,
            @Nullable String until) {
        return new AuditFilter(
                project,
                actor,
                actions == null
                        ? List.of()
                        : actions.stream().map(AuditQuery::action).toList(),
                QueryTime.of("since", since),
                QueryTime.of("until", until));
    }

    private static AuditAction action(String name) {
        return AuditAction.parse(name).orElseThrow(() -> {
            List<String> names = Arrays.stream(AuditAction.values())
                    .map(AuditAction::wireName)
                    .toList();
            return invalid("action", "There is no action `" + name + "`.")
                    .with(
                            "hint",
                            NearestName.of(name, names)
                                    .map(nearest -> "did you mean " + nearest + "?")
                                    .orElse("one of " + String.join(", ", names)));
        });
    }

    private static ProblemException invalid(String parameter, String detail) {
        return new ProblemException(ProblemType.PARAMETER_INVALID, detail).with("parameter", parameter);
    }
}
