package io.slipway.api.webhook.status;

/** What has to come before a host can be told has failed. */
final class UntoldException extends Exception {
    private final transient StatusOutcome outcome;

    /** @param outcome how it has failed, which is how telling has */
    UntoldException(StatusOutcome outcome) {
        this.outcome = outcome;
    }

    StatusOutcome outcome() {
        return outcome;
    }
}
