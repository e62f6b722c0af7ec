package io.slipway.api.webhook.trigger;

import io.slipway.api.webhook.host.HostEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a template can say about an event: a closed set. */
public enum Placeholder {
    /** {@code push}, {@code tag} or {@code pull_request}. */
    EVENT("event"),
    /** The full name of the ref. */
    REF("ref"),
    /** Of a push, or the one that a pull request comes from. */
    BRANCH("branch"),
    /** Of a tag. */
    TAG("tag"),
    /** The whole commit id. */
    SHA("sha"),
    /** Its first twelve digits. */
    SHORT_SHA("shortSha"),
    /** The number of a pull request. */
    PULL_REQUEST("pullRequest"),
    /** Where a pull request is to go. */
    TARGET_BRANCH("targetBranch"),
    /** The trigger's full name of the repository. */
    REPOSITORY("repository");

    private static final int SHORT = 12;

    private final String wireName;

    Placeholder(String wireName) {
        this.wireName = wireName;
    }

    /** The name between the braces. */
    public String wireName() {
        return wireName;
    }

    static Optional<Placeholder> parse(String wireName) {
        return Arrays.stream(values())
                .filter(placeholder -> placeholder.wireName.equals(wireName))
                .findFirst();
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Placeholder::wireName).toList();
    }

    /** What it stands for, or null if the event has no such thing. */
    @Nullable
    String of(HostEvent event, @Nullable String repository) {
        HostEvent.PullRequest request = event.pullRequest();
        return switch (this) {
            case EVENT -> event.kind().wireName();
            case REF -> event.ref();
            case BRANCH -> event.branch();
            case TAG -> event.tag();
            case SHA -> event.commit();
            case SHORT_SHA ->
                event.commit().substring(0, Math.min(SHORT, event.commit().length()));
            case PULL_REQUEST -> request == null ? null : request.number();
            case TARGET_BRANCH -> request == null ? null : request.targetBranch();
            case REPOSITORY -> repository;
        };
    }
}
