package io.slipway.api.dockerfile;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.Caller;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.dockerfile.outline.Outline;
import io.slipway.dockerfile.outline.Outliner;
import io.slipway.protocol.WireJson;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    private final int mostBytes;

    CheckController(SlipwayProperties properties, BaseImages bases, Projects projects) {
        this.bases = bases;
        this.projects = projects;
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
        // Through a text: half a character that came in as a JSON escape goes out as a question mark.
        byte[] answer = WireJson.WITHOUT_NULLS.writeValueAsString(outline).getBytes(StandardCharsets.UTF_8);
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(answer);
    }
}
