package io.slipway.api.webhook.outgoing;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.api.ServiceAddress;
import io.slipway.api.page.PageRequest;
import io.slipway.api.page.Pages;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Role;
import io.slipway.db.webhook.Message;
import io.slipway.db.webhook.MessageAttempt;
import io.slipway.db.webhook.Messages;
import io.slipway.db.webhook.Webhook;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The log of what was said to a webhook. */
@RestController
final class MessageController {
    private static final KnownParameters NONE = KnownParameters.of();
    private static final KnownParameters LIST = KnownParameters.of("limit", "cursor");

    private final Messages messages;
    private final OutgoingAccess access;
    private final Pages pages;
    private final ServiceAddress address;

    MessageController(Messages messages, OutgoingAccess access, Pages pages, ServiceAddress address) {
        this.messages = messages;
        this.access = access;
        this.pages = pages;
        this.address = address;
    }

    /**
     * A page of messages.
     *
     * @param next address of the next page, or null on the last one; also in the header {@code Link}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<MessageResource> messages, @Nullable String next) {}

    /** {@code GET …/messages}: newest first, without what was sent and answered. */
    @GetMapping("/v1/projects/{name}/webhooks/{id}/messages")
    ResponseEntity<Page> list(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @RequestParam(name = "limit", required = false) @Nullable String limit,
            @RequestParam(name = "cursor", required = false) @Nullable String cursor,
            HttpServletRequest request) {
        LIST.check(request);
        Webhook webhook = access.require(request, project, id, Role.VIEWER);
        PageRequest wanted = PageRequest.of(limit, cursor);
        Pages.Page<Message> page =
                pages.page(wanted, messages.list(webhook.id(), wanted.after(), wanted.lookup()), Message::id);
        return page.answer(
                new Page(page.items().stream().map(MessageResource::summary).toList(), page.next()));
    }

    /** {@code GET …/messages/{message}}: with what was sent, and each answer. */
    @GetMapping("/v1/projects/{name}/webhooks/{id}/messages/{message}")
    MessageResource get(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @PathVariable("message") String message,
            HttpServletRequest request) {
        NONE.check(request);
        Webhook webhook = access.require(request, project, id, Role.VIEWER);
        // The attempts first: a state that is older than an attempt would contradict it.
        List<MessageAttempt> attempts = messages.attempts(message);
        Message found = messages.find(webhook.id(), message).orElseThrow(() -> notFound(message));
        return MessageResource.whole(found, attempts);
    }

    /** {@code POST …/messages/{message}/redeliver}: 202 with a new message of the same content. */
    @PostMapping("/v1/projects/{name}/webhooks/{id}/messages/{message}/redeliver")
    ResponseEntity<MessageResource> redeliver(
            @PathVariable("name") String project,
            @PathVariable("id") String id,
            @PathVariable("message") String message,
            HttpServletRequest request)
            throws IOException {
        NONE.checkWithoutBody(request);
        Webhook webhook = access.require(request, project, id, Role.BUILDER);
        if (!webhook.enabled()) {
            throw new ProblemException(ProblemType.WEBHOOK_DISABLED, "The webhook is disabled.")
                    .with("hint", "enable it first: PATCH with {\"enabled\": true}");
        }
        Message repeated = messages.repeat(webhook.id(), message).orElseThrow(() -> notFound(message));
        return ResponseEntity.accepted()
                .location(URI.create(address.url() + "/v1/projects/" + project + "/webhooks/" + webhook.id()
                        + "/messages/" + repeated.id()))
                .body(MessageResource.summary(repeated));
    }

    private static ProblemException notFound(String id) {
        return new ProblemException(ProblemType.MESSAGE_NOT_FOUND, "There is no message `" + id + "` here.");
    }
}
