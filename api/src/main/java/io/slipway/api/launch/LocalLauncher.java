package io.slipway.api.launch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.diagnostic.LogFields;
import io.slipway.db.build.BuildId;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Runs workers as processes of this machine. Each has a file in {@code $SLIPWAY_HOME/workers} that names its process, so that a
 * service which comes after a killed one knows what still runs.
 */
@Component
final class LocalLauncher implements WorkerLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(LocalLauncher.class);

    private static final int MAX_LINE_BYTES = 8192;

    private final WorkerProgram program;
    private final boolean enabled;
    private final ControlGroups groups;
    private final Path register;
    private final List<String> deniedAddresses;

    LocalLauncher(WorkerProgram program, ControlGroups groups, SlipwayProperties properties) throws IOException {
        this.program = program;
        this.enabled = properties.workers().enabled();
        this.groups = groups;
        this.deniedAddresses = properties.workers().deniedAddresses();
        this.register = Files.createDirectories(properties.home().resolve("workers"));
    }

    /** False when it is configured that no workers are started here. */
    boolean isEnabled() {
        return enabled && program.isEnabled();
    }

    /** Once: nothing fails for it until a build takes all that there is. */
    @EventListener(ApplicationReadyEvent.class)
    void started() {
        if (isEnabled() && !groups.areGiven()) {
            LOG.warn(
                    "The memory and processors that a build takes are not limited: slipway.workers.control-groups names no control"
                            + " group (docs/operating.md says how to make one)");
        }
    }

    @Override
    public LaunchedWorker launch(String id, String token, URI api, Supplier<Optional<BuildId>> build)
            throws IOException {
        ProcessBuilder builder = program.serve().redirectErrorStream(true);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        Map<String, String> environment = builder.environment();
        environment.put("SLIPWAY_API", api.toString());
        environment.put("SLIPWAY_WORKER_ID", id);
        environment.put("SLIPWAY_WORKER_TOKEN", token);
        environment.put("SLIPWAY_WORKER_DENIED_ADDRESSES", String.join(",", deniedAddresses));
        groups.wrap(id, builder);
        Process process = builder.start();
        Thread.ofVirtual().name(id).start(() -> logOutput(id, process.getInputStream(), build));
        Path file = register.resolve(id);
        try {
            Files.writeString(file, describe(process.toHandle()));
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
        return new LocalWorker(id, process.toHandle(), process.onExit().thenApply(ended -> {
            forget(file);
            groups.remove(id);
            return "exit status " + ended.exitValue();
        }));
    }

    /** The id alone may be given to another program after this one's end. */
    private static String describe(ProcessHandle process) {
        return process.pid() + " "
                + process.info()
                        .startInstant()
                        .map(start -> start.toEpochMilli())
                        .orElse(0L) + "\n";
    }

    @Override
    public List<LaunchedWorker> leftBehind() throws IOException {
        List<LaunchedWorker> workers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(register)) {
            for (Path file : files) {
                Optional<ProcessHandle> process = read(file);
                if (process.isEmpty()) {
                    forget(file);
                } else {
                    workers.add(new LocalWorker(
                            file.getFileName().toString(),
                            process.get(),
                            process.get().onExit().thenApply(ended -> {
                                forget(file);
                                groups.remove(file.getFileName().toString());
                                return "ended";
                            })));
                }
            }
        }
        return workers;
    }

    private static Optional<ProcessHandle> read(Path file) throws IOException {
        String description = Files.readString(file);
        String[] words = description.strip().split(" ", 2);
        if (words.length != 2 || !words[0].matches("[0-9]{1,18}")) {
            return Optional.empty(); // the service died while it wrote
        }
        return ProcessHandle.of(Long.parseLong(words[0]))
                .filter(process -> process.isAlive() && describe(process).equals(description));
    }

    private static void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} can't be removed", file, e);
        }
    }

    private static void logOutput(String id, InputStream output, Supplier<Optional<BuildId>> build) {
        byte[] line = new byte[MAX_LINE_BYTES];
        int length = 0;
        try (InputStream in = new BufferedInputStream(output)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    line[length++] = (byte) next;
                }
                if (next == '\n' || length == line.length) {
                    logLine(id, new String(line, 0, length, UTF_8), build.get());
                    length = 0;
                }
            }
        } catch (IOException e) {
            LOG.debug("The output of {} broke off", id, e);
        }
        if (length > 0) {
            logLine(id, new String(line, 0, length, UTF_8), build.get());
        }
    }

    private static void logLine(String id, String line, Optional<BuildId> build) {
        try (LogFields _ = LogFields.worker(id);
                @Nullable LogFields _ = build.map(LogFields::build).orElse(null)) {
            LOG.info("{}: {}", id, line);
        }
    }

    private record LocalWorker(String id, ProcessHandle process, CompletionStage<String> ended)
            implements LaunchedWorker {
        /** SIGKILL: `unshare` blocks the polite signals while its child lives. `--kill-child` takes the rest with it. */
        @Override
        public void kill() {
            process.destroyForcibly();
        }
    }
}
