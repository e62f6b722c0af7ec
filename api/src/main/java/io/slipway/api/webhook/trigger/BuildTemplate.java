package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.image.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The options of a trigger's builds, as {@code POST /v1/builds} takes them as JSON, with templates where an event has something to say: in tags, in the
 * values of build arguments, labels and annotations, in names of caches, and in the key under which newer builds supersede older ones. What an event
 * has nothing to say for is left out. Immutable.
 */
public final class BuildTemplate {
    private static final String TAG = "tag";
    private static final List<String> PAIRS = List.of("buildArg", "label", "annotation");
    private static final List<String> CACHES = List.of("cacheFrom", "cacheTo");
    private static final String SUPERSEDES = "supersedes";

    /** What the option {@code supersedes} takes. */
    private static final int MOST_KEY = 255;

    /** What the commits of strangers don't get: whatever is in their Dockerfile could give it away, or write with it. */
    private static final List<String> NOT_FOR_FORKS = List.of("secret", "ssh", "registryAuth", "cacheTo");

    private final ObjectNode options;
    private final List<ImageName> tags;
    private final Map<String, Map<String, Template>> pairs;
    private final Map<String, List<Template>> caches;
    private final @Nullable Template supersedes;

    private BuildTemplate(
            ObjectNode options,
            List<ImageName> tags,
            Map<String, Map<String, Template>> pairs,
            Map<String, List<Template>> caches,
            @Nullable Template supersedes) {
        this.options = options;
        this.tags = List.copyOf(tags);
        this.pairs = Map.copyOf(pairs);
        this.caches = Map.copyOf(caches);
        this.supersedes = supersedes;
    }

    /**
     * Reads the templates. What else the options are is checked once they are filled.
     *
     * @param options not changed
     * @throws io.slipway.api.problem.ProblemException if a template is none
     */
    static BuildTemplate read(ObjectNode options) {
        if (options.has("project")) {
            throw BodyFields.invalid(
                    "build.project",
                    "The field build.project is there: the builds of a trigger are of its own project.",
                    "leave it out");
        }
        Map<String, Map<String, Template>> pairs = new LinkedHashMap<>();
        for (String option : PAIRS) {
            if (options.get(option) instanceof ObjectNode object) {
                Map<String, Template> templates = new LinkedHashMap<>();
                object.properties().forEach(pair -> {
                    if (pair.getValue().isString()) {
                        templates.put(
                                pair.getKey(),
                                Template.parse(
                                        "build." + option + "." + pair.getKey(),
                                        pair.getValue().stringValue()));
                    }
                });
                pairs.put(option, templates);
            }
        }
        Map<String, List<Template>> caches = new LinkedHashMap<>();
        for (String option : CACHES) {
            if (options.has(option)) {
                caches.put(
                        option,
                        texts(options.get(option)).stream()
                                .map(text -> cache("build." + option, text))
                                .toList());
            }
        }
        List<ImageName> tags = texts(options.path(TAG)).stream()
                .map(text -> ImageName.parse("build.tag", text))
                .toList();
        JsonNode key = options.path(SUPERSEDES);
        Template supersedes = key.isString() ? Template.parse("build." + SUPERSEDES, key.stringValue()) : null;
        return new BuildTemplate(options.deepCopy(), tags, pairs, caches, supersedes);
    }

    private static Template cache(String field, String text) {
        Template template = Template.parse(field, text);
        if (!template.isPlain() && template.head().indexOf('/') < 0) {
            throw BodyFields.invalid(
                    field,
                    "The template " + field + " lets the event choose the registry: " + text + ".",
                    "write the registry's host, such as registry.example/app:cache-{branch}");
        }
        return template;
    }

    /** One text or several; what is neither is found wrong when the options are checked. */
    private static List<String> texts(@Nullable JsonNode value) {
        if (value == null) {
            return List.of();
        }
        if (value.isString()) {
            return List.of(value.stringValue());
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode element : value) {
            if (element.isString()) {
                texts.add(element.stringValue());
            }
        }
        return texts;
    }

