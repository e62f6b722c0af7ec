package io.slipway.api.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.access.Projects;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ServiceExtension.class)
final class DeletedProjectsTest {
    @Test
    void nothingIsLeftOfADeletedProject(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        SucceededBuild build = tenant.succeededBuild();
        DeletedProjects deleted = service.part(DeletedProjects.class);
        deleted.sweep();
        assertThat(service.client().get("/v1/builds/" + build.id()).status()).isEqualTo(200);

        assertThat(service.client()
                        .send("DELETE", "/v1/projects/" + tenant.project(), BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        service.part(Database.class)
                .run(transaction -> transaction.update(
                        "update builds set files_swept_at = now() where id = ?",
                        build.id().value()));
        deleted.sweep();
        assertThat(service.client().get("/v1/builds/" + build.id()).status()).isEqualTo(404);
        assertThat(service.part(Projects.class).unpurged()).doesNotContain(tenant.project());
    }
}
