package io.slipway.worker.sandbox;

import io.slipway.protocol.LogStream;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The OCI runtime program (crun; runc takes the same arguments). Runs containers inside the worker's user namespace: the
 * runtime needs no privilege, no cgroup and no daemon. Thread-safe.
 */
public final class OciRuntime {
    private static final int SIGKILL = 9;

    private final Path directory;
    private final Path state;
    private final List<String> command;
    private final SeccompProfile seccomp = SeccompProfile.standard();
    private final long processes;
    private final AtomicInteger containers = new AtomicInteger();
    private volatile @Nullable String filter;

    /**
     * Uses a runtime.
     *
     * @param directory where the runtime keeps its state and its bundles; private to this worker, best in memory
     * @param program name or path of the program
     */
    public OciRuntime(Path directory, String program) throws IOException {
        this.directory = directory;
        this.processes = ProcessLimit.of(ProcessLimit.OWN);
        this.state = Files.createDirectories(directory.resolve("state"));
        this.command = List.of(program, "--root=" + state, "--cgroup-manager=disabled");
    }

    /**
     * Does what would otherwise be done again for every container. May be called at any time, or never.
     *
     * @param kept a directory that is kept from worker to worker; made if it is not there
     */
    public void prepare(Path kept) throws IOException, InterruptedException {
        filter = CompiledFilter.of(seccomp, directory, kept, command, state);
    }

    /**
     * Runs a container to its end.
     *
     * @param output gets what it prints
     * @throws RuntimeUnavailableException if the runtime is not there
     * @throws InterruptedException if the calling thread was interrupted; the container is dead by then
     */
    public ContainerExit run(ContainerSpec spec, OutputSink output) throws IOException, InterruptedException {
        String id = "c" + containers.incrementAndGet();
        Path bundle = Files.createDirectory(directory.resolve(id));
        Files.write(bundle.resolve("config.json"), RuntimeConfig.json(spec, seccomp, filter, processes));
        Path pidFile = bundle.resolve("pid");
        Path log = bundle.resolve("log");
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("--log=" + log, "run", "--bundle=" + bundle, "--pid-file=" + pidFile, id));
        Process process = start(words);
        Thread stderr = Thread.ofPlatform()
                .name(id + "-stderr")
                .start(() -> pump(process.getErrorStream(), LogStream.STDERR, output));
        Thread stdout = Thread.ofPlatform()
                .name(id + "-stdout")
                .start(() -> pump(process.getInputStream(), LogStream.STDOUT, output));
        try {
            int status = process.waitFor();
            // The pipes end with the container's last process: its process namespace died with its first.
            stdout.join();
            stderr.join();
            return exit(status, log);
        } finally {
            if (process.isAlive()) {
                kill(pidFile, process);
                stdout.join();
                stderr.join();
            }
        }
    }

    private Process start(List<String> words) throws RuntimeUnavailableException {
        try {
            return new ProcessBuilder(words)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new RuntimeUnavailableException(command.getFirst(), e);
        }
    }

    /** Kills the container's first process, and with it its process namespace; then the runtime goes by itself. */
    private static void kill(Path pidFile, Process runtime) throws IOException, InterruptedException {
        Thread.interrupted();
        try {
            String pid = Files.exists(pidFile) ? Files.readString(pidFile).strip() : "";
            if (!pid.isEmpty()) {
                Linux.kill(Long.parseLong(pid), SIGKILL);
            } else {
                runtime.destroyForcibly();
            }
        } catch (LinuxException e) {
            runtime.destroyForcibly();
        }
        runtime.waitFor();
    }

    private static ContainerExit exit(int status, Path log) throws IOException {
        String complaint = Files.exists(log)
                ? Files.readString(log, StandardCharsets.UTF_8).strip()
                : "";
        if (status != 0 && !complaint.isEmpty()) {
            return new ContainerExit.NotStarted(lastLine(complaint));
        }
        return new ContainerExit.Exited(status);
    }

    /** crun writes {@code 2026-01-01T00:00:00.000000Z: message}, one line for each cause. */
    private static String lastLine(String log) {
        String line = log.substring(log.lastIndexOf('\n') + 1);
        int text = line.indexOf("Z: ");
        return text < 0 ? line : line.substring(text + 3);
    }

    private static void pump(InputStream from, LogStream stream, OutputSink output) {
        byte[] buffer = new byte[16384];
        try (from) {
            int length;
            while ((length = from.read(buffer)) >= 0) {
                output.accept(stream, buffer, length);
            }
        } catch (IOException e) {
            // Closed under us when the process was destroyed; what was printed until then has been passed on.
            return;
        }
    }
}
