package io.slipway.api.webhook.outgoing;

import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.ServiceAddress;
import io.slipway.api.build.BuildResource;
import io.slipway.api.build.BuildResources;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.webhook.RetryAfter;
import io.slipway.api.webhook.WebhookProperties;
import io.slipway.api.webhook.host.StandardWebhooks;
import io.slipway.db.build.BuildDetails;
import io.slipway.db.build.Builds;
import io.slipway.db.webhook.ClaimedMessage;
import io.slipway.db.webhook.Message;
import io.slipway.db.webhook.MessageAttempt;
import io.slipway.db.webhook.Messages;
import io.slipway.db.webhook.Webhook;
import io.slipway.db.webhook.Webhooks;
import io.slipway.remote.SourceException;
import io.slipway.remote.http.HttpPost;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Sends one message to its webhook, and notes what came of it (Standard Webhooks, spec/standard-webhooks.md). Thread-safe. */
@Component
final class MessageSender {
    private static final Logger LOG = LoggerFactory.getLogger(MessageSender.class);

    /** Longer than sending takes at most. */
    static final Duration HOLD = Duration.ofSeconds(60);

    private static final Duration IO_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final int PAUSE_FACTOR = 3;
    private static final Duration LONGEST_PAUSE = Duration.ofHours(2);

    /** After a failure for so long at most nothing at all is sent to the receiver, so that one that is away takes no places from others. */
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    /** For so long a message is tried. */
    private static final Duration PATIENCE = Duration.ofDays(1);

    /** How much of an answer is kept. */
    private static final int MOST_RESPONSE_BYTES = 1024;

    private static final String RETRY_AFTER = "Retry-After";
    private static final int GONE = 410;
    private static final String GONE_BUILD = "the build is not kept any more";

    private final Webhooks webhooks;
    private final Messages messages;
    private final Builds builds;
    private final BuildResources resources;
    private final SealedWebhooks sealed;
    private final WebhookProperties properties;
    private final HttpPost http;
    private final JsonMapper json;
    private final Clock clock;
    private final MeterRegistry meters;

