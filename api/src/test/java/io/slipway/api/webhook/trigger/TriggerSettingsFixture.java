package io.slipway.api.webhook.trigger;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Triggers for tests. */
public final class TriggerSettingsFixture {
    private TriggerSettingsFixture() {}

    /** A trigger of github.com/org/app with these members of its document, in JSON with single quotes. */
    public static TriggerSettings of(String document) {
        ObjectNode json = (ObjectNode) JsonMapper.shared()
                .readTree("{\"name\": \"test\", \"host\": \"github\","
                        + " \"repository\": {\"url\": \"https://github.com/org/app.git\"}}");
        MergePatch.apply(json, (ObjectNode) JsonMapper.shared().readTree(document.replace('\'', '"')));
        return TriggerDocument.read(json, "default");
    }
}
