package io.slipway.worker;

import io.slipway.worker.cli.BuildCommand;
import io.slipway.worker.cli.StorageCommand;
import io.slipway.worker.collect.Collect;
import io.slipway.worker.serve.Serve;
import io.slipway.worker.serve.Training;
import java.nio.file.Path;

/**
 * The worker's process: {@code serve} for the API, {@code build DIR} by itself, {@code collect} for the API to measure the store and to
 * remove what nobody needs, {@code storage} for people to do the same, {@code train FOLDER} while Slipway itself is built. Expects to be root in a user, mount and process
 * namespace of its own (see {@code scripts/slipway-worker}).
 */
public final class Main {
    private static final int USAGE = 2;

    private Main() {}

    /** Runs and exits: 0 when the build succeeded, 1 when it failed, 2 when the arguments are wrong. */
    public static void main(String[] arguments) throws Exception {
        String command = arguments.length == 0 ? "" : arguments[0];
        int status = switch (command) {
            case "serve" -> Serve.run(System.getenv());
            case "build" -> BuildCommand.commandLine().execute(rest(arguments));
            case "collect" -> Collect.run(System.getenv(), System.in, System.out);
            case "storage" -> StorageCommand.commandLine().execute(rest(arguments));
            case "train" -> Training.run(Path.of(arguments[1]), System.getenv());
            default -> usage(command);
        };
        System.exit(status);
    }

    private static String[] rest(String[] arguments) {
        return java.util.Arrays.copyOfRange(arguments, 1, arguments.length);
    }

    private static int usage(String command) {
        if (command.equals("--version")) {
            System.out.println("slipway-worker 0.1.0");
            return 0;
        }
        System.err.println("unknown command \"" + command + "\": serve or build");
        return USAGE;
    }
}
