package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import tools.jackson.databind.JsonNode;

/** Projects take turns, whatever each of them has sent. */
@ExtendWith(TestBed.Extension.class)
@Isolated("counts the builds of the service that others use too")
final class TurnsTest {
    @Test
    void aProjectWithManyBuildsDelaysTheNextOfAnotherByOneSlotAtMost(TestBed bed) {
        SlipwayClient client = bed.client();
        int slots = client.get("/v1").json().at("/limits/concurrentBuilds").asInt();
        String big = project(client);
        String small = project(client);
        List<HeldRun> held = new ArrayList<>();
        List<BuildContext> contexts = new ArrayList<>();
        try {
            while (held.size() < slots) {
                HeldRun run = new HeldRun();
                contexts.add(BuildContext.of("FROM busybox:1.35\n" + run.instruction()));
                client.submit(contexts.getLast(), "project", big);
                run.await();
                held.add(run);
            }
            BuildContext context = BuildContext.of("FROM scratch\nLABEL a=b\n");
            contexts.add(context);
            List<String> many = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                many.add(client.submit(context, "project", big));
            }
            String one = client.submit(context, "project", small);
            assertThat(client.show(one).at("/queue/position").asInt()).isEqualTo(1);
            assertThat(client.show(one).at("/queue/reason").asString()).isEqualTo("slots");
            assertThat(client.show(many.getLast()).at("/queue/position").asInt())
                    .isEqualTo(4);

            held.removeFirst().letGo();
            Instant start = start(client.await(one));
            assertThat(many)
                    .allSatisfy(id -> assertThat(start(client.await(id))).isAfter(start));
        } finally {
            held.forEach(HeldRun::letGo);
            contexts.forEach(BuildContext::close);
        }
    }

    private static String project(SlipwayClient client) {
        String name = "turns-" + UUID.randomUUID();
        assertThat(client.send(client.request("/v1/projects")
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString("{\"name\": \"" + name + "\"}")))
                        .status())
                .isEqualTo(201);
        return name;
    }

    private static Instant start(JsonNode build) {
        return Instant.parse(build.get("startedAt").asString());
    }
}
