package io.slipway.api.webhook.trigger;

import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What of a trigger's document may be read: all but credentials and secrets, of which {@code confidential} lists where they are. */
final class Redaction {
    static final String CONFIDENTIAL = "confidential";

    /** A URL with user or password, or with a query, which often is a signature. */
    private static final Pattern TELLING = Pattern.compile("://[^/\"]*@|://[^\"]*\\?");

    private Redaction() {}

    /** The part of {@code document} that may be read; the document is not changed. */
    static ObjectNode of(ObjectNode document) {
        ObjectNode shown = document.deepCopy();
        ArrayNode hidden = shown.arrayNode();
        hide(shown.path("repository"), "/repository", "password", hidden);
        hide(shown.path("status"), "/status", "token", hidden);
        hide(shown.path("status").path("checkRun"), "/status/checkRun", "privateKey", hidden);
        JsonNode build = shown.path("build");
        for (String option : List.of("secret", "ssh")) {
            if (build.path(option) instanceof ObjectNode values) {
                hideValues(values, "/build/" + option + "/", hidden);
            }
        }
        for (String host : build.path("registryAuth").propertyNames()) {
            hide(build.path("registryAuth").path(host), "/build/registryAuth/" + escaped(host), "password", hidden);
        }
        if (build.path("buildContext") instanceof ObjectNode contexts) {
            for (String name : List.copyOf(contexts.propertyNames())) {
                String text = contexts.path(name).toString();
                if (TELLING.matcher(text).find() || text.contains("\"password\"")) {
                    contexts.remove(name);
                    hidden.add("/build/buildContext/" + escaped(name));
                }
            }
        }
        shown.set(CONFIDENTIAL, hidden);
        return shown;
    }

    /** All but names of the project's secrets, which anybody in the project may know. */
    private static void hideValues(ObjectNode values, String path, ArrayNode hidden) {
        for (String id : List.copyOf(values.propertyNames())) {
            if (!values.path(id).has("src")) {
                values.remove(id);
                hidden.add(path + escaped(id));
            }
        }
    }

    private static void hide(JsonNode object, String path, String name, ArrayNode hidden) {
        if (object instanceof ObjectNode members && members.remove(name) != null) {
            hidden.add(path + "/" + name);
        }
    }

    /** RFC 6901, section 3. */
    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
