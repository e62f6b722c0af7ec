package io.slipway.worker.sandbox;

import io.slipway.image.Platform;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets this worker's containers run programs for other processors, through QEMU. Its {@code binfmt_misc} belongs to the worker's own
 * user namespace (Linux 6.7 and newer), so the host needs neither a registration nor a privilege, and nothing of it is left. An older kernel
 * has to have a handler registered already. Thread-safe.
 */
public final class Emulation {
    private static final List<Path> FOLDERS = List.of(Path.of("/usr/bin"), Path.of("/usr/local/bin"), Path.of("/bin"));
    private static final String NATIVE_32_BITS = "386";

    private final Path directory;
    private final Platform local = Platform.local();
    private final Set<String> ready = new HashSet<>();
    private @Nullable Boolean mounted;

    /**
     * @param directory an empty directory of this worker's own
     */
    public Emulation(Path directory) {
        this.directory = directory;
    }

    /**
     * Makes sure that programs of a platform run; nothing is done for this machine's own.
     *
     * @throws EmulationException if they cannot run on this machine
     */
    public synchronized void enable(Platform platform) throws IOException, EmulationException {
        if (isNative(platform) || ready.contains(platform.architecture())) {
            return;
        }
        ForeignBinary programs = ForeignBinary.of(platform);
        if (programs == null) {
            throw new EmulationException("no emulator for " + platform + " is known", "build for another platform");
        }
        String name = "qemu-" + programs.emulator() + "-static";
        Path emulator = FOLDERS.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (emulator == null || !register(programs, emulator)) {
            requireHandler(platform, programs, emulator == null ? name : null);
        }
        ready.add(platform.architecture());
    }

    private boolean isNative(Platform platform) {
        boolean same = platform.architecture().equals(local.architecture());
        boolean narrow = platform.architecture().equals(NATIVE_32_BITS)
                && local.architecture().equals("amd64");
        return platform.os().equals(local.os()) && (same || narrow);
    }

    /** Whether the kernel took it. */
    private boolean register(ForeignBinary programs, Path emulator) throws IOException {
        if (mounted == null) {
            mounted = mount();
        }
        if (!mounted) {
            return false;
        }
        Files.writeString(directory.resolve("register"), programs.registration(emulator.toString()));
        return true;
    }

    private boolean mount() throws IOException {
        try {
            Linux.mount("binfmt_misc", directory.toString(), "binfmt_misc", Linux.MS_NOSUID | Linux.MS_NODEV, null);
            return true;
        } catch (LinuxException e) {
            // Older than 6.7, or without binfmt_misc.
            return false;
        }
    }

    /** A kernel that has a handler starts it; any other says ENOEXEC, whatever is wrong with the program otherwise. */
    private void requireHandler(Platform platform, ForeignBinary programs, @Nullable String missing)
            throws IOException, EmulationException {
        Path stub = Files.createTempFile("slipway-", ".stub");
        try {
            Files.write(stub, programs.stub());
            if (!stub.toFile().setExecutable(true)) {
                throw new IOException(stub + " cannot be made executable");
            }
            Process process = new ProcessBuilder(stub.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.destroyForcibly();
        } catch (IOException e) {
            throw new EmulationException(
                    "this machine cannot run programs for " + platform + ": "
                            + (missing != null
                                    ? "it has no " + missing
                                    : "its kernel has no binfmt_misc for user namespaces (Linux 6.7) and no handler for them"),
                    missing != null
                            ? "whoever runs this service can install it (Debian: qemu-user-static)"
                            : "whoever runs this service can register a handler with the flag F, or update the kernel");
        } finally {
            Files.delete(stub);
        }
    }
}
