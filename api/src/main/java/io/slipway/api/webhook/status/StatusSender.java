package io.slipway.api.webhook.status;

import io.micrometer.core.instrument.MeterRegistry;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.webhook.trigger.SealedTriggers;
import io.slipway.api.webhook.trigger.StatusSettings;
import io.slipway.api.webhook.trigger.TriggerSettings;
import io.slipway.db.webhook.CheckRun;
import io.slipway.db.webhook.CommitStatus;
import io.slipway.db.webhook.CommitStatuses;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.SourceException;
import io.slipway.remote.http.HttpPost;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Tells a git host one status, and notes what came of it. Whatever does, the build stays what it is. Thread-safe. */
@Component
final class StatusSender {
    /** Longer than telling takes at most. */
    static final Duration HOLD = Duration.ofSeconds(60);

    private static final Duration IO_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** For so long it is tried: the host may be away over a weekend, and by then nobody looks any more. */
    private static final Duration PATIENCE = Duration.ofDays(1);

    private final Triggers triggers;
    private final SealedTriggers sealed;
    private final CommitStatuses statuses;
    private final CheckRuns checkRuns;
    private final SlipwayProperties properties;
    private final HttpPost http;
    private final MeterRegistry meters;

    StatusSender(
            Triggers triggers,
            SealedTriggers sealed,
            CommitStatuses statuses,
            CheckRuns checkRuns,
            SlipwayProperties properties,
            AddressPolicy addresses,
            MeterRegistry meters) {
        this.triggers = triggers;
        this.sealed = sealed;
        this.statuses = statuses;
        this.checkRuns = checkRuns;
        this.properties = properties;
        this.http = new HttpPost(addresses, IO_TIMEOUT, LIMIT);
        this.meters = meters;
    }

    /** Sends what is true now of what was claimed. */
    void send(CommitStatus status) throws IOException {
        Optional<Trigger> trigger = triggers.find(status.triggerId());
        if (trigger.isEmpty()) {
            statuses.refused(status, "the trigger was deleted");
            return;
        }
        TriggerSettings settings = sealed.settings(trigger.get());
        StatusSettings told = settings.status();
        String repository = settings.repository().fullName();
        if (told == null || repository == null) {
            statuses.refused(status, "the trigger does not say any more how the host is told");
            return;
        }
        String link = link(status, trigger.get());
        switch (told.access()) {
            case StatusSettings.Token token ->
                send(status, settings, StatusCall.of(settings, told.apiUrl(), token, repository, status, link));
            case StatusSettings.App app ->
                send(status, told, app, repository, CheckRunReport.of(settings.repository(), status, link));
        }
    }

    private void send(CommitStatus status, TriggerSettings settings, StatusCall call) throws IOException {
        if (call.state().equals(status.sentState()) && status.error() == null && status.checkRun() == null) {
            statuses.sent(status, call.state(), null); // of two states that the host has one word for
            return;
        }
        Map<String, String> headers = Map.of(
                "Authorization", call.authorization(),
                "Accept", "application/json",
                "Content-Type", "application/json");
        StatusOutcome outcome;
        try {
            HttpPost.Answer answer = http.send(
                    call.url(), headers, JsonMapper.shared().writeValueAsBytes(call.body()), StatusOutcome.HEADERS);
            outcome = StatusOutcome.of(settings.host(), answer, status.at());
        } catch (SourceException e) {
            outcome = new StatusOutcome.Later(String.valueOf(e.getMessage()), null);
        }
        note(status, call.state(), outcome, null);
    }

    private void send(
            CommitStatus status,
            StatusSettings settings,
            StatusSettings.App app,
            String repository,
            CheckRunReport report)
            throws IOException {
        CheckRun known = status.checkRun();
        // Without a build the state is always the same, and what it tells may be something else.
        boolean said = status.build() != null
                && report.state().equals(status.sentState())
                && known != null
                && known.of().equals(report.externalId());
        if (said && status.error() == null) {
            statuses.sent(status, report.state(), known);
            return;
        }
        StatusOutcome outcome;
        CheckRun checkRun = null;
        try {
            CheckRuns.Telling telling = checkRuns.tell(settings, app, repository, status, report);
            outcome = telling.outcome();
            checkRun = telling.checkRun();
        } catch (UntoldException e) {
            outcome = e.outcome();
        } catch (SourceException e) {
            outcome = new StatusOutcome.Later(String.valueOf(e.getMessage()), null);
        }
        note(status, report.state(), outcome, checkRun);
    }

    private void note(CommitStatus status, String state, StatusOutcome outcome, @Nullable CheckRun checkRun) {
        switch (outcome) {
            case StatusOutcome.Told _ -> {
                statuses.sent(status, state, checkRun);
                count("told");
            }
            case StatusOutcome.Refused(String error) -> {
                statuses.refused(status, error);
                count("failed");
            }
            case StatusOutcome.Later later -> {
                boolean patient =
                        Duration.between(status.changedAt(), status.at()).compareTo(PATIENCE) < 0;
                if (patient) {
                    statuses.failed(status, later.error(), pause(later.after(), status.attempts()));
                    count("again");
                } else {
                    statuses.refused(status, later.error());
                    count("failed");
                }
            }
        }
    }

    private void count(String outcome) {
        meters.counter("slipway.statuses", "outcome", outcome).increment();
    }

    /** A short wait that the host asks for is just that; after a long one it is asked later and later, as GitHub wants it. */
    static Duration pause(@Nullable Duration after, int attempts) {
        Duration usual = pause(attempts);
        if (after == null) {
            return usual;
        }
        boolean isLong = after.compareTo(StatusOutcome.LIMIT_PAUSE) >= 0;
        return isLong && usual.compareTo(after) > 0 ? usual : after;
    }

    private static Duration pause(int attempts) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempts, 12));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private String link(CommitStatus status, Trigger trigger) {
        URI configured = properties.externalUrl();
        String service = configured == null ? status.serviceUrl() : configured.toString();
        return status.build() == null
                ? service + "/v1/projects/" + trigger.project() + "/triggers/" + trigger.id() + "/deliveries"
                : service + "/builds/" + status.build().id();
    }
}
