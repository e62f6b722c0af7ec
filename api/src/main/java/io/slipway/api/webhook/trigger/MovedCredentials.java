package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Keeps credentials that nobody may read from being sent to where somebody would who may only change addresses. */
final class MovedCredentials {
    private MovedCredentials() {}

    /**
     * Refuses a patch that changes where a credential goes and does not bring the credential.
     *
     * @param document as it is, with all that nobody may read
     */
    static void check(ObjectNode document, ObjectNode patch) {
        check(document, patch, "repository", "url", "password");
        check(document, patch, "status", "apiUrl", "token");
    }

    private static void check(ObjectNode document, ObjectNode patch, String object, String address, String credential) {
        JsonNode change = patch.path(object);
        JsonNode known = document.path(object);
        boolean moved = change.has(address) && !change.path(address).equals(known.path(address));
        if (moved && known.has(credential) && !change.has(credential)) {
            throw BodyFields.invalid(
                    object + "." + credential,
                    "The field " + object + "." + address + " changes, and with it where " + object + "." + credential
                            + " is sent: that has to be given again.",
                    "write both, or null for " + credential);
        }
    }
}
