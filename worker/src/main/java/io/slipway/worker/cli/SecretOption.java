package io.slipway.worker.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The values of {@code --secret}: {@code id=ID,src=FILE} or {@code id=ID,env=NAME}, as other builders have them. */
final class SecretOption {
    private static final long MOST_BYTES = 500 * 1024;

    private SecretOption() {}

    /**
     * Reads the secrets, by id.
     *
     * @throws ParameterException if one is not written so, or not to be had
     */
    static Map<String, byte[]> read(CommandLine command, Iterable<String> options) {
        Map<String, byte[]> secrets = new LinkedHashMap<>();
        for (String option : options) {
            Map<String, String> fields = fields(command, option);
            String id = fields.remove("id");
            if (id == null || id.isEmpty()) {
                throw new ParameterException(command, "--secret " + option + " has no id");
            }
            if (secrets.put(id, value(command, id, fields)) != null) {
                throw new ParameterException(command, "--secret gives " + id + " twice");
            }
        }
        return secrets;
    }

    private static Map<String, String> fields(CommandLine command, String option) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : option.split(",")) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            String known = switch (name) {
                case "id", "env" -> name;
                case "src", "source" -> "src";
                default ->
                    throw new ParameterException(
                            command, "--secret is id=ID,src=FILE or id=ID,env=NAME, not " + option);
            };
            if (equals < 0 || fields.put(known, field.substring(equals + 1)) != null) {
                throw new ParameterException(command, "--secret " + option + ": " + name + " needs one value");
            }
        }
        return fields;
    }

    private static byte[] value(CommandLine command, String id, Map<String, String> fields) {
        String file = fields.get("src");
        String variable = fields.get("env");
        if (file != null && variable != null) {
            throw new ParameterException(command, "--secret " + id + " has src and env: which of them?");
        }
        if (file == null) {
            String name = variable == null ? id : variable;
            String value = System.getenv(name);
            if (value == null) {
                throw new ParameterException(
                        command, "--secret " + id + ": the variable " + name + " is not set; src=FILE names a file");
            }
            return value.getBytes(StandardCharsets.UTF_8);
        }
        try {
            Path path = Path.of(file).toAbsolutePath();
            if (Files.size(path) > MOST_BYTES) {
                throw new ParameterException(
                        command, "--secret " + id + ": " + file + " is larger than " + MOST_BYTES + " bytes");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new ParameterException(command, "--secret " + id + ": " + file + " can't be read", e);
        }
    }
}
