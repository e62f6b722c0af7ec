package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What this machine lacks for running builds. Programs and files are looked for anew each time, so what an administrator mends
 * counts at once; namespaces are tried until they work, at most every few seconds. Thread-safe.
 */
@Component
public final class MachineCheck {
    private static final long PROBE_LIMIT_SECONDS = 20;
    private static final Duration PROBE_PAUSE = Duration.ofSeconds(5);
    private static final Path TUN = Path.of("/dev/net/tun");

    private final List<String> enter;
    private @Nullable List<String> probed;
    private long probedAt; // System.nanoTime

    MachineCheck(SlipwayProperties properties) {
        this.enter = properties.workers().enter();
    }

    /** One sentence for each thing that is missing; empty when builds can run. */
    public List<String> missing() {
        // Without workers here there is nothing to look for.
        return enter.isEmpty() ? List.of() : look();
    }

    private List<String> look() {
        List<String> missing = new ArrayList<>();
        String runtime = System.getenv().getOrDefault("SLIPWAY_RUNTIME", "crun");
        if (runtime.contains("/") ? !Files.isExecutable(Path.of(runtime)) : !isInstalled(runtime)) {
            missing.add("No OCI runtime: install " + runtime + ".");
        }
        if (!isInstalled("pasta")) {
            missing.add("No network for RUN: install passt, which has pasta.");
        } else if (!Files.isWritable(TUN)) {
            missing.add("No network for RUN: " + user() + " may not open " + TUN + " (chmod 666 is the usual mode).");
        }
        boolean mapped = true;
        for (String tool : List.of("newuidmap", "newgidmap")) {
            if (!isInstalled(tool)) {
                missing.add("No " + tool + ": install uidmap (shadow-utils elsewhere).");
                mapped = false;
            }
        }
        for (String file : List.of("/etc/subuid", "/etc/subgid")) {
            if (!hasRange(Path.of(file))) {
                missing.add("The user " + user() + " has no range in " + file + ": usermod --add-sub"
                        + file.substring("/etc/sub".length()) + "s FIRST-LAST " + user());
                mapped = false;
            }
        }
        if (mapped) {
            missing.addAll(namespaces());
        }
        return List.copyOf(missing);
    }

    private synchronized List<String> namespaces() {
        List<String> known = probed;
        if (known == null || (!known.isEmpty() && System.nanoTime() - probedAt > PROBE_PAUSE.toNanos())) {
            known = probe(enter);
            probed = known;
            probedAt = System.nanoTime();
        }
        return known;
    }

    private static boolean isInstalled(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    private static boolean hasRange(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .anyMatch(line -> line.startsWith(user() + ":") || line.startsWith(uid() + ":"));
        } catch (IOException e) {
            return false; // a missing file has no ranges
        }
    }

    private static String user() {
        return System.getProperty("user.name");
    }

    private static String uid() {
        try {
            return String.valueOf(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return user();
        }
    }

    /** Enters the worker's namespaces and mounts an overlay, as every build does. */
    private static List<String> probe(List<String> enter) {
        List<String> command = new ArrayList<>(enter);
        command.addAll(List.of("sh", "-c", """
                set -e
                echo entered
                mount -t tmpfs none /tmp
                cd /tmp
                mkdir lower upper work merged
                mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work,userxattr merged
                """));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(
                            process.getInputStream().readNBytes(4096), java.nio.charset.StandardCharsets.UTF_8)
                    .strip();
            if (!process.waitFor(PROBE_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return List.of("A user namespace could not be tried: it took too long.");
            }
            if (process.exitValue() == 0) {
                return List.of();
            }
            return List.of(
                    output.contains("entered")
                            ? "Overlays are refused in user namespaces (Linux 5.11 or newer is needed): " + output
                            : "User namespaces are refused (see /proc/sys/user/max_user_namespaces and, on Ubuntu,"
                                    + " kernel.apparmor_restrict_unprivileged_userns): " + output);
        } catch (IOException e) {
            return List.of("User namespaces can't be tried: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of("User namespaces could not be tried: interrupted.");
        }
    }
}
