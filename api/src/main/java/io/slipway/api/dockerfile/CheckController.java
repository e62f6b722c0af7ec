package io.slipway.api.dockerfile;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.Caller;
import io.slipway.api.policy.ProjectPolicies;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.dockerfile.Beginning;
import io.slipway.dockerfile.check.CheckReport;
import io.slipway.dockerfile.check.CheckRequest;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.WireJson;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /v1/dockerfiles/check}: what can be said of a Dockerfile without building it. Works on the bare
 * request: a Dockerfile may come under any content type, also that of forms.
 */
@RestController
final class CheckController {
    private final BaseImages bases;
    private final Projects projects;
    private final ProjectPolicies policies;
    private final int mostBytes;

    CheckController(SlipwayProperties properties, BaseImages bases, Projects projects, ProjectPolicies policies) {
        this.bases = bases;
        this.projects = projects;
        this.policies = policies;
        this.mostBytes = (int) properties.limits().dockerfileSize().toBytes();
    }

    /** Checks the Dockerfile of the body; a mistake in it is no failure of the request. */
    @PostMapping("/v1/dockerfiles/check")
    ResponseEntity<byte[]> check(HttpServletRequest request) throws IOException {
        // The registries of the bases are asked in the service's or a project's name: that is for those who may build.
        Caller caller = Caller.of(request);
        caller.requireSomewhere(Role.BUILDER);
        CheckBody body = CheckBody.read(request, mostBytes);
        String project = body.project();
        if (project != null) {
            caller.require(project, Role.BUILDER);
            if (!projects.exists(project)) {
                throw Caller.projectNotFound(project);
            }
        }
        Outline outline = Outliner.outline(
                body.dockerfile(), body.options(), bases.of(body.options().targetPlatform(), project));
        if (project != null) {
            outline = outline.with(violations(project, body));
        }
        // Through a text: half a character that came in as a JSON escape goes out as a question mark.
        byte[] answer = WireJson.WITHOUT_NULLS.writeValueAsString(outline).getBytes(StandardCharsets.UTF_8);
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(answer);
    }

    /** What the policy of the project does not allow in the Dockerfile. */
    private List<Outline.Problem> violations(String project, CheckBody body) {
        Beginning beginning = Beginning.of(new String(body.dockerfile(), StandardCharsets.UTF_8));
        if (beginning.refusal() != null) {
            return List.of();
        }
        CheckReport report = Checks.check(new CheckRequest(
                beginning.dockerfile(),
                body.options().buildArguments(),
                body.options().target(),
                body.options().targetPlatform(),
                body.options().buildPlatform(),
                body.options().contexts(),
                _ -> Optional.empty(),
                body.options().ignored()));
        return policies.violations(policies.of(project), report.stages()).stream()
                .map(violation -> new Outline.Problem(
                        Outline.Problem.ERROR,
                        violation.rule(),
                        ErrorCode.POLICY_DENIED.wireName(),
                        violation.line(),
                        null,
                        null,
                        violation.message(),
                        violation.hint()))
                .toList();
    }
}