    private static boolean areTexts(@Nullable JsonNode value) {
        return value != null
                && (value.isString() || (value.isArray() && texts(value).size() == value.size()));
    }

    /** Whether the Dockerfile is one of the options, and no file of the repository. */
    public boolean hasDockerfile() {
        return options.hasNonNull("dockerfileInline");
    }

    /**
     * The options for an event, as JSON, unchecked. Those of a fork's commit have no secrets, push nothing, and share caches with
     * those of the same pull request only.
     *
     * @param event with its whole commit id
     * @param repository full name of the repository
     * @param project the trigger's
     * @param trigger its id
     */
    public ObjectNode fill(HostEvent event, @Nullable String repository, String project, String trigger) {
        Function<Placeholder, @Nullable String> values = placeholder -> placeholder.of(event, repository);
        ObjectNode filled = options.deepCopy();
        if (areTexts(options.get(TAG))) {
            ArrayNode filledTags = filled.putArray(TAG);
            tags.forEach(tag -> add(filledTags, tag.fill(values)));
        }
        pairs.forEach((option, templates) -> {
            if (filled.get(option) instanceof ObjectNode object) {
                templates.forEach((name, template) -> {
                    String value = template.fill(values);
                    if (value == null) {
                        object.remove(name);
                    } else {
                        object.put(name, value);
                    }
                });
            }
        });
        caches.forEach((option, templates) -> {
            if (areTexts(options.get(option))) {
                ArrayNode filledCaches = filled.putArray(option);
                templates.forEach(template ->
                        add(filledCaches, template.fill(placeholder -> ImageName.tagPart(values.apply(placeholder)))));
            }
        });
        HostEvent.PullRequest request = event.pullRequest();
        if (supersedes != null) {
            filled.remove(SUPERSEDES);
            String key = supersedes.fill(values);
            if (key != null) {
                filled.put(SUPERSEDES, key(key, request));
            }
        }
        if (request != null && request.fork()) {
            filled.remove(NOT_FOR_FORKS);
            filled.put("push", false);
            filled.put("projectCredentials", false);
            withoutCredentials(filled.get("buildContext"));
            filled.put("cacheScope", "fork." + trigger + "." + scopePart(request.number()));
        }
        return filled.put("project", project);
    }

    /** Numbers as they are; what a generic sender has in their place may be anything. */
    private static String scopePart(String number) {
        return number.matches("[0-9]{1,20}")
                ? number
                : Digest.of(number.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    }

    /** Named contexts are what the Dockerfile reads: what the trigger may fetch of them is not for a stranger's. */
    private static void withoutCredentials(@Nullable JsonNode contexts) {
        if (!(contexts instanceof ObjectNode all)) {
            return;
        }
        for (String name : List.copyOf(all.propertyNames())) {
            JsonNode context = all.get(name);
            if (context.isString()) {
                all.put(name, withoutUser(context.stringValue()));
            }
            for (JsonNode source : context) {
                if (source instanceof ObjectNode fields) {
                    fields.remove(List.of("username", "password"));
                    if (fields.path("url").isString()) {
                        fields.put("url", withoutUser(fields.path("url").stringValue()));
                    }
                }
            }
        }
    }

    /** Who asks and with which word is before the host; a query may be a signature. */
    private static String withoutUser(String url) {
        return url.replaceFirst("(?i)^(https?://)[^/?#]*@", "$1").replaceFirst("(?i)^(https?://[^?#]*)\\?[^#]*", "$1");
    }

    /**
     * A fork's branch may have any name, also that of a branch of the repository: its builds take each other's places only, within their pull
     * request.
     */
    private static String key(String filled, HostEvent.@Nullable PullRequest request) {
        String key =
                request != null && request.fork() ? "fork of pull request " + request.number() + ": " + filled : filled;
        return ImageName.limited(key, key, MOST_KEY);
    }

    private static void add(ArrayNode array, @Nullable String value) {
        if (value != null) {
            array.add(value);
        }
    }
}
