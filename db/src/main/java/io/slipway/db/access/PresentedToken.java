package io.slipway.db.access;

/**
 * A token that somebody has shown.
 *
 * @param token what it grants if it is valid
 * @param state whether it is
 * @param usedLately whether it is noted already that it was used within the last minute
 */
public record PresentedToken(Token token, State state, boolean usedLately) {
    /** Whether a token is valid. */
    public enum State {
        VALID,
        EXPIRED,
        REVOKED
    }
}
