package io.slipway.db;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Migrations leave what a service of the version before needs, which works on beside one that has brought the schema to this version (docs/operating.md). */
final class MigrationsTest {
    private static final Path FOLDER = Path.of("src/main/resources/db/migration");
    private static final Pattern VERSION = Pattern.compile("V(\\d+)__.*\\.sql");

    /** Older ones were never beside a version that they could have disturbed. */
    private static final int FIRST_BESIDE = 12;

    private static final List<Pattern> FORBIDDEN = Stream.of(
                    "drop\\s+(table|column|constraint|function|type)",
                    "\\brename\\b",
                    "alter\\s+column\\s+\\w+\\s+(set\\s+data\\s+)?type",
                    "set\\s+not\\s+null",
                    "add\\s+column\\s+(?![^,;]*(default|generated))[^,;]*not\\s+null",
                    "alter\\s+column\\s+\\w+\\s+drop\\s+default")
            .map(rule -> Pattern.compile(rule, Pattern.CASE_INSENSITIVE))
            .toList();

    @Test
    void aMigrationOnlyAdds() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<Path> newer =
                    files.filter(file -> version(file) >= FIRST_BESIDE).toList();
            assertThat(newer).isNotEmpty();
            for (Path file : newer) {
                String sql = Files.readString(file, UTF_8).replaceAll("--[^\n]*", "");
                for (Pattern rule : FORBIDDEN) {
                    assertThat(rule.matcher(sql).find())
                            .as("%s: %s", file.getFileName(), rule)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void theRulesSeeWhatTheyAreFor() {
        for (String sql : List.of(
                "alter table a drop column b",
                "alter table a rename to b",
                "alter table a alter column b type text",
                "alter table a add column b text not null",
                "alter table a add column b text, add column c text not null, add column d text")) {
            assertThat(FORBIDDEN).as(sql).anyMatch(rule -> rule.matcher(sql).find());
        }
        assertThat(FORBIDDEN)
                .noneMatch(rule -> rule.matcher("alter table a add column b text not null default ''")
                        .find());
    }

    private static int version(Path file) {
        Matcher name = VERSION.matcher(file.getFileName().toString());
        assertThat(name.matches()).as(file.toString()).isTrue();
        return Integer.parseInt(name.group(1));
    }
}
