package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.Caller;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.upload.UploadedContext;
import io.slipway.api.upload.UploadedContexts;
import io.slipway.db.access.Projects;
import io.slipway.db.access.Role;
import io.slipway.image.context.ContextException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code /v1/contexts}: contexts that are sent as a manifest and the contents that are missing. Bodies are streamed, as those of builds
 * are.
 */
@RestController
final class UploadController {
    private static final KnownParameters NONE = KnownParameters.of();

    private final UploadedContexts uploads;
    private final ContextFiles contexts;
    private final Projects projects;
    private final SlipwayProperties.Limits limits;
    private final BareAnswers answers;
    private final RunningUploads running;

    UploadController(
            UploadedContexts uploads,
            ContextFiles contexts,
            Projects projects,
            SlipwayProperties properties,
            BareAnswers answers,
            RunningUploads running) {
        this.uploads = uploads;
        this.contexts = contexts;
        this.projects = projects;
        this.limits = properties.limits();
        this.answers = answers;
        this.running = running;
    }

    /** What is to be done with a request's body; tells whose it is when that is known. */
    @FunctionalInterface
    private interface Work {
        UploadedContext on(InputStream body, Consumer<String> project) throws IOException;
    }

    /** Takes a manifest, and answers with what is missing. */
    @PostMapping("/v1/contexts")
    void create(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        serve(request, response, HttpStatus.CREATED, (body, whose) -> {
            ManifestBody.Manifest manifest =
                    ManifestBody.read(body, StoredContext.limits(limits), BuildOptions.DEFAULT_PROJECT, project -> {
                        caller.require(project, Role.BUILDER);
                        if (!projects.exists(project)) {
                            throw Caller.projectNotFound(project);
                        }
                        whose.accept(project);
                    });
            return uploads.create(manifest.project(), manifest.entries(), manifest.digest());
        });
    }

    /** Takes contents, as a tar. */
    @PutMapping("/v1/contexts/{id}/files")
    void receive(@PathVariable String id, HttpServletRequest request, HttpServletResponse response) throws IOException {
        Caller caller = Caller.of(request);
        contexts.requireSize(request.getContentLengthLong());
        serve(request, response, HttpStatus.OK, (body, whose) -> {
            whose.accept(uploads.project(id, caller.may(Role.BUILDER)));
            return uploads.receive(id, caller.may(Role.BUILDER), body);
        });
    }

    /** What a context is, and what is missing. */
    @GetMapping("/v1/contexts/{id}")
    UploadedContext show(@PathVariable String id, HttpServletRequest request) throws IOException {
        NONE.check(request);
        return uploads.show(id, Caller.of(request).may(Role.VIEWER));
    }

    /** Forgets a context. */
    @DeleteMapping("/v1/contexts/{id}")
    void delete(@PathVariable String id, HttpServletRequest request, HttpServletResponse response) throws IOException {
        NONE.check(request);
        uploads.delete(id, Caller.of(request).may(Role.BUILDER));
        response.setStatus(HttpStatus.NO_CONTENT.value());
    }

    private void serve(HttpServletRequest request, HttpServletResponse response, HttpStatus status, Work work)
            throws IOException {
        NONE.check(request);
        contexts.requireSpace(request.getContentLengthLong());
        try (RunningUploads.Upload upload = running.begin(request)) {
            serve(request, response, status, new BodyStream(request.getInputStream(), upload), work);
        }
    }

    private void serve(
            HttpServletRequest request, HttpServletResponse response, HttpStatus status, BodyStream body, Work work)
            throws IOException {
        try (InputStream decoded = ContentEncoding.decoded(request, body)) {
            UploadedContext context = work.on(decoded, body::belongsTo);
            if (status == HttpStatus.CREATED) {
                response.setHeader(HttpHeaders.LOCATION, context.links().self());
            }
            answers.send(response, status.value(), context);
        } catch (OptionException e) {
            answers.refuse(request, response, IntakeProblems.of(e));
        } catch (ContextException e) {
            answers.refuse(request, response, IntakeProblems.of(e));
        } catch (ProblemException e) {
            answers.refuse(request, response, e);
        } catch (IOException e) {
            if (body.isBroken()) {
                throw e; // the client is gone
            }
            answers.refuse(request, response, DiskProblems.of(e));
        }
    }
}
