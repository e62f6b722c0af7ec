package io.slipway.db.access;

/** What the database knows about a request with an idempotency key. */
public sealed interface Begun {
    /**
     * It is new: carry it out, then store the answer or give it up.
     *
     * @param owner whose the key is from now on, until the hold ends and another request takes it
     */
    record First(String owner) implements Begun {}

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
