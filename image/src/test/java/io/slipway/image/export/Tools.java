package io.slipway.image.export;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other people's tools on what we wrote. */
public final class Tools {
    private Tools() {}

    /** Runs a command that must succeed, and returns what it wrote to its standard output. */
    public static String run(String... command) throws IOException, InterruptedException {
        boolean found = List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command[0])));
        assertThat(found)
                .as("%1$s is missing: apt-get install %1$s", command[0])
                .isTrue();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }
}
