package io.slipway.api.dockerfile;

import io.slipway.api.problem.QueryText;
import io.slipway.dockerfile.outline.OutlineRequest;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options in a query. The servlet's own parameters are not asked: they would read a form-like body, too. */
final class CheckQuery {
    private final Map<String, String> single = new LinkedHashMap<>();
    private final Map<String, String> buildArguments = new LinkedHashMap<>();
    private final Set<String> contexts = new LinkedHashSet<>();

    /**
     * @param query a raw query string that {@link io.slipway.api.problem.KnownParameters} has let through, or null
     */
    CheckQuery(@Nullable String query) {
        for (String parameter : query == null ? new String[0] : query.split("&")) {
            String[] parts = parameter.split("=", 2);
            String name = QueryText.decoded(parts[0]);
            String value = parts.length == 1 ? "" : QueryText.decoded(parts[1]);
            if (name.equals("buildArg")) {
                addArgument(value);
            } else if (name.equals("buildContext")) {
                contexts.add(value.split("=", 2)[0]); // a value may follow, as for a build
            } else if (!name.isEmpty()) {
                single.put(name, value);
            }
        }
    }

    OutlineRequest options() {
        return CheckOptions.of(single.get("target"), buildArguments, single.get("platform"), contexts, null);
    }

    /** In which project, or null. */
    @Nullable
    String project() {
        return single.get("project");
    }

    private void addArgument(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw CheckOptions.invalid(
                    "buildArg", "A buildArg is not of the form NAME=VALUE.", "write buildArg=NAME=VALUE");
        }
        String name = text.substring(0, equals);
        if (buildArguments.put(name, text.substring(equals + 1)) != null) {
            throw CheckOptions.invalid("buildArg", "buildArg " + name + " is given more than once.", null);
        }
    }
}
