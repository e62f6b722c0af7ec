package io.slipway.db.access;

import java.time.Instant;

/** What the database knows about a request with an idempotency key. */
public sealed interface Begun {
    /**
     * It is new: carry it out, then store the answer or give it up, and renew the hold meanwhile.
     *
     * @param since when it was begun, by the database's clock; tells it apart from the same request that somebody else begins once this one's
     *     hold has ended
     */
    record First(Instant since) implements Begun {}

    /** The same request is being carried out right now. */
    record Running() implements Begun {}

    /** The key was used for another request. */
    record Different() implements Begun {}

    /**
     * It was carried out already.
     *
     * @param status HTTP status
     * @param headers a JSON object of header names and values
     * @param body the body, byte for byte
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on as it is, never compared
    record Answered(int status, String headers, byte[] body) implements Begun {}
}
