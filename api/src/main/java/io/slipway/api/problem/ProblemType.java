package io.slipway.api.problem;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** The kinds of problems that the API answers with: the closed set behind a problem's {@code type}, which can be opened and read. */
public enum ProblemType {
    PARAMETER_UNKNOWN(
            HttpStatus.BAD_REQUEST,
            "Unknown parameter",
            "A query parameter or a field of the body is not one that this call knows. `hint` has the nearest one, or all."),
    PARAMETER_INVALID(
            HttpStatus.BAD_REQUEST,
            "Invalid parameter",
            "The value of a parameter, field or header is not of its form: `parameter` names it, and `detail` says what it must be."),
    REQUEST_INVALID(
            HttpStatus.BAD_REQUEST,
            "Invalid request",
            "The request can't be read: its JSON, a part of its body, its query, its first line or a header. `detail` says which and why."),
    UNAUTHORIZED(
            HttpStatus.UNAUTHORIZED,
            "No valid token",
            "Send `Authorization: Bearer TOKEN`. The first administrator's token is in $SLIPWAY_HOME/admin-token. `detail` says what is wrong with a token that was sent."),
    FORBIDDEN(
            HttpStatus.FORBIDDEN,
            "Not allowed",
            "The token is valid, but not for this: `requiredRole` says what is needed. `GET /v1/caller` tells what the token may do."),
    NOT_FOUND(HttpStatus.NOT_FOUND, "Not found", "There is nothing at this address. /docs lists all that there are."),
    BUILD_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such build",
            "There is no build of this id (any more), or the token is not for its project. `GET /v1/builds` lists those that it is for."),
    CONTEXT_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such context",
            "There is no context of this id, it has expired, or the token is not for its project. Send its manifest again: only what is missing travels."),
    PROJECT_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such project",
            "There is no project of this name, or the token is not for it. `GET /v1/projects` lists those that it is for."),
    TOKEN_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such token",
            "There is no token of this id here, or it was revoked already. GET of the address without the id lists them."),
    IDENTITY_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such identity",
            "The project trusts no identity of this id. GET of the address without the id lists them."),
    SECRET_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such secret",
            "The project has no secret of this name, or the token is not for the project. A PUT of the address makes it."),
    CREDENTIAL_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such credential",
            "The project has no registry credential of this id, or the token is not for the project. GET of the address without the id lists them."),
    TRIGGER_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such trigger",
            "The project has no trigger of this id. GET of the address without the id lists them."),
    WEBHOOK_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such webhook",
            "The project has no webhook of this id. GET of the address without the id lists them."),
    REGISTRY_HOOK_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such registry hook",
            "The project has no registry hook of this id. GET of the address without the id lists them."),
    WEBHOOK_DISABLED(
            HttpStatus.CONFLICT,
            "The webhook is disabled",
            "Nothing is sent to a webhook that is disabled: enable it first."),
    MESSAGE_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such message",
            "The webhook has no message of this id, or it is not kept any more. GET of the address without the id lists them."),
    DELIVERY_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such delivery",
            "The trigger has no delivery of this id, or it is not kept any more. GET of the address without the id lists them."),
    WEBHOOK_REFUSED(
            HttpStatus.NOT_FOUND,
            "The webhook is refused",
            "There is no trigger of this id for this host, or what was sent is not signed with its secret: the answer is the same. Compare the address with the trigger's `url`; if that is right, give the trigger another secret and tell the host."),
    IMAGE_REMOVED(
            HttpStatus.NOT_FOUND,
            "The image is gone",
            "The build's image is not in the content store any more: images are kept for a while after the build. Build it again."),
    CACHE_MOUNT_NOT_FOUND(
            HttpStatus.NOT_FOUND,
            "No such cache mount",
            "There is no cache mount of this id, or the token is not for its project. `GET /v1/cache-mounts` lists them."),
    METHOD_NOT_ALLOWED(
            HttpStatus.METHOD_NOT_ALLOWED,
            "Method not allowed",
            "The address exists, but not with this HTTP method. The header Allow lists those that it has."),
    NOT_ACCEPTABLE(
            HttpStatus.NOT_ACCEPTABLE,
            "No such representation",
            "None of the media types in the header Accept can be produced. Leave it out, or ask for application/json."),
    BUILD_FINISHED(
            HttpStatus.CONFLICT,
            "The build has ended",
            "The build has ended already, so there is nothing to cancel; its state is in `state`."),
    BUILD_NOT_SUCCEEDED(
            HttpStatus.CONFLICT,
            "The build has no image",
            "Only a build that succeeded has one; its state is in `state`. Wait for its end with `?wait=60s`."),
    BUILD_NOT_FINISHED(
            HttpStatus.CONFLICT,
            "The build has not ended",
            "Only a build that has ended can be done once more; its state is in `state`. Wait for its end, or cancel it."),
    RETRY_SECRETS_GONE(
            HttpStatus.CONFLICT,
            "The build's secrets are gone",
            "The build came with secrets, keys or credentials, which are forgotten when a build ends. Submit it anew, with them."),
    CACHE_MOUNT_IN_USE(
            HttpStatus.CONFLICT,
            "The cache mount is in use",
            "A running build has it mounted. Ask again when the build has ended."),
    PROJECT_EXISTS(
            HttpStatus.CONFLICT,
            "The name is taken",
            "There is a project of this name, or there was one: names of deleted projects are not given again. Choose another."),
    PROJECT_IN_USE(
            HttpStatus.CONFLICT,
            "The project is in use",
            "It has builds that are queued or running, or is the one of builds that name none. Cancel them or wait for their end; the last one can't be deleted."),
    LIMIT_REACHED(HttpStatus.CONFLICT, "There are enough", "There can't be more of these: remove one first."),
    CONTEXT_INCOMPLETE(
            HttpStatus.CONFLICT,
            "The context is incomplete",
            "Contents of the context have not been sent yet: `missingFiles` of them, `missingBytes` together. `GET /v1/contexts/ID` lists them: send them and ask again."),
    IDEMPOTENCY_RUNNING(
            HttpStatus.CONFLICT,
            "The same request is running",
            "A request with the same Idempotency-Key has not been answered yet. Ask again in a moment."),
    LEASE_LOST(
            HttpStatus.CONFLICT,
            "The lease is lost",
            "For workers: the build was given to somebody else, or has ended."),
    EVENTS_MISSING(HttpStatus.CONFLICT, "Events are missing", "For workers: events must be sent without gaps."),
    PRECONDITION_FAILED(
            HttpStatus.PRECONDITION_FAILED,
            "It is not what the request names",
            "The request was to be done only if what is at the address is, or is not, what its header If-Match or If-None-Match names. Nothing was changed. Read it again, make the change to what is there now, and send that with the ETag of the new answer."),
    RETRY_CONTEXT_GONE(
            HttpStatus.GONE,
            "The build's context is gone",
            "Contexts stay for a while after their build's end only. Submit it anew, with its context."),
    CONTENT_TOO_LARGE(
            HttpStatus.CONTENT_TOO_LARGE,
            "Too large",
            "The body is larger than the limit. `GET /v1` lists the limits."),
    CONTEXT_OVER_QUOTA(
            HttpStatus.CONTENT_TOO_LARGE,
            "The context is over the quota",
            "The context alone, `contextBytes`, is more than all contexts that a project has sent to /v1/contexts may take, `quotaBytes`. Leave files out, send it as a tar, or ask the service's operator for more."),
    MEDIA_TYPE_UNSUPPORTED(
            HttpStatus.UNSUPPORTED_MEDIA_TYPE,
            "Unsupported media type",
            "The body's Content-Type or Content-Encoding is not supported. Contexts come as tar (gzip or zstd), multipart/form-data or JSON, everything else as JSON."),
    IDEMPOTENCY_MISMATCH(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The Idempotency-Key is taken",
            "The key was used within the last 24 hours for another request. Use a new key."),
    POLICY_DENIED(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The project's policy does not allow it",
            "`violations` lists what is not allowed, with the rule and the line. GET /v1/projects/NAME/policy shows the rules; administrators of all projects set them."),
    SECRET_UNKNOWN(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The project has no such secret",
            "The build is to get a secret of the project, `secret`, that is not there. `hint` has the nearest name, or all. Maintainers set it with PUT /v1/projects/NAME/secrets/SECRET."),
    DOCKERFILE_INVALID(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The Dockerfile has a mistake",
            "The Dockerfile is missing or can't be built as it is written; `line` and `column` say where, `hint` often what was meant."),
    CONTEXT_INVALID(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The build context is no good",
            "The context is not a tar archive, ends early, or has entries that a context must not have. Make it with `tar c .` in the directory of the context."),
    CONTEXT_UNREACHABLE(
            HttpStatus.UNPROCESSABLE_CONTENT,
            "The build context can't be had",
            "The git repository or URL could not be fetched; `code` says why: the address, the reference, or the credentials."),
    RATE_LIMITED(
            HttpStatus.TOO_MANY_REQUESTS,
            "Too many requests",
            "The project has submitted as many builds within a minute as it may. Try again after `Retry-After`; the headers `RateLimit` and `RateLimit-Policy` say how it stands."),
    QUEUE_FULL(
            HttpStatus.TOO_MANY_REQUESTS,
            "The queue is full",
            "As many builds of the project wait as may, `limit`. Try again when some have started, or cancel some."),
    INTERNAL(
            HttpStatus.INTERNAL_SERVER_ERROR,
            "A defect of Slipway's",
            "Please report it, with its `id` and the lines of the service's log that have it: it is the `X-Request-Id` of the answer, too."),
    BASE_UNAVAILABLE(
            HttpStatus.BAD_GATEWAY,
            "A base's layer can't be had",
            "No build has needed the files of this layer yet, so it is still at the registry of the base image, which does not give it now. `detail` has what the registry says; ask again when it does."),
    DATABASE_UNAVAILABLE(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The database can't be reached",
            "Try again in a moment; nothing was changed."),
    KEY_UNKNOWN(
            HttpStatus.SERVICE_UNAVAILABLE,
            "A key is missing",
            "Something that is needed is encrypted with a key that the service does not have. Its operator gives it that key again (slipway.secret-key-file)."),
    ISSUER_UNAVAILABLE(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The token's issuer can't be reached",
            "The token is an OpenID provider's, whose keys are needed to check it and can't be had now. Try again in a moment."),
    WEBHOOKS_BUSY(
            HttpStatus.SERVICE_UNAVAILABLE,
            "Too many webhooks at once",
            "The service is receiving as many large webhooks as it has memory for. Send it again in a moment."),
    STOPPING(HttpStatus.SERVICE_UNAVAILABLE, "The service is stopping", "Try again in a moment."),
    STORAGE_UNAVAILABLE(
            HttpStatus.SERVICE_UNAVAILABLE,
            "The store can't be looked at",
            "The worker's program, which owns the store's files, is not configured on this machine or failed: see the service's log."),
    DISK_FULL(
            HttpStatus.INSUFFICIENT_STORAGE,
            "No space left",
            "The service's disk is too full to take the request. Try again after `Retry-After`; its operator makes room.");

    /** Builds end, and what they used may be collected. */
    private static final int RETRY_SECONDS = 60;

    /** Builds are taken from the queue all the time, but it may be long. */
    private static final int QUEUE_SECONDS = 15;

    private final HttpStatus status;
    private final String title;
    private final String explanation;

    ProblemType(HttpStatus status, String title, String explanation) {
        this.status = status;
        this.title = title;
        this.explanation = explanation;
    }

    /** The HTTP status that comes with it. */
    public HttpStatus status() {
        return status;
    }

    /** A few words, the same for every problem of this type. */
    public String title() {
        return title;
    }

    /** What it means and what to do about it. */
    public String explanation() {
        return explanation;
    }

    /** In how many seconds the same request may go well, or null if that is not known. */
    public @Nullable Integer retryAfterSeconds() {
        return this == DISK_FULL ? (Integer) RETRY_SECONDS : this == QUEUE_FULL ? (Integer) QUEUE_SECONDS : null;
    }

    /** The name in the type's address: {@code /problems/build-not-found}. */
    public String slug() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The type of that name, or empty. */
    public static Optional<ProblemType> parse(String slug) {
        return Arrays.stream(values()).filter(type -> type.slug().equals(slug)).findFirst();
    }
}
