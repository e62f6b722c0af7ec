package io.slipway.api.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.access.AccessProperties;
import io.slipway.api.history.HistoryProperties;
import io.slipway.api.intake.ContextProperties;
import io.slipway.api.intake.GitProperties;
import io.slipway.api.trace.TracingProperties;
import io.slipway.api.upload.UploadProperties;
import io.slipway.api.webhook.WebhookProperties;
import io.slipway.api.webhook.base.BaseProperties;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class KnownSettingsTest {
    private record Git(boolean allowFile, List<String> hosts, Map<String, String> headers) {}

    private final KnownSettings settings =
            new KnownSettings(Map.of("slipway", SlipwayProperties.class, "slipway.git", Git.class));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "slipway.home",
                "slipway.external-url",
                "slipway.externalUrl",
                "slipway.workers.claim-wait",
                "slipway.workers.command",
                "slipway.workers.command[3]",
                "slipway.registries[12].mirrors[0]",
                "slipway.git.allow-file",
                "slipway.git.headers.X-Team"
            })
    void everyWayOfWritingASettingIsKnown(String property) {
        assertThat(settings.has(property)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "slipway.workers.slot, slipway.workers.slots",
        "slipway.worker.slots, slipway.workers.slots",
        "slipway.limits.context_sizes, slipway.limits.context-size",
        "slipway.registries[1].plain-htp, slipway.registries[0].plain-http",
        "slipway.git.alow-file, slipway.git.allow-file",
        "slipway.colour, "
    })
    void anotherNameIsUnknownAndTheNearestIsNamed(String property, String nearest) {
        assertThat(settings.has(property)).isFalse();
        assertThat(settings.nearest(property).orElse(null)).isEqualTo(nearest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SLIPWAY_HOME",
                "SLIPWAY_PORT",
                "SLIPWAY_JAVA_OPTIONS",
                "SLIPWAY_WORKERS_SLOTS",
                "SLIPWAY_WORKERS_CLAIMWAIT",
                "SLIPWAY_WORKERS_CLAIM_WAIT",
                "SLIPWAY_REGISTRIES_0_PLAINHTTP",
                "SLIPWAY_WORKER_TOKEN",
                "SLIPWAY_TOKEN",
                "SLIPWAY_CA_BUNDLE",
                "SLIPWAY_GIT_HEADERS_TEAM",
                "SLIPWAY_SERVICE_HOST",
                "SLIPWAY_PORT_8080_TCP_ADDR"
            })
    void variablesThatAreSettingsOrSomebodyElsesAreAdmitted(String variable) {
        assertThat(settings.admitsVariable(variable)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "SLIPWAY_WORKER_SLOTS, SLIPWAY_WORKERS_SLOTS",
        "SLIPWAY_REGISTRIES_0_HOTS, SLIPWAY_REGISTRIES_0_HOST",
        "SLIPWAY_LIMITS_COLOUR, ",
    })
    void variablesThatMustHaveBeenMeantAsSettingsAreNot(String variable, String nearest) {
        assertThat(settings.admitsVariable(variable)).isFalse();
        assertThat(settings.nearestToVariable(variable).orElse(null)).isEqualTo(nearest);
    }

    @Test
    void whatTheDocumentationListsIsKnown() throws IOException {
        List<String> listed = Files.readAllLines(Path.of("../docs/operating.md")).stream()
                .filter(line -> line.startsWith("| `slipway."))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .map(name -> name.replace("[n]", "[0]").replace("[m]", "[0]"))
                .toList();
        KnownSettings all = new KnownSettings(Map.of(
                "slipway.bases", BaseProperties.class,
                "slipway", SlipwayProperties.class,
                "slipway.git", GitProperties.class,
                "slipway.context", ContextProperties.class,
                "slipway.upload", UploadProperties.class,
                "slipway.webhooks", WebhookProperties.class,
                "slipway.history", HistoryProperties.class,
                "slipway.tracing", TracingProperties.class,
                "slipway.access", AccessProperties.class));
        assertThat(listed).hasSizeGreaterThan(25).allMatch(all::has);
    }
}
