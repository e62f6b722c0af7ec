package io.slipway.api.dockerfile;

import io.slipway.api.problem.JsonObjects;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.UnknownName;
import io.slipway.dockerfile.outline.OutlineRequest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The Dockerfile and the options in a JSON object. */
final class CheckFields {
    private static final List<String> NAMES =
            List.of("dockerfile", "target", "buildArg", "platform", "buildContext", "ignore", "project");

    private static final String NOT_NAMES = "buildContext must be an array of names, or an object as for a build.";

    private final ObjectNode object;

    /**
     * @throws ProblemException if it has a field that is not known
     */
    CheckFields(ObjectNode object) {
        this.object = object;
        for (String name : object.propertyNames()) {
            if (!NAMES.contains(name)) {
                UnknownName unknown = UnknownName.of("field", name, NAMES);
                throw new ProblemException(ProblemType.PARAMETER_UNKNOWN, unknown.message())
                        .with("parameter", name)
                        .with("hint", unknown.hint());
            }
        }
    }

    byte[] dockerfile() {
        String text = text("dockerfile");
        if (text == null) {
            throw CheckOptions.invalid("dockerfile", "The field dockerfile is missing.", "it is the Dockerfile's text");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    OutlineRequest options() {
        return CheckOptions.of(text("target"), buildArguments(), text("platform"), contexts(), text("ignore"));
    }

    /** In which project, or null. */
    @Nullable
    String project() {
        String project = text("project");
        if (project != null && !JsonObjects.isText(project)) {
            throw CheckOptions.invalid("project", "project is no name of a project.", null);
        }
        return project;
    }

    /** Names alone, or with what they stand for in a build. */
    private Set<String> contexts() {
        JsonNode value = object.get("buildContext");
        if (value == null) {
            return Set.of();
        }
        if (value instanceof ObjectNode named) {
            return new LinkedHashSet<>(named.propertyNames());
        }
        Set<String> names = new LinkedHashSet<>();
        if (!value.isArray()) {
            throw CheckOptions.invalid("buildContext", NOT_NAMES, null);
        }
        for (JsonNode name : value) {
            if (!name.isString()) {
                throw CheckOptions.invalid("buildContext", NOT_NAMES, null);
            }
            names.add(name.stringValue());
        }
        return names;
    }

    private @Nullable String text(String name) {
        JsonNode value = object.get(name);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            throw CheckOptions.invalid(name, name + " must be a text.", null);
        }
        return value.stringValue();
    }

    private Map<String, String> buildArguments() {
        Map<String, String> arguments = new LinkedHashMap<>();
        JsonNode value = object.get("buildArg");
        if (value == null) {
            return arguments;
        }
        if (!(value instanceof ObjectNode pairs)) {
            throw CheckOptions.invalid("buildArg", "buildArg must be an object of texts.", null);
        }
        pairs.properties().forEach(pair -> {
            if (!pair.getValue().isString()) {
                throw CheckOptions.invalid("buildArg", "buildArg must be an object of texts.", null);
            }
            arguments.put(pair.getKey(), pair.getValue().stringValue());
        });
        return arguments;
    }
}
