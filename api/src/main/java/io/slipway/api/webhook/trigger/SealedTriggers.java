package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.JsonObjects;
import io.slipway.api.secret.SecretBox;
import io.slipway.db.webhook.Trigger;
import io.slipway.db.webhook.Triggers;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Encrypts what of triggers nobody may read, and opens it for the service itself. Thread-safe. */
@Component
public final class SealedTriggers {
    private final SecretBox box;

    SealedTriggers(SecretBox box) {
        this.box = box;
    }

    /** A document as it is stored. */
    Triggers.Document sealed(String id, ObjectNode document) {
        return new Triggers.Document(
                Redaction.of(document).toString(),
                box.seal(documentOf(id), JsonMapper.shared().writeValueAsBytes(document)));
    }

    /** The whole document of a trigger. */
    ObjectNode document(Trigger trigger) {
        return JsonObjects.parseAny(
                box.open(documentOf(trigger.id()), trigger.sealed()), "the trigger " + trigger.id());
    }

    /** What a trigger does. */
    public TriggerSettings settings(Trigger trigger) {
        return TriggerDocument.read(document(trigger), trigger.project());
    }

    /** A secret as it is stored. */
    public String sealedSecret(String id, String secret) {
        return box.seal(secretOf(id), secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Opens a secret of {@link #sealedSecret}. */
    public String secret(String id, String sealed) {
        return new String(box.open(secretOf(id), sealed), StandardCharsets.UTF_8);
    }

    private static String documentOf(String id) {
        return id + "/document";
    }

    private static String secretOf(String id) {
        return id + "/secret";
    }
}
