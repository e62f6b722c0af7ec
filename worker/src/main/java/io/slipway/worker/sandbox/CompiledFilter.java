package io.slipway.worker.sandbox;

import io.slipway.image.Digest;
import io.slipway.worker.linux.Fd;
import io.slipway.worker.linux.Linux;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The seccomp profile as the BPF program that crun makes of it. To compile it takes crun longer than all the rest of starting a
 * container, and it does so anew each time; but it takes a ready program in an annotation (crun(1),
 * {@code run.oci.seccomp_bpf_data}), and leaves what it has compiled in a container's state directory. So one container is
 * created for that, once for each profile and machine, and never started.
 */
final class CompiledFilter {
    static final String ANNOTATION = "run.oci.seccomp_bpf_data";

    private CompiledFilter() {}

    /**
     * Gives the program in base64, or null with a runtime that leaves none: it then compiles for each container.
     *
     * @param directory of the runtime's, private to this worker
     * @param kept where programs are kept from worker to worker
     * @param runtime how the runtime is called, up to its subcommand
     * @param state where the runtime keeps what it knows of containers
     */
    static @Nullable String of(SeccompProfile profile, Path directory, Path kept, List<String> runtime, Path state)
            throws IOException, InterruptedException {
        Path file = kept.resolve(Digest.of(profile.json()).hex() + ".bpf");
        if (!Files.exists(file)) {
            compile(profile, Files.createDirectory(directory.resolve("filter")), runtime);
            Path compiled = state.resolve("filter").resolve("seccomp.bpf");
            if (Files.exists(compiled)) {
                Files.createDirectories(kept);
                Path unfinished = Files.copy(compiled, kept.resolve("unfinished-" + UUID.randomUUID()));
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            }
            run(directory, runtime, List.of("delete", "--force", "filter"));
        }
        return Files.exists(file) ? Base64.getEncoder().encodeToString(Files.readAllBytes(file)) : null;
    }

    private static void compile(SeccompProfile profile, Path bundle, List<String> runtime)
            throws IOException, InterruptedException {
        for (String name : List.of("dev", "proc", "sys")) {
            Files.createDirectory(bundle.resolve(name));
        }
        // The runtime looks whether it could start this, and never does.
        Linux.chmod(
                Fd.CURRENT_DIRECTORY, Files.createFile(bundle.resolve("init")).toString(), 0755);
        ContainerSpec spec = new ContainerSpec(
                bundle.toString(),
                "filter",
                List.of("/init"),
                List.of(),
                "/",
                new ContainerUser(0, 0, List.of(), "/"),
                null,
                List.of());
        Files.write(
                bundle.resolve("config.json"),
                RuntimeConfig.json(spec, profile, null, ProcessLimit.of(ProcessLimit.OWN)));
        run(bundle, runtime, List.of("create", "--bundle=" + bundle, "filter"));
    }

    private static void run(Path directory, List<String> runtime, List<String> command)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(runtime);
        words.addAll(command);
        Path log = directory.resolve(command.getFirst() + ".log");
        Process process = new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(
                    String.join(" ", words) + " says: " + Files.readString(log).strip());
        }
    }
}
