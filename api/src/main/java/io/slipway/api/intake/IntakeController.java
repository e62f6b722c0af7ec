package io.slipway.api.intake;

import io.slipway.api.access.Caller;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.ProjectLimit;
import io.slipway.db.access.ProjectLimits;
import io.slipway.db.build.BuildId;
import io.slipway.remote.SourceException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /v1/builds}. Works on the bare request: nothing may read the body, or ask the container for parameters, before
 * it is streamed to disk.
 */
@RestController
final class IntakeController {
    private static final String REGISTRY_CONFIG = "X-Registry-Config";

    private final BuildIntake intake;
    private final IdempotentRequests requests;
    private final BareAnswers answers;
    private final RunningUploads uploads;
    private final AwaitedBuilds awaited;

    IntakeController(
            BuildIntake intake,
            IdempotentRequests requests,
            BareAnswers answers,
            RunningUploads uploads,
            AwaitedBuilds awaited) {
        this.intake = intake;
        this.requests = requests;
        this.answers = answers;
        this.uploads = uploads;
        this.awaited = awaited;
    }

    /** Queues a build: 202; with {@code wait}, 200 once it has ended. */
    @PostMapping("/v1/builds")
    void submit(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Accepted accepted;
        Duration most;
        try {
            SubmitQuery query = SubmitQuery.of(request.getQueryString());
            most = awaited.asked(query.time(), request);
            try (RunningUploads.Upload upload = uploads.begin(request)) {
                accepted = accepted(request, response, query, new BodyStream(request.getInputStream(), upload));
            }
        } catch (ProblemException e) {
            answers.refuse(request, response, e);
            return;
        }
        Accepted answer = awaited.after(most, accepted, request);
        response.setHeader(HttpHeaders.LOCATION, answer.location());
        answers.send(response, answer.status(), answer.body());
    }

    private Accepted accepted(
            HttpServletRequest request, HttpServletResponse response, SubmitQuery query, BodyStream body)
            throws IOException {
        try {
            return switch (BodyForm.of(request)) {
                case ARCHIVE -> archive(request, response, query, body);
                case MULTIPART -> multipart(request, response, query, body);
                case JSON -> json(request, response, query, body);
            };
        } catch (OptionException e) {
            throw IntakeProblems.of(e);
        } catch (SourceException e) {
            throw IntakeProblems.of(e);
        } catch (IOException e) {
            if (body.isBroken()) {
                throw e; // the client is gone
            }
            throw DiskProblems.of(e);
        }
    }

    private Accepted archive(
            HttpServletRequest request, HttpServletResponse response, SubmitQuery query, BodyStream body)
            throws IOException {
        BuildOptions options = BuildOptions.fromQuery(query.options(), request.getHeader(REGISTRY_CONFIG));
        ProjectLimits allowed = admit(request, response, body, options);
        long most = allowed.of(ProjectLimit.CONTEXT_SIZE).orElseThrow();
        ContextFiles.requireSize(request.getContentLengthLong(), most);
        intake.contexts().requireSpace(request.getContentLengthLong());
        BuildId id = intake.newId();
        try (IdempotentRequests.@Nullable Claim claim = claim(request, options);
                InputStream decoded = ContentEncoding.decoded(request, body);
                StoredContext context = intake.contexts().receive(id, null, decoded, most)) {
            return intake.accept(options, allowed, new RequestContexts(context), claim);
        }
    }

    private Accepted multipart(
            HttpServletRequest request, HttpServletResponse response, SubmitQuery query, BodyStream body)
            throws IOException {
        requireNoOptions(query);
        intake.contexts().requireSpace(request.getContentLengthLong());
        BuildId id = intake.newId();
        // The options may come before the contexts or after them; the request is counted once.
        ProjectLimits[] allowed = new ProjectLimits[1];
        try (InputStream decoded = ContentEncoding.decoded(request, body)) {
            MultipartBody.Parts parts = MultipartBody.read(
                    request,
                    decoded,
                    request.getHeader(REGISTRY_CONFIG),
                    intake.mostDockerfileBytes(),
                    (part, options, number) -> {
                        if (options != null && allowed[0] == null) {
                            allowed[0] = admit(request, response, body, options);
                        }
                        return allowed[0] == null
                                ? intake.contexts().receive(id, number, part)
                                : intake.contexts()
                                        .receive(
                                                id,
                                                number,
                                                part,
                                                allowed[0]
                                                        .of(ProjectLimit.CONTEXT_SIZE)
                                                        .orElseThrow());
                    });
            try (RequestContexts contexts = parts.contexts()) {
                if (allowed[0] == null) {
                    allowed[0] = admit(request, response, body, parts.options());
                }
                try (IdempotentRequests.@Nullable Claim claim = claim(request, parts.options())) {
                    return intake.accept(parts.options(), allowed[0], contexts, claim);
                }
            }
        }
    }

    private Accepted json(HttpServletRequest request, HttpServletResponse response, SubmitQuery query, BodyStream body)
            throws IOException {
        requireNoOptions(query);
        JsonBody.Request build;
        try (InputStream decoded = ContentEncoding.decoded(request, body)) {
            build = JsonBody.request(decoded, request.getHeader(REGISTRY_CONFIG));
        }
        ProjectLimits allowed = admit(request, response, body, build.options());
        body.ended(); // what follows is not received but fetched
        try (IdempotentRequests.@Nullable Claim claim = claim(request, build.options())) {
            return intake.fetch(intake.newId(), build.options(), allowed, build.context(), claim);
        }
    }

    private ProjectLimits admit(
            HttpServletRequest request, HttpServletResponse response, BodyStream body, BuildOptions options) {
        boolean retried = request.getHeader(IdempotentRequests.HEADER) != null;
        ProjectLimits allowed = intake.admit(Caller.of(request), options, retried, response);
        body.belongsTo(options.project());
        return allowed;
    }

    private IdempotentRequests.@Nullable Claim claim(HttpServletRequest request, BuildOptions options) {
        return requests.claim(options.project(), request.getHeader(IdempotentRequests.HEADER));
    }

    private static void requireNoOptions(SubmitQuery query) {
        if (query.options() != null) {
            throw new ProblemException(
                    ProblemType.PARAMETER_UNKNOWN,
                    "With a body of this type the options stand in the body, not in the query.");
        }
    }
}
