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
        check(document, patch, "repository", "url", "/password");
        check(document, patch, "status", "apiUrl", "/token");
        check(document, patch, "status", "apiUrl", "/checkRun/privateKey");
    }

    /** @param credential JSON pointer within the object */
    private static void check(ObjectNode document, ObjectNode patch, String object, String address, String credential) {
        JsonNode change = patch.path(object);
        JsonNode known = document.path(object);
        boolean moved = change.has(address) && !change.path(address).equals(known.path(address));
        if (moved && !known.at(credential).isMissingNode() && !isNamed(change, credential)) {
            String name = object + credential.replace('/', '.');
            throw BodyFields.invalid(
                    name,
                    "The field " + object + "." + address + " changes, and with it where " + name
                            + " is sent: that has to be given again.",
                    "write both, or null for " + name);
        }
    }

    /** Whether a patch has the member, or takes away what it is in. */
    private static boolean isNamed(JsonNode change, String pointer) {
        int last = pointer.lastIndexOf('/');
        return !change.at(pointer).isMissingNode()
                || (last > 0 && change.at(pointer.substring(0, last)).isNull());
    }
}
