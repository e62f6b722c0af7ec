package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Postgres15;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** The queue lives in any PostgreSQL that an operator names, from version 15 on. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class DatabaseTest {
    @Test
    void aServiceOnPostgres15BuildsAndStartsNoDatabaseOfItsOwn(TestBed bed) throws Exception {
        Path folder = TestBed.folder("slipway-database-");
        try (Postgres15 database = new Postgres15(folder.resolve("postgres"));
                BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo elsewhere > /where\n")) {
            String id;
            try (SlipwayService service =
                    SlipwayService.start(folder.resolve("home"), bed.bases(), database.settings())) {
                JsonNode build = service.client().succeed(context);
                id = build.get("id").asString();
                assertThat(service.client().logs(id)).contains("succeeded");
                assertThat(folder.resolve("home/postgres")).doesNotExist();
            }
            assertThat(database.query("SELECT state FROM builds WHERE id = '" + id + "'"))
                    .as("what is in the database when the service is gone")
                    .isEqualTo("succeeded");
        } finally {
            TestBed.remove(folder);
        }
    }
}
