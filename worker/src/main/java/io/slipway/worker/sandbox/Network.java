package io.slipway.worker.sandbox;

import io.slipway.worker.linux.Errno;
import io.slipway.worker.linux.Linux;
import io.slipway.worker.linux.LinuxException;
import io.slipway.worker.linux.Routes;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The network of a build's RUN steps: one network namespace, connected to the world by pasta(1), which needs no privilege and
 * opens the host's loopback to nobody. Lives as long as the worker's process namespace.
 */
public final class Network {
    /** Where pasta answers DNS for the host's resolver, when that listens on the host's loopback only. */
    private static final String DNS_FORWARDER = "169.254.1.1";

    private static final Set<Integer> WITHOUT_IPV6 = Set.of(Errno.EAFNOSUPPORT, Errno.ENODEV, Errno.EACCES);

    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");

    private final Path namespace;

    private Network(Path namespace) {
        this.namespace = namespace;
    }

    /**
     * Makes the namespace and connects it.
     *
     * @param directory a directory of the worker's own, in its own mount namespace
     * @param denied what is not reached from there
     * @throws IOException if pasta is missing or says no; the message tells
     */
    public static Network start(Path directory, DeniedAddresses denied) throws IOException, InterruptedException {
        Path namespace = Files.createFile(directory.resolve("netns"));
        pinNewNamespace(namespace, denied);
        List<String> command = new ArrayList<>(List.of(
                "pasta", "--config-net", "--netns-only", "--quiet", "--netns", namespace.toString(), "--runas", "0"));
        if (resolvConf(HOST_RESOLV_CONF, denied).contains(DNS_FORWARDER)) {
            // Only where it is used: with it, pasta's answers seem to come from the forwarder, also to those who asked
            // the
            // host's resolver by its own address.
            command.addAll(List.of("--dns-forward", DNS_FORWARDER));
        }
        command.addAll(List.of("--no-map-gw", "-t", "none", "-u", "none", "-T", "none", "-U", "none"));
        Process pasta;
        try {
            pasta = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("pasta.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new IOException("RUN has no network: pasta (Debian package passt) cannot be started", e);
        }
        if (pasta.waitFor() != 0) {
            throw new IOException("RUN has no network: pasta says: "
                    + Files.readString(directory.resolve("pasta.log"), StandardCharsets.UTF_8)
                            .strip());
        }
        return new Network(namespace);
    }

    /** Path of the namespace, for setns(2). */
    public String path() {
        return namespace.toString();
    }

    /** unshare(2) changes one thread only; the namespace outlives that thread because it is bind-mounted to a file. */
    private static void pinNewNamespace(Path file, DeniedAddresses denied) throws IOException, InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().name("netns").start(() -> {
            try {
                Linux.unshare(Linux.CLONE_NEWNET);
                deny(denied);
                Linux.mount("/proc/thread-self/ns/net", file.toString(), null, Linux.MS_BIND, null);
                done.complete(null);
            } catch (LinuxException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IOException("RUN has no network: no network namespace can be made", e.getCause());
        }
    }

    private static void deny(DeniedAddresses denied) throws LinuxException {
        for (InetAddress address : denied.addresses()) {
            try {
                Routes.addUnreachable(address);
            } catch (LinuxException e) {
                // A kernel without IPv6 has nothing that could be reached by it.
                if (address instanceof Inet4Address || !WITHOUT_IPV6.contains(e.errno())) {
                    throw e;
                }
            }
        }
    }

    /**
     * The text of /etc/resolv.conf for RUN steps: the host's, with resolvers on the host's loopback, or at addresses that are denied, replaced by
     * pasta's forwarder.
     */
    public static String resolvConf(Path hostFile, DeniedAddresses denied) throws IOException {
        if (!Files.exists(hostFile)) {
            return "";
        }
        List<String> lines = new ArrayList<>();
        boolean resolver = false;
        for (String line : Files.readAllLines(hostFile, StandardCharsets.ISO_8859_1)) {
            String[] words = line.strip().split("\\s+");
            if (!words[0].equals("nameserver")) {
                lines.add(line);
            } else if (words.length > 1
                    && !words[1].startsWith("127.")
                    && !words[1].equals("::1")
                    && !denied.contains(words[1])) {
                resolver = true;
                lines.add(line);
            }
        }
        if (!resolver) {
            lines.add("nameserver " + DNS_FORWARDER);
        }
        return String.join("\n", lines) + "\n";
    }

    /**
     * The text of /etc/hosts for RUN steps.
     *
     * @param hostname the container's own name
     */
    public static String hosts(String hostname) {
        return "127.0.0.1\tlocalhost " + hostname + "\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    }
}
