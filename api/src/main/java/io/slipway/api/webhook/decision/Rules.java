package io.slipway.api.webhook.decision;

import io.slipway.api.webhook.host.EventKind;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.trigger.TriggerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides whether an event is to be built. Every rule is asked, also after one that said no, so that a trigger is mended in one go. */
public final class Rules {
    private final TriggerSettings trigger;
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private Rules(TriggerSettings trigger) {
        this.trigger = trigger;
    }

    /**
     * What is decided.
     *
     * @param repository the payload's, or null if it says none
     */
    public static Verdict verdict(TriggerSettings trigger, @Nullable String repository, HostEvent event) {
        Rules rules = new Rules(trigger);
        rules.enabled();
        rules.event(event);
        rules.repository(repository);
        rules.deletion(event);
        rules.fork(event);
        rules.branch(event);
        rules.tag(event);
        rules.path(event);
        rules.skipMark(event);
        return new Verdict(rules.refusals, rules.notes);
    }

    /** What is decided on doing the build of a branch or tag again since a base of it has moved. What has changed in the repository is nothing to that. */
    public static Verdict rebuild(TriggerSettings trigger, HostEvent event) {
        Rules rules = new Rules(trigger);
        rules.enabled();
        if (!trigger.rebuildOnBase()) {
            rules.refuse(Rule.REBUILD_ON_BASE, "The trigger's builds are not done again when a base moves.");
        }
        rules.event(event);
        rules.branch(event);
        rules.tag(event);
        return new Verdict(rules.refusals, rules.notes);
    }

    /** Whether the trigger's paths have a say and the host has not told what has changed. */
    public static boolean asksForPaths(TriggerSettings trigger, HostEvent event) {
        return !trigger.paths().chooseAll() && !event.deleted() && event.paths() == null;
    }

    private void refuse(Rule rule, String detail) {
        refusals.add(new Refusal(rule, detail));
    }

    private void enabled() {
        if (!trigger.enabled()) {
            refuse(Rule.ENABLED, "The trigger is switched off.");
        }
    }

    private void event(HostEvent event) {
        if (!trigger.events().contains(event.kind())) {
            refuse(
                    Rule.EVENT,
                    "The trigger waits for "
                            + trigger.events().stream()
                                    .map(EventKind::wireName)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + ", not for " + event.kind().wireName() + ".");
        }
    }

    private void repository(@Nullable String told) {
        String own = trigger.repository().fullName();
        if (own == null || (told == null && trigger.host() == HostKind.GENERIC)) {
            return;
        }
        if (told == null || !told.equalsIgnoreCase(own)) {
            refuse(Rule.REPOSITORY, "The event is of the repository " + told + ", the trigger of " + own + ".");
        }
    }

    private void deletion(HostEvent event) {
        if (event.deleted()) {
            refuse(Rule.DELETION, event.ref() + " is gone.");
        }
    }

    private void fork(HostEvent event) {
        HostEvent.PullRequest request = event.pullRequest();
        if (request == null || !request.fork()) {
            return;
        }
        if (!trigger.forks()) {
            refuse(Rule.FORK, "The commits are another repository's, and the trigger builds no forks.");
        } else if (trigger.host() == HostKind.BITBUCKET_CLOUD) {
            refuse(
                    Rule.FORK,
                    "bitbucket.org keeps the commits of forks where the trigger's repository does not have them.");
        }
    }

    /** Of a pull request the branch that counts is where it is to go. */
    private void branch(HostEvent event) {
        HostEvent.PullRequest request = event.pullRequest();
        String branch = request == null ? event.branch() : request.targetBranch();
        if (branch != null && !trigger.branches().choose(branch)) {
            refuse(Rule.BRANCH, "The trigger's branches do not choose " + branch + ".");
        }
    }

    private void tag(HostEvent event) {
        if (event.tag() != null && !trigger.tags().choose(event.tag())) {
            refuse(Rule.TAG, "The trigger's tags do not choose " + event.tag() + ".");
        }
    }

    private void path(HostEvent event) {
        List<String> paths = event.paths();
        if (asksForPaths(trigger, event)) {
            notes.add("What has changed is not known, so the trigger's paths were not asked.");
        } else if (paths != null
                && !event.deleted()
                && !trigger.paths().chooseAll()
                && paths.stream().noneMatch(trigger.paths()::choose)) {
            refuse(Rule.PATH, "The trigger's paths choose none of the " + paths.size() + " that have changed.");
        }
    }

    private void skipMark(HostEvent event) {
        String message = event.message();
        if (message == null) {
            return;
        }
        String lower = message.toLowerCase(Locale.ROOT);
        trigger.skipMarks().stream()
                .filter(mark -> lower.contains(mark.toLowerCase(Locale.ROOT)))
                .findFirst()
                .ifPresent(mark -> refuse(Rule.SKIP_MARK, "The commit's message has " + mark + "."));
    }
}
