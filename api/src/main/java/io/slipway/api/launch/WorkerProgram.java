package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The worker's program on this machine: how its commands are called. Thread-safe. */
@Component
public final class WorkerProgram {
    private static final String SERVE = "serve";
    private static final String COLLECT = "collect";

    /** What a worker gets of the service's own environment; the rest may hold secrets, such as the database's password. */
    private static final Set<String> INHERITED = Set.of(
            "PATH",
            "HOME",
            "USER",
            "LOGNAME",
            "LANG",
            "LC_ALL",
            "TZ",
            "TMPDIR",
            "JAVA_HOME",
            "SLIPWAY_DIST",
            "SLIPWAY_RUNTIME",
            "http_proxy",
            "https_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR");

    /** Settings of the worker's own, by its documentation. */
    private static final String INHERITED_PREFIX = "SLIPWAY_WORKER_";

    private final List<String> command;
    private final Path home;

    WorkerProgram(SlipwayProperties properties) {
        this.command = commandLine(properties.workers().command());
        this.home = properties.home();
    }

    private static List<String> commandLine(List<String> configured) {
        String distribution = System.getenv("SLIPWAY_DIST");
        if (configured.isEmpty() && distribution != null) {
            return List.of(Path.of(distribution, "bin", "slipway-worker").toString(), SERVE);
        }
        return configured;
    }

    /** Whether there is such a program. */
    boolean isEnabled() {
        return !command.isEmpty();
    }

    /**
     * A worker, which is told nothing yet but where the service's data is. In a session of its own (setsid(1), which becomes the worker): Ctrl-C in the
     * service's terminal is for the service, which lets builds finish.
     */
    ProcessBuilder serve() {
        List<String> words = new ArrayList<>(List.of("setsid"));
        words.addAll(command);
        return process(words);
    }

    /** The command that measures the store and collects garbage; empty where workers are not Slipway's own program, or there are none. */
    public Optional<ProcessBuilder> collect() {
        if (!isEnabled() || !command.getLast().equals(SERVE)) {
            return Optional.empty();
        }
        List<String> collect = new ArrayList<>(command.subList(0, command.size() - 1));
        collect.add(COLLECT);
        return Optional.of(process(collect));
    }

    private ProcessBuilder process(List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> !INHERITED.contains(name) && !name.startsWith(INHERITED_PREFIX));
        environment.put("SLIPWAY_HOME", home.toString());
        return builder;
    }
}