    MessageSender(
            Webhooks webhooks,
            Messages messages,
            Builds builds,
            BuildResources resources,
            SealedWebhooks sealed,
            WebhookProperties properties,
            JsonMapper json,
            Clock clock,
            MeterRegistry meters) {
        this.webhooks = webhooks;
        this.messages = messages;
        this.builds = builds;
        this.resources = resources;
        this.sealed = sealed;
        this.properties = properties;
        this.http = new HttpPost(properties.receivers(), IO_TIMEOUT, LIMIT);
        this.json = json;
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * What is sent. The same at every attempt.
     *
     * @param type the event
     * @param timestamp when it happened
     * @param data the build as it was when the message was first sent
     */
    record Body(String type, Instant timestamp, BuildResource data) {}

    /** Sends what was claimed. */
    void send(ClaimedMessage claimed) throws IOException {
        Message message = claimed.message();
        Webhook webhook = webhooks.find(message.webhookId()).orElse(null);
        if (webhook == null) {
            return; // it was deleted, and the message with it
        }
        if (!webhook.enabled()) {
            webhooks.dropIfDisabled(webhook.id()); // the message was noted while it was being disabled
            return;
        }
        Optional<String> body = body(claimed, webhook);
        if (body.isEmpty()) {
            messages.refused(
                    claimed, attempt(message, clock.instant(), Duration.ZERO, null, GONE_BUILD), Duration.ZERO);
            return;
        }
        note(claimed, webhook, exchange(claimed, webhook, body.get().getBytes(StandardCharsets.UTF_8)));
    }

    /** Something that nobody has foreseen: it is tried again, for as long as everything else. */
    void failed(ClaimedMessage claimed) {
        Message message = claimed.message();
        webhooks.find(message.webhookId())
                .ifPresent(webhook -> note(
                        claimed,
                        webhook,
                        new Outcome(
                                attempt(
                                        message,
                                        clock.instant(),
                                        Duration.ZERO,
                                        null,
                                        "something went wrong inside Slipway; its log says more"),
                                null,
                                false)));
    }

    private Optional<String> body(ClaimedMessage claimed, Webhook webhook) {
        Message message = claimed.message();
        if (message.body() != null) {
            return Optional.of(message.body());
        }
        Optional<BuildDetails> build = message.buildId() == null ? Optional.empty() : builds.details(message.buildId());
        return build.map(details -> {
            BuildResource data = ServiceAddress.aside(URI.create(webhook.serviceUrl()), () -> resources.told(details));
            return messages.fix(
                    claimed, json.writeValueAsString(new Body(message.event(), message.happenedAt(), data)));
        });
    }

    /**
     * What came of an attempt.
     *
     * @param after how long the receiver wants to be left alone, or null if it does not say
     * @param all whether it would be the same for every message to the webhook
     */
    private record Outcome(MessageAttempt attempt, @Nullable Duration after, boolean all) {}

    private Outcome exchange(ClaimedMessage claimed, Webhook webhook, byte[] body) throws IOException {
        Message message = claimed.message();
        Instant now = clock.instant();
        long begun = System.nanoTime();
        long timestamp = now.getEpochSecond();
        List<String> secrets;
        try {
            secrets = sealed.secrets(webhook, claimed.at());
        } catch (ProblemException e) { // KEY_UNKNOWN: nobody can mend it but the operator
            LOG.warn("Messages to {} can't be signed", webhook.id(), e);
            return new Outcome(
                    attempt(
                            message,
                            now,
                            Duration.ZERO,
                            null,
                            "it can't be signed: the secret is encrypted with a key that the service does not have"),
                    null,
                    true);
        }
        String signatures = secrets.stream()
                .map(secret -> StandardWebhooks.sign(secret, message.id(), timestamp, body))
                .collect(Collectors.joining(" "));
        Map<String, String> headers = Map.of(
                "Content-Type",
                "application/json",
                StandardWebhooks.ID,
                message.id(),
                StandardWebhooks.TIMESTAMP,
                Long.toString(timestamp),
                StandardWebhooks.SIGNATURE,
                signatures);
        try {
            HttpPost.Answer answer = http.send(webhook.url(), headers, body, List.of(RETRY_AFTER));
            String field = answer.headers().get(RETRY_AFTER);
            Duration after = field == null ? null : RetryAfter.parse(field, claimed.at());
            return new Outcome(
                    attempt(message, now, since(begun), answer, fault(answer.status())),
                    after,
                    after != null || isAway(answer.status()));
        } catch (SourceException e) {
            return new Outcome(attempt(message, now, since(begun), null, String.valueOf(e.getMessage())), null, true);
        }
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    /** A receiver that is away or busy is so for every message; one that does not like this message may like others. */
    private static boolean isAway(int status) {
        return status / 100 == 5 || status == 429 || status == 408;
    }

    /** Why an answer does not count, or null. */
    private static @Nullable String fault(int status) {
        return switch (status / 100) {
            case 2 -> null;
            case 3 -> "it was answered with status " + status + ": redirects are not followed";
            default -> "it was answered with status " + status;
        };
    }

    private static MessageAttempt attempt(
            Message message,
            Instant begun,
            Duration duration,
            HttpPost.@Nullable Answer answer,
            @Nullable String error) {
        return new MessageAttempt(
                message.attempts(),
                begun,
                duration.toMillis(),
                answer == null ? null : answer.status(),
                answer == null
                        ? null
                        : new String(
                                Arrays.copyOf(answer.body(), Math.min(answer.body().length, MOST_RESPONSE_BYTES)),
                                StandardCharsets.UTF_8),
                error);
    }

    private void note(ClaimedMessage claimed, Webhook webhook, Outcome outcome) {
        Message message = claimed.message();
        MessageAttempt attempt = outcome.attempt();
        if (attempt.error() == null) {
            messages.delivered(claimed, attempt);
            count("delivered");
            return;
        }
        Integer status = attempt.status();
        if (status != null && status == GONE) {
            messages.refused(claimed, attempt, Duration.ZERO);
            count("failed");
            webhooks.disable(webhook.id(), "The receiver has answered 410: it wants no more messages.");
            return;
        }
        Duration after = outcome.after();
        Duration pause = pause(message.attempts());
        if (after != null && after.compareTo(pause) > 0) {
            pause = after.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : after;
        }
        Duration rest = rest(outcome, pause);
        if (claimed.at().plus(pause).isAfter(message.createdAt().plus(PATIENCE))) {
            messages.refused(claimed, attempt, rest);
            count("failed");
        } else {
            messages.postponed(claimed, attempt, pause, rest);
            count("again");
        }
        Instant failing = webhook.failingSince();
        if (failing != null && claimed.at().isAfter(failing.plus(properties.disableAfter()))) {
            webhooks.disable(
                    webhook.id(), "Nothing could be delivered since " + failing + "; at last " + attempt.error() + ".");
        }
    }

    private void count(String outcome) {
        meters.counter("slipway.webhooks.messages", "outcome", outcome).increment();
    }

    private static Duration rest(Outcome outcome, Duration pause) {
        if (!outcome.all()) {
            return Duration.ZERO;
        }
        return outcome.after() == null && pause.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : pause;
    }

    private static Duration pause(int attempts) {
        Duration pause = FIRST_PAUSE;
        for (int i = 1; i < attempts && pause.compareTo(LONGEST_PAUSE) < 0; i++) {
            pause = pause.multipliedBy(PAUSE_FACTOR);
        }
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
