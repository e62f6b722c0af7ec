package io.slipway.worker.cli;

import io.slipway.protocol.SshSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The values of {@code --ssh}: {@code ID}, {@code ID=SOCKET} or {@code ID=KEY}, as other builders have them. */
final class SshOption {
    private SshOption() {}

    /**
     * Reads the sources, by id.
     *
     * @throws ParameterException if there is no such agent or key
     */
    static Map<String, SshSource> read(CommandLine command, Iterable<String> options) {
        Map<String, SshSource> sources = new LinkedHashMap<>();
        for (String option : options) {
            int equals = option.indexOf('=');
            String id = equals < 0 ? option : option.substring(0, equals);
            String path = equals < 0 ? System.getenv("SSH_AUTH_SOCK") : option.substring(equals + 1);
            if (path == null || path.isEmpty()) {
                throw new ParameterException(
                        command,
                        "--ssh " + option + ": no agent is at hand ($SSH_AUTH_SOCK); --ssh ID=KEY names a key");
            }
            if (sources.put(id, source(command, option, Path.of(path).toAbsolutePath())) != null) {
                throw new ParameterException(command, "--ssh gives " + id + " twice");
            }
        }
        return sources;
    }

    private static SshSource source(CommandLine command, String option, Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).isOther()
                    ? new SshSource(path.toAbsolutePath().toString(), null)
                    : new SshSource(null, Files.readString(path, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ParameterException(command, "--ssh " + option + ": " + path + " can't be read", e);
        }
    }
}
