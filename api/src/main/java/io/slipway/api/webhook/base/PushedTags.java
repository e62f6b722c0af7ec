package io.slipway.api.webhook.base;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.image.ImageReference;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which tags a registry says that have moved: the notification of the distribution project's registry (distribution.github.io/distribution,
 * "Notifications": media type {@code application/vnd.docker.distribution.events.v2+json}), or an object with {@code references}. What they are said to
 * mean now is not read.
 */
final class PushedTags {
    private static final int MOST = 10_000;

    private final SlipwayProperties properties;
    private final @Nullable String host;
    private final Set<String> references = new LinkedHashSet<>();

    /** @param host what image names call the registry, or null: as it says itself */
    PushedTags(SlipwayProperties properties, @Nullable String host) {
        this.properties = properties;
        this.host = host;
    }

    /**
     * The whole names of the tags.
     *
     * @throws ProblemException if the body is of neither form
     */
    List<String> of(ObjectNode body) {
        JsonNode events = body.path("events");
        JsonNode names = body.path("references");
        if (events.isArray()) {
            events.forEach(this::event);
        } else if (names.isArray()) {
            names.forEach(this::name);
        } else {
            throw new ProblemException(
                            ProblemType.REQUEST_INVALID,
                            "The body has neither the array events of a registry's notification, nor the array references.")
                    .with("hint", "such as {\"references\": [\"registry.example/team/base:1\"]}");
        }
        return List.copyOf(references);
    }

    /** Blobs, digests and what only was pulled move no tag. */
    private void event(JsonNode event) {
        String repository = event.at("/target/repository").asString("");
        String tag = event.at("/target/tag").asString("");
        String told = event.at("/request/host").asString("");
        if (event.path("action").asString("").equals("push") && !tag.isEmpty()) {
            if (host != null) {
                add(host, repository, tag);
            } else {
                add(told, repository, tag);
                addMirrored(told, repository, tag);
            }
        }
    }

    private void name(JsonNode name) {
        try {
            ImageReference reference = ImageReference.parse(name.asString(""));
            if (reference.tag() != null) {
                put(reference.withTag(reference.tag()));
            }
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                            ProblemType.PARAMETER_INVALID, "references has something else: " + e.getMessage())
                    .with("parameter", "references");
        }
    }

    /** What a mirror has, builds know by another name. */
    private void addMirrored(String told, String repository, String tag) {
        for (SlipwayProperties.Registry registry : properties.registries()) {
            for (URI mirror : registry.mirrors()) {
                String prefix = mirror.getPath().replaceAll("^/+|/+$", "");
                String inside = prefix.isEmpty() ? "" : prefix + "/";
                if (told.equals(mirror.getAuthority()) && repository.startsWith(inside)) {
                    add(registry.host(), repository.substring(inside.length()), tag);
                }
            }
        }
    }

    private void add(String registry, String repository, String tag) {
        try {
            put(new ImageReference(registry, repository, tag, null));
        } catch (IllegalArgumentException e) {
            // No build can name it, so nobody waits for it.
        }
    }

    private void put(ImageReference reference) {
        if (references.size() < MOST) {
            references.add(reference.canonicalName());
        }
    }
}
