package io.slipway.db.webhook;

/**
 * A webhook to be made.
 *
 * @param id from {@link Webhooks#newId}
 * @param settings what its maker says
 * @param secret what messages are signed with, encrypted
 * @param serviceUrl where its maker has reached the service
 * @param createdBy id of the token or identity that makes it
 */
public record NewWebhook(
        String id, String project, WebhookSettings settings, String secret, String serviceUrl, String createdBy) {

    /** Leaves out what is encrypted. */
    @Override
    public String toString() {
        return "NewWebhook[id=" + id + ", project=" + project + "]";
    }
}
