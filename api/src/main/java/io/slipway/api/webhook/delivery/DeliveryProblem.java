package io.slipway.api.webhook.delivery;

import io.slipway.api.problem.ProblemException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Why an event has no build: what {@code POST /v1/builds} would have answered. */
final class DeliveryProblem {
    private DeliveryProblem() {}

    /** As JSON: type, title, status, detail and the problem's own fields. */
    static String of(ProblemException problem) {
        ObjectNode json = JsonMapper.shared().createObjectNode();
        json.put("type", "/problems/" + problem.type().slug());
        json.put("title", problem.type().title());
        json.put("status", problem.type().status().value());
        json.put("detail", String.valueOf(problem.getMessage()));
        problem.fields()
                .forEach((name, value) -> json.set(name, JsonMapper.shared().valueToTree(value)));
        return json.toString();
    }
}
