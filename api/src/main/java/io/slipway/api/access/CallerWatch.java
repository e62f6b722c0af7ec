package io.slipway.api.access;

import io.slipway.db.DatabaseException;
import io.slipway.db.access.Tokens;
import org.springframework.stereotype.Component;

/** Tells those who answer one request for a long time whether the caller may still see it. Thread-safe. */
@Component
public final class CallerWatch {
    private final Tokens tokens;

    CallerWatch(Tokens tokens) {
        this.tokens = tokens;
    }

    /**
     * False once the caller's token has expired or was revoked. An OpenID provider's token, which is made to be valid for minutes, is good
     * for a request to its end; and so is any while the database can't be asked.
     */
    public boolean isAdmitted(Caller caller) {
        try {
            return !caller.isToken() || tokens.isValid(caller.id());
        } catch (DatabaseException e) {
            return true;
        }
    }
}
