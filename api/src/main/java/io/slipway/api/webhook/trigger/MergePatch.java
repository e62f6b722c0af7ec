package io.slipway.api.webhook.trigger;

import tools.jackson.databind.node.ObjectNode;

/** JSON Merge Patch (RFC 7396). */
final class MergePatch {
    private MergePatch() {}

    /** Changes {@code target}: members of the patch take the place of those of the same name, objects member by member; null removes. */
    static void apply(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(member -> {
            String name = member.getKey();
            if (member.getValue().isNull()) {
                target.remove(name);
            } else if (member.getValue() instanceof ObjectNode change) {
                ObjectNode changed = target.get(name) instanceof ObjectNode object ? object : target.putObject(name);
                apply(changed, change);
            } else {
                target.set(name, member.getValue());
            }
        });
    }
}
