package io.slipway.api.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.access.Caller;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.UnknownName;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.access.Policies;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.dockerfile.instruction.InstructionForms;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.WireJson;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** What builds of a project may do. Like its limits, a tenant sees it and does not set it. */
@RestController
final class PolicyController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final int MOST_PATTERN = 255;
    private static final List<String> NETWORKS = List.of("default", "none");

    private final Policies policies;
    private final Projects projects;

    PolicyController(Policies policies, Projects projects) {
        this.policies = policies;
        this.projects = projects;
    }

    /**
     * A policy; rules that allow everything are left out, but for those that are a word.
     *
     * @param updatedAt null if it was never set
     * @param updatedBy the same
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Resource(
            @Nullable List<String> baseImages,
            boolean pinnedBases,
            @Nullable List<String> pushTargets,
            String network,
            List<String> requiredLabels,
            List<String> forbiddenInstructions,
            @Nullable Instant updatedAt,
            @Nullable String updatedBy) {
        static Resource of(Policies.@Nullable Stored stored) {
            Policy policy = stored == null ? Policy.NONE : ProjectPolicies.read(stored.document());
            return new Resource(
                    policy.baseImages(),
                    policy.pinnedBases(),
                    policy.pushTargets(),
                    policy.network().name().toLowerCase(Locale.ROOT),
                    policy.requiredLabels(),
                    policy.forbiddenInstructions(),
                    stored == null ? null : stored.updatedAt(),
                    stored == null ? null : stored.updatedBy());
        }
    }

    /** {@code GET /v1/projects/{name}/policy}. */
    @GetMapping("/v1/projects/{name}/policy")
    Resource get(@PathVariable("name") String project, HttpServletRequest request) {
        NONE.check(request);
        Caller.of(request).require(project, Role.VIEWER);
        if (!projects.exists(project)) {
            throw Caller.projectNotFound(project);
        }
        return Resource.of(policies.find(project).orElse(null));
    }

    /** {@code PUT /v1/projects/{name}/policy}: in the place of what was set before. Holds for builds that are submitted, or begun, from then on. */
    @PutMapping("/v1/projects/{name}/policy")
    Resource put(@PathVariable("name") String project, HttpServletRequest request) throws IOException {
        NONE.check(request);
        Caller caller = Caller.of(request);
        caller.require(project, Role.VIEWER);
        caller.requireEverywhere(Role.ADMIN);
        Policy policy = policy(BodyFields.read(
                request,
                List.of(
                        "baseImages",
                        "pinnedBases",
                        "pushTargets",
                        "network",
                        "requiredLabels",
                        "forbiddenInstructions")));
        try {
            return Resource.of(policies.put(project, WireJson.MAPPER.writeValueAsString(policy), caller.id()));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    private static Policy policy(BodyFields fields) {
        String network = fields.text("network");
        if (network != null && !NETWORKS.contains(network)) {
            throw unknown("network", network, NETWORKS);
        }
        List<String> forbidden =
                orEmpty(fields.textList("forbiddenInstructions", ProjectPolicies.MOST_PATTERNS, MOST_PATTERN));
        for (String form : forbidden) {
            if (!InstructionForms.all().contains(form)) {
                throw unknown("forbiddenInstructions", form, InstructionForms.all());
            }
        }
        return new Policy(
                fields.textList("baseImages", ProjectPolicies.MOST_PATTERNS, MOST_PATTERN),
                Boolean.TRUE.equals(fields.flag("pinnedBases")),
                fields.textList("pushTargets", ProjectPolicies.MOST_PATTERNS, MOST_PATTERN),
                network == null ? NetworkMode.DEFAULT : NetworkMode.valueOf(network.toUpperCase(Locale.ROOT)),
                orEmpty(fields.textList("requiredLabels", ProjectPolicies.MOST_PATTERNS, MOST_PATTERN)),
                forbidden);
    }

    private static List<String> orEmpty(@Nullable List<String> texts) {
        return texts == null ? List.of() : texts;
    }

    private static RuntimeException unknown(String field, String value, List<String> known) {
        UnknownName unknown = UnknownName.of("value of " + field + ":", value, known);
        return BodyFields.invalid(field, unknown.message(), unknown.hint());
    }
}
