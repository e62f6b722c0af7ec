package io.slipway.worker.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The values of {@code --build-arg}: {@code NAME=VALUE}, or {@code NAME} alone for what the caller's environment has, as other builders have them. */
final class BuildArgumentOption {
    /** In front of the name: some of the caller's variables are others by the time that a worker runs (scripts/build.sh). */
    private static final String HANDED_OVER = "SLIPWAY_BUILD_ARG_";

    private BuildArgumentOption() {}

    /**
     * The arguments that are given. One that neither the option nor the environment has a value for is none of them, and a note says so.
     *
     * @param options null for a name without a value
     * @throws ParameterException if there is no name
     */
    static Map<String, String> read(CommandLine command, Map<String, @Nullable String> options) {
        Map<String, String> arguments = new LinkedHashMap<>();
        PrintWriter err = command.getErr();
        options.forEach((name, written) -> {
            if (name.isEmpty()) {
                throw new ParameterException(
                        command,
                        written == null
                                ? "--build-arg is NAME=VALUE or NAME"
                                : "--build-arg =" + written + " has no name before the =");
            }
            String value = written == null ? System.getenv(HANDED_OVER + name) : written;
            if (value != null) {
                arguments.put(name, value);
            } else {
                err.println("note: --build-arg " + name + " has no value, and no environment variable " + name
                        + " is set: the argument is not given");
            }
        });
        err.flush();
        return arguments;
    }
}
