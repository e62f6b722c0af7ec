package io.slipway.db.webhook;

/**
 * A trigger to be made.
 *
 * @param id from {@link Triggers#newId}
 * @param host the kind of git host, as the API calls it
 * @param document JSON as the API shows it
 * @param sealed the whole document, encrypted
 * @param secret what the host signs with, encrypted
 * @param createdBy id of the token or identity that makes it
 */
public record NewTrigger(
        String id, String project, String host, String document, String sealed, String secret, String createdBy) {

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "NewTrigger[id=" + id + ", project=" + project + ", host=" + host + "]";
    }
}
