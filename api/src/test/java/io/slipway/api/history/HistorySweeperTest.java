package io.slipway.api.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.api.HomeId;
import io.slipway.api.SlipwayProperties;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.ServiceExtension;
import io.slipway.api.testing.SucceededBuild;
import io.slipway.api.testing.Tenant;
import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

@ExtendWith(ServiceExtension.class)
final class HistorySweeperTest {
    private static void set(RunningService service, BuildId id, String assignments) {
        service.part(Database.class)
                .run(transaction ->
                        transaction.update("update builds set " + assignments + " where id = ?", id.value()));
    }

    private static int status(RunningService service, BuildId id) throws IOException {
        return service.client().get("/v1/builds/" + id).status();
    }

    @Test
    void buildsGoWhenTheyAreOldAndTheirFilesAreGone(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        SucceededBuild old = tenant.succeededBuild();
        SucceededBuild unswept = tenant.succeededBuild();
        SucceededBuild young = tenant.succeededBuild();
        set(service, old.id(), "finished_at = now() - interval '181 days', files_swept_at = now()");
        set(service, unswept.id(), "finished_at = now() - interval '181 days', files_swept_at = null");
        set(service, young.id(), "finished_at = now() - interval '179 days', files_swept_at = now()");
        service.part(HistorySweeper.class).sweep();
        assertThat(status(service, old.id())).isEqualTo(404);
        assertThat(service.client().get("/v1/builds/" + old.id() + "/logs").status())
                .isEqualTo(404);
        assertThat(status(service, unswept.id())).isEqualTo(200);
        assertThat(status(service, young.id())).isEqualTo(200);
        assertThat(service.client()
                        .get("/v1/builds?project=" + tenant.project())
                        .text())
                .doesNotContain(old.id().value())
                .contains(young.id().value());
    }

    @Test
    void aProjectKeepsAsManyAndAsLongAsItsLimitsSay(RunningService service) throws IOException {
        Tenant tenant = Tenant.in(service);
        Tenant other = Tenant.in(service);
        List<BuildId> builds = new ArrayList<>();
        for (int age : List.of(40, 30, 20, 10, 1)) {
            builds.add(ended(tenant, age));
        }
        BuildId others = ended(other, 40);
        limit(tenant, "{\"keptBuilds\": 1}");
        service.part(HistorySweeper.class).sweepProjects();
        assertThat(left(service, builds))
                .as("the newest, in any case within a week of its end")
                .containsExactly(4);

        builds.add(ended(tenant, 30));
        builds.add(ended(tenant, 10));
        limit(
                tenant,
                "{\"keptBuilds\": null, \"buildAgeMillis\": "
                        + Duration.ofDays(15).toMillis() + "}");
        service.part(HistorySweeper.class).sweepProjects();
        assertThat(left(service, builds)).containsExactly(4, 6);

        limit(tenant, "{\"buildAgeMillis\": 1}");
        service.part(HistorySweeper.class).sweepProjects();
        assertThat(left(service, builds))
                .as("images are found by their builds for a week")
                .containsExactly(4);
        assertThat(status(service, others)).isEqualTo(200);
    }

    private static BuildId ended(Tenant tenant, int days) throws IOException {
        BuildId id = tenant.succeededBuild().id();
        set(tenant.service(), id, "finished_at = now() - interval '" + days + " days', files_swept_at = now()");
        return id;
    }

    private static List<Integer> left(RunningService service, List<BuildId> builds) throws IOException {
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < builds.size(); i++) {
            if (status(service, builds.get(i)) == 200) {
                left.add(i);
            }
        }
        return left;
    }

    private static void limit(Tenant tenant, String limits) throws IOException {
        assertThat(tenant.service()
                        .client()
                        .send(
                                "PATCH",
                                "/v1/projects/" + tenant.project(),
                                BodyPublishers.ofString("{\"limits\": " + limits + "}"),
                                "Content-Type",
                                "application/json")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void homesGoWithTheHistory(RunningService service) {
        Database database = service.part(Database.class);
        database.run(transaction -> transaction.update("""
                insert into homes (id, seen_at) values ('hom_old', now() - interval '181 days'), ('hom_young', now() - interval '179 days')
                """));
        service.part(HistorySweeper.class).sweep();
        assertThat(database.<List<String>>inTransaction(
                        transaction -> transaction.list("select id from homes", row -> row.text("id"))))
                .contains("hom_young", service.part(HomeId.class).value())
                .doesNotContain("hom_old");
    }

    @Test
    void imagesAreNotKeptLongerThanTheirBuilds() {
        var storage = new Binder(new MapConfigurationPropertySource())
                .bindOrCreate("slipway.storage", SlipwayProperties.Storage.class);
        HistoryProperties ever = new HistoryProperties(Duration.ZERO, null, Duration.ZERO);
        ever.requireLongerThanImages(storage);
        assertThatThrownBy(() ->
                        new HistoryProperties(Duration.ofDays(6), null, Duration.ZERO).requireLongerThanImages(storage))
                .hasMessageContaining("slipway.storage.image-age");
        assertThatThrownBy(() -> new HistoryProperties(Duration.ofDays(-1), null, Duration.ZERO))
                .hasMessageContaining("must not be negative");
    }
}
