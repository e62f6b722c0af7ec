package io.slipway.api.database;

import io.slipway.api.testing.ServiceProcess;
import io.slipway.api.testing.TestService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The embedded database of a home before its first start, but with all in place that a first start makes: PostgreSQL's programs, its data
 * and the schema. Made once and copied, since dozens of homes of tests would spend most of their start on making the same. A first start
 * itself is tested by what runs the service as a process of its own.
 */
public final class PostgresTemplate {
    private static final String COPY =
            "mkdir -p \"$2\" && chmod 700 \"$2\" && cp -a \"$1/data\" \"$1/password\" \"$1/programs\" \"$2\"";

    private PostgresTemplate() {}

    private static final class Made {
        static final Path FOLDER = make();
    }

    private static Path make() {
        try {
            Path home = TestService.temporaryHome();
            Path folder = home.resolve("postgres");
            try (EmbeddedPostgres _ = EmbeddedPostgres.open(folder, PostgresBinaries.version(), "template")) {
                ServiceProcess.database(home).migrate();
            }
            if (Files.exists(folder.resolve("data/postmaster.pid"))) {
                throw new IllegalStateException("the template's server did not stop");
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Gives a home a database, if it has none and its service is not to be on another one.
     *
     * @param arguments the service's: Spring properties, {@code --name=value}
     */
    public static void copyTo(Path home, List<String> arguments) {
        Path postgres = home.resolve("postgres");
        if (Files.exists(postgres)
                || arguments.stream().anyMatch(argument -> argument.startsWith("--spring.datasource.url="))) {
            return;
        }
        try {
            int status = new ProcessBuilder("sh", "-c", COPY, "sh", Made.FOLDER.toString(), postgres.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("no copy of the template in " + home);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
