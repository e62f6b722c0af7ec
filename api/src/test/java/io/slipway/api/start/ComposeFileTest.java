package io.slipway.api.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.api.SlipwayProperties;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** docker-compose-dev.yml, which nothing here can run, says nothing that is not so. */
final class ComposeFileTest {
    private static final Path CHECKOUT = Path.of("..");
    private static final Pattern PROGRAM = Pattern.compile("\\./[\\w./-]+");

    private JsonNode compose;

    @BeforeEach
    void read() throws IOException {
        try (Reader file = Files.newBufferedReader(CHECKOUT.resolve("docker-compose-dev.yml"))) {
            compose = new YAMLMapper().readTree(file);
        }
    }

    @Test
    void thereAreADatabaseARegistryAndTheService() {
        assertThat(compose.get("services").propertyNames()).containsExactly("postgres", "registry", "slipway");
        assertThat(compose.at("/services/postgres/image").asString()).isEqualTo("postgres:18");
        for (JsonNode service : compose.get("services")) {
            for (JsonNode volume : service.path("volumes")) {
                String source = volume.asString().split(":")[0];
                assertThat(source.startsWith(".") || compose.get("volumes").has(source))
                        .as("%s is a folder or a volume of the file", source)
                        .isTrue();
            }
            for (String other : service.path("depends_on").propertyNames()) {
                assertThat(compose.get("services").has(other)).as(other).isTrue();
            }
        }
    }

    @Test
    void whatIsRunAndMountedIsInTheCheckout() {
        JsonNode slipway = compose.at("/services/slipway");
        assertThat(slipway.get("volumes").valueStream().map(JsonNode::asString))
                .as("the checkout is where the command is run")
                .contains(".:" + slipway.get("working_dir").asString());
        List<String> programs = PROGRAM.matcher(slipway.get("command").toString())
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(programs)
                .contains("./dev")
                .allSatisfy(program -> assertThat(CHECKOUT.resolve(program)).isExecutable());
    }

    @Test
    void everySettingOfTheServiceIsOne() {
        KnownSettings settings = new KnownSettings(Map.of("slipway", SlipwayProperties.class));
        JsonNode environment = compose.at("/services/slipway/environment");
        assertThat(environment.propertyNames()).isNotEmpty().allSatisfy(variable -> {
            if (variable.startsWith("SPRING_")) {
                assertThat(dataSource()).contains(variable);
            } else {
                assertThat(settings.names().stream().map(ComposeFileTest::letters))
                        .contains(letters(variable));
            }
        });
    }

    @Test
    void theServiceReachesTheOthersByTheirNamesAndWithTheirPasswords() {
        JsonNode slipway = compose.at("/services/slipway/environment");
        JsonNode postgres = compose.at("/services/postgres/environment");
        assertThat(slipway.get("SPRING_DATASOURCE_URL").asString())
                .startsWith("jdbc:postgresql://postgres:5432/")
                .endsWith("/" + postgres.get("POSTGRES_USER").asString());
        assertThat(slipway.get("SPRING_DATASOURCE_USERNAME")).isEqualTo(postgres.get("POSTGRES_USER"));
        assertThat(slipway.get("SPRING_DATASOURCE_PASSWORD")).isEqualTo(postgres.get("POSTGRES_PASSWORD"));
        assertThat(slipway.get("SLIPWAY_REGISTRIES_0_HOST").asString()).isEqualTo("registry:5000");
    }

    /** What Spring compares of a setting's name and a variable's. */
    private static String letters(String name) {
        return name.replaceAll("[^a-zA-Z]", "").toLowerCase(Locale.ROOT);
    }

    /** The variables of Spring's settings for a database. */
    private static Stream<String> dataSource() {
        return Stream.of(DataSourceProperties.class.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("set"))
                .map(name -> "SPRING_DATASOURCE_" + name.substring(3).toUpperCase(Locale.ROOT));
    }
}
