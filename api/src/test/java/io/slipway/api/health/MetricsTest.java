package io.slipway.api.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.launch.FinishedBuilds;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.Tenant;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ServiceExtension.class)
final class MetricsTest {
    /** The value of a metric, or 0 if it is not there. */
    private static double value(RunningService service, String metric) throws IOException {
        String all = service.client().get("/actuator/prometheus").text();
        Matcher found = Pattern.compile("^" + Pattern.quote(metric) + " (.*)$", Pattern.MULTILINE)
                .matcher(all);
        return found.find() ? Double.parseDouble(found.group(1)) : 0;
    }

    @Test
    void theQueueOfAProjectIsThereForAsLongAsItHasOne(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        ProjectQueueMetrics queues = service.part(ProjectQueueMetrics.class);
        String depth = "slipway_project_queued{project=\"" + tenant.project() + "\"}";
        queues.look();
        assertThat(service.client().get("/actuator/prometheus").text()).doesNotContain(tenant.project());
        String first = tenant.queuedBuild();
        String second = tenant.queuedBuild();
        queues.look();
        assertThat(value(service, depth)).isEqualTo(2);
        assertThat(value(service, "slipway_project_queued_oldest_seconds{project=\"" + tenant.project() + "\"}"))
                .isPositive();
        for (String build : new String[] {first, second}) {
            assertThat(service.client()
                            .post("/v1/builds/" + build + "/cancel", new byte[0])
                            .status())
                    .isEqualTo(200);
        }
        queues.look();
        assertThat(service.client().get("/actuator/prometheus").text()).doesNotContain(depth);
    }

    @Test
    void whatBuildsWaitedAndWhatTheyMadeIsCounted(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        double images = value(service, "slipway_image_bytes_count");
        service.part(FinishedBuilds.class).count(tenant.succeededBuild().id());
        assertThat(value(service, "slipway_queue_wait_seconds_count{project=\"" + tenant.project() + "\"}"))
                .isEqualTo(1);
        assertThat(value(service, "slipway_image_bytes_count")).isGreaterThan(images);
        assertThat(value(service, "slipway_build_phase_seconds_count{phase=\"queue\"}"))
                .isPositive();
        assertThat(value(service, "slipway_build_phase_seconds_bucket{phase=\"queue\",le=\"+Inf\"}"))
                .isPositive();
        assertThat(value(service, "slipway_builds_seconds_count{code=\"\",state=\"succeeded\"}"))
                .isPositive();
    }
}
