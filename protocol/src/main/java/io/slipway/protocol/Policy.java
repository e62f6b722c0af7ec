package io.slipway.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the builds of a project may do. Whoever sets it is not who builds: it is checked when a build is submitted, as far as its Dockerfile tells, and by the worker, which knows all of
 * it. Names of images are {@code HOST/REPOSITORY}, such as {@code docker.io/library/alpine}, for {@link Globs}. Immutable.
 *
 * @param baseImages patterns for images that builds may use, or null for any: in FROM, COPY --from, mounts and named contexts
 * @param pinnedBases whether each of these has to be named with its digest
 * @param pushTargets patterns for where images and caches may be pushed to, or null for anywhere
 * @param network {@link NetworkMode#NONE} if RUN may have no network
 * @param requiredLabels labels that the image's config must have, with any value but an empty one
 * @param forbiddenInstructions forms of instructions that no build may use, such as {@code ADD url}
 */
public record Policy(
        @Nullable List<String> baseImages,
        boolean pinnedBases,
        @Nullable List<String> pushTargets,
        NetworkMode network,
        List<String> requiredLabels,
        List<String> forbiddenInstructions) {

    /** Allows everything. */
    public static final Policy NONE = new Policy(null, false, null, NetworkMode.DEFAULT, List.of(), List.of());

    public Policy {
        baseImages = baseImages == null ? null : List.copyOf(baseImages);
        pushTargets = pushTargets == null ? null : List.copyOf(pushTargets);
        requiredLabels = List.copyOf(requiredLabels);
        forbiddenInstructions = List.copyOf(forbiddenInstructions);
    }

    /** The rules by the names that the API has for them. */
    public enum Rule {
        /** {@link Policy#baseImages}. */
        BASE_IMAGES("baseImages"),
        /** {@link Policy#pinnedBases}. */
        PINNED_BASES("pinnedBases"),
        /** {@link Policy#pushTargets}. */
        PUSH_TARGETS("pushTargets"),
        /** {@link Policy#network}. */
        NETWORK("network"),
        /** {@link Policy#requiredLabels}. */
        REQUIRED_LABELS("requiredLabels"),
        /** {@link Policy#forbiddenInstructions}. */
        FORBIDDEN_INSTRUCTIONS("forbiddenInstructions");

        private final String wireName;

        Rule(String wireName) {
            this.wireName = wireName;
        }

        /** The name in the API. */
        public String wireName() {
            return wireName;
        }
    }

    /**
     * That something is not allowed.
     *
     * @param message one sentence, which names the rule
     * @param hint what to do instead
     */
    public record Denial(Rule rule, String message, String hint) {
        private static Denial of(Rule rule, String what, String hint) {
            return new Denial(rule, "the project's policy (" + rule.wireName() + ") does not allow " + what, hint);
        }
    }

    /**
     * Whether an image may be used.
     *
     * @param name {@code HOST/REPOSITORY}
     * @param pinned whether it is named with its digest
     */
    public Optional<Denial> base(String name, boolean pinned) {
        if (baseImages != null && !chosen(baseImages, name)) {
            return Optional.of(Denial.of(Rule.BASE_IMAGES, "the base image " + name, allowed(baseImages)));
        }
        if (pinnedBases && !pinned) {
            return Optional.of(Denial.of(
                    Rule.PINNED_BASES, "the base image " + name + " without its digest", "write NAME@sha256:…"));
        }
        return Optional.empty();
    }

    /** Whether an image may be used that comes with the build and from no registry, whose name in the Dockerfile is {@code context}. */
    public Optional<Denial> layout(String context) {
        return baseImages == null
                ? Optional.empty()
                : Optional.of(Denial.of(
                        Rule.BASE_IMAGES,
                        "the OCI layout " + context + " as a base image, which is no registry's",
                        allowed(baseImages)));
    }

    /** Whether something may be pushed to {@code name}, which is {@code HOST/REPOSITORY}. */
    public Optional<Denial> push(String name) {
        return pushTargets == null || chosen(pushTargets, name)
                ? Optional.empty()
                : Optional.of(Denial.of(Rule.PUSH_TARGETS, "to push to " + name, allowed(pushTargets)));
    }

    /** Whether results may be taken from the cache {@code name}, which is {@code HOST/REPOSITORY}: it stands for what a base image could be. */
    public Optional<Denial> cacheFrom(String name) {
        boolean allowed =
                baseImages == null || chosen(baseImages, name) || (pushTargets != null && chosen(pushTargets, name));
        return allowed
                ? Optional.empty()
                : Optional.of(Denial.of(Rule.BASE_IMAGES, "results from the cache " + name, allowed(baseImages)));
    }

    /** Whether RUN may have this network. */
    public Optional<Denial> network(NetworkMode wanted) {
        return network == NetworkMode.NONE && wanted != NetworkMode.NONE
                ? Optional.of(Denial.of(
                        Rule.NETWORK, "RUN to have a network", "submit the build with the option network=none"))
                : Optional.empty();
    }

    /**
     * Whether an instruction may be used.
     *
     * @param forms what forms it has
     */
    public Optional<Denial> instruction(Iterable<String> forms) {
        for (String form : forms) {
            if (forbiddenInstructions.contains(form)) {
                return Optional.of(Denial.of(
                        Rule.FORBIDDEN_INSTRUCTIONS,
                        form,
                        "do it in another way, or ask whoever runs this service to change the policy"));
            }
        }
        return Optional.empty();
    }

    /** Whether an image with these labels may be made. */
    public Optional<Denial> labels(Map<String, String> labels) {
        return requiredLabels.stream()
                .filter(name -> labels.getOrDefault(name, "").isEmpty())
                .findFirst()
                .map(name -> Denial.of(
                        Rule.REQUIRED_LABELS,
                        "an image without the label " + name,
                        "set it with LABEL in the Dockerfile, or with the option label=" + name + "=…"));
    }

    private static boolean chosen(List<String> patterns, String name) {
        return !patterns.isEmpty() && new Globs(patterns).choose(name);
    }

    private static String allowed(@Nullable List<String> patterns) {
        return patterns == null || patterns.isEmpty()
                ? "none is allowed"
                : "allowed are " + String.join(", ", patterns);
    }
}
