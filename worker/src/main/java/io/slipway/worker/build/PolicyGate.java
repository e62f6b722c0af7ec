package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.InstructionForms;
import io.slipway.image.ImageReference;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lets through what the project's policy allows. What can be seen of a Dockerfile was checked when the build was submitted; here all of it is: what variables come to, triggers of base images, the
 * labels of the finished image. Immutable.
 */
final class PolicyGate {
    private final Policy policy;

    PolicyGate(Policy policy) {
        this.policy = policy;
    }

    /** @throws BuildFailure if the build asks for a network or a place that it may not have */
    void requireOptions(BuildSpec spec) throws BuildFailure {
        require(policy.network(spec.network()));
        List<String> targets = new ArrayList<>(spec.pushes() ? spec.tags() : List.of());
        for (CacheTarget target : spec.cacheTo()) {
            if (target.kind() == CacheKind.REGISTRY) {
                targets.add(Objects.requireNonNull(target.place(), "a cache in a registry has a name"));
            }
        }
        for (String target : targets) {
            require(policy.push(name(ImageReference.parse(target))));
        }
        for (CacheSource source : spec.cacheFrom()) {
            if (source.kind() == CacheKind.REGISTRY) {
                require(policy.cacheFrom(name(ImageReference.parse(source.place()))));
            }
        }
    }

    /** @throws BuildFailure if the instruction, expanded or not, may not be used */
    void require(Instruction instruction) throws BuildFailure {
        Policy.Denial denial =
                policy.instruction(InstructionForms.of(instruction)).orElse(null);
        if (denial != null) {
            throw BuildFailure.at(instruction.origin(), ErrorCode.POLICY_DENIED, denial.message(), denial.hint());
        }
    }

    /** @throws PolicyException if builds may not use the image */
    void requireBase(ImageReference image) throws PolicyException {
        Policy.Denial denial = policy.base(name(image), image.digest() != null).orElse(null);
        if (denial != null) {
            throw new PolicyException(denial);
        }
    }

    /** @throws PolicyException if builds may not use images that come along with them */
    void requireLayout(String context) throws PolicyException {
        Policy.Denial denial = policy.layout(context).orElse(null);
        if (denial != null) {
            throw new PolicyException(denial);
        }
    }

    /**
     * @param options labels that come with the build
     * @throws BuildFailure if the image lacks a label
     */
    void requireLabels(ImageState image, Map<String, String> options) throws BuildFailure {
        Map<String, String> labels = new TreeMap<>();
        Map<String, String> own = image.config().labels();
        if (own != null) {
            labels.putAll(own);
        }
        labels.putAll(options);
        require(policy.labels(labels));
    }

    private static void require(Optional<Policy.Denial> denial) throws BuildFailure {
        if (denial.isPresent()) {
            throw new BuildFailure(
                    new BuildError(
                            ErrorCode.POLICY_DENIED,
                            denial.get().message(),
                            null,
                            null,
                            null,
                            denial.get().hint()),
                    null);
        }
    }

    private static String name(ImageReference image) {
        return image.host() + "/" + image.path();
    }
}
