package io.slipway.api.policy;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Policies;
import io.slipway.dockerfile.check.CheckedStages;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.InstructionForms;
import io.slipway.dockerfile.stage.ResolvedStage;
import io.slipway.image.ImageReference;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.WireJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says of builds that are to be what their project's policy does not allow, as far as that can be told before they run. Thread-safe. */
@Component
public final class ProjectPolicies {
    /** How many patterns, labels or instructions a rule has at most. */
    public static final int MOST_PATTERNS = 100;

    private static final int MOST_SHOWN = 20;

    private final Policies policies;

    ProjectPolicies(Policies policies) {
        this.policies = policies;
    }

    /** The policy of a project. */
    public Policy of(String project) {
        return policies.find(project).map(stored -> read(stored.document())).orElse(Policy.NONE);
    }

    /** A policy as it is stored. */
    public static Policy read(String document) {
        return WireJson.MAPPER.readValue(document, Policy.class);
    }

    /**
     * What of a build's options is not allowed.
     *
     * @param pushes names that something is pushed to, tags and caches
     * @param cachesFrom names of caches
     * @param images names of images that are named contexts
     */
    public List<Violation> violations(
            Policy policy,
            NetworkMode network,
            Collection<String> pushes,
            Collection<String> cachesFrom,
            Collection<String> images) {
        List<Violation> violations = new ArrayList<>();
        policy.network(network).ifPresent(denial -> violations.add(Violation.of(denial, null)));
        for (String target : pushes) {
            policy.push(name(ImageReference.parse(target)))
                    .ifPresent(denial -> violations.add(Violation.of(denial, null)));
        }
        for (String cache : cachesFrom) {
            policy.cacheFrom(name(ImageReference.parse(cache)))
                    .ifPresent(denial -> violations.add(Violation.of(denial, null)));
        }
        for (String image : images) {
            ImageReference reference = ImageReference.parse(image);
            policy.base(name(reference), reference.digest() != null)
                    .ifPresent(denial -> violations.add(Violation.of(denial, null)));
        }
        return violations;
    }

    /** What of a Dockerfile is not allowed, by line; nothing of what depends on variables that are not known yet. */
    public List<Violation> violations(Policy policy, @Nullable CheckedStages stages) {
        List<Violation> violations = new ArrayList<>();
        if (stages == null || policy.equals(Policy.NONE)) {
            return violations;
        }
        for (CheckedStages.NamedImage image : stages.images()) {
            ImageReference reference = ImageReference.parse(image.name());
            policy.base(name(reference), reference.digest() != null)
                    .ifPresent(denial -> violations.add(Violation.of(denial, image.origin())));
        }
        List<ResolvedStage> needed = stages.needed();
        for (ResolvedStage stage : needed == null ? List.<ResolvedStage>of() : needed) {
            for (Instruction instruction : stage.instructions()) {
                policy.instruction(InstructionForms.of(instruction))
                        .ifPresent(denial -> violations.add(Violation.of(denial, instruction.origin())));
            }
        }
        return violations.stream().distinct().toList();
    }

    /**
     * Refuses what is not allowed.
     *
     * @throws ProblemException {@link ProblemType#POLICY_DENIED}, with all of it, if there is anything
     */
    public static void require(List<Violation> violations) {
        if (violations.isEmpty()) {
            return;
        }
        Violation first = violations.getFirst();
        String place = first.line() == null ? "" : "Line " + first.line() + ": ";
        throw new ProblemException(ProblemType.POLICY_DENIED, place + first.message() + ".")
                .with("code", ErrorCode.POLICY_DENIED.wireName())
                .with("rule", first.rule())
                .with("line", first.line())
                .with("hint", first.hint())
                .with("violations", violations.stream().limit(MOST_SHOWN).toList());
    }

    private static String name(ImageReference image) {
        return image.host() + "/" + image.path();
    }
}
