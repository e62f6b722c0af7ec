package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Machine;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.TestBed;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What the service says of itself is held to the linter's rules, in a build of its own: the linter is a Node program. */
@ExtendWith(TestBed.Extension.class)
final class OpenApiLintTest {
    /** The last major version that runs on Debian's Node. */
    private static final String LINTER = "@redocly/cli@1.34.5";

    @Test
    void openApiYamlPassesTheLinterWithoutAWarning(TestBed bed) throws Exception {
        // Installed in memory: the image is of no use to anybody.
        try (BuildContext context = Machine.into(BuildContext.of("""
                FROM node:18
                COPY machine/certificates/ /usr/local/share/ca-certificates/
                RUN update-ca-certificates
                COPY machine/npm/ openapi.yaml /root/
                ENV REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
                RUN --mount=type=tmpfs,target=/lint cp /root/openapi.yaml /lint/ && cd /lint \\
                    && npm install --cache /lint/cache --no-audit --no-fund --no-update-notifier --ignore-scripts %s \\
                    && npx redocly lint openapi.yaml && sed /operationId/d openapi.yaml >without.yaml && npx redocly lint without.yaml
                """.formatted(LINTER)))
                .file("openapi.yaml", Files.readString(Programs.CHECKOUT.resolve("openapi.yaml")))) {
            JsonNode build = bed.client().succeed(context);
            String log = bed.client().logs(build.get("id").asString());
            int ours = log.indexOf("validating openapi.yaml");
            int faulty = log.indexOf("validating without.yaml");
            assertThat(faulty).isGreaterThan(ours);
            assertThat(log.substring(ours, faulty))
                    .contains("Your API description is valid")
                    .doesNotContain("warning");
            assertThat(log.substring(faulty))
                    .as("a document with a fault is told of it")
                    .contains("operation-operationId", "warning");
        }
    }
}
