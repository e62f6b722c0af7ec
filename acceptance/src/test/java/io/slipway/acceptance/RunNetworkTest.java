package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.TestBed;
import java.util.UUID;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a RUN reaches. */
@ExtendWith(TestBed.Extension.class)
final class RunNetworkTest {
    /** Said by the kernel, at once: whatever is there, on this machine or behind it, is not asked. */
    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "169.254.170.2", "100.100.100.200"})
    void whereCloudsTellAMachineItsCredentialsIsNotReached(String address, TestBed bed) {
        SlipwayClient client = bed.client();
        try (BuildContext context = BuildContext.of(
                "FROM busybox:1.35\nRUN wget -O- http://" + address + "/ # " + UUID.randomUUID() + "\n")) {
            JsonNode build = client.build(context);
            assertThat(build.at("/error/code").asString(""))
                    .as(build.toString())
                    .isEqualTo("step_failed");
            assertThat(client.logs(build.get("id").asString())).contains("No route to host");
        }
    }
}
