package io.slipway.worker.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The system calls that a RUN may make (OCI runtime specification 1.0.2, config-linux.md, "Seccomp"): an allow list in the
 * manner of Docker's default profile. Mounting, new namespaces, key rings, io_uring and kernel modules are not on it; a call
 * that is not known gets ENOSYS where the C library has a way round it, EPERM otherwise.
 */
final class SeccompProfile {
    /** All CLONE_NEW* flags of clone(2): a container makes no namespaces. */
    private static final long CLONE_NAMESPACE_FLAGS = 0x7E02_0000L;

    private static final int AF_VSOCK = 40;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;

    private final List<String> allowed;

    private SeccompProfile(List<String> allowed) {
        this.allowed = allowed;
    }

    /** The default profile, from the resource beside this class. */
    static SeccompProfile standard() {
        try (InputStream names = SeccompProfile.class.getResourceAsStream("seccomp-allowed.txt")) {
            if (names == null) {
                throw new IllegalStateException("seccomp-allowed.txt is missing from the worker's jar");
            }
            return new SeccompProfile(new String(names.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The profile by itself, for those who want to know whether two are the same. */
    byte[] json() {
        ObjectNode linux = JsonNodeFactory.instance.objectNode();
        addTo(linux);
        return RuntimeConfig.MAPPER.writeValueAsBytes(linux);
    }

    /** Puts the profile into the {@code linux} part of a container's configuration. */
    void addTo(ObjectNode linux) {
        ObjectNode seccomp = linux.putObject("seccomp");
        seccomp.put("defaultAction", "SCMP_ACT_ERRNO");
        seccomp.put("defaultErrnoRet", EPERM);
        seccomp.set("architectures", RuntimeConfig.strings(architectures()));
        ArrayNode rules = seccomp.putArray("syscalls");
        rules.addObject().put("action", "SCMP_ACT_ALLOW").set("names", RuntimeConfig.strings(allowed));
        allowIf(rules, "clone", CLONE_NAMESPACE_FLAGS, 0, "SCMP_CMP_MASKED_EQ");
        allowIf(rules, "socket", AF_VSOCK, 0, "SCMP_CMP_NE");
        for (long persona : new long[] {0x0, 0x8, 0x20000, 0x20008, 0xffffffffL}) {
            allowIf(rules, "personality", persona, 0, "SCMP_CMP_EQ");
        }
        ObjectNode unknown = rules.addObject().put("action", "SCMP_ACT_ERRNO").put("errnoRet", ENOSYS);
        unknown.set("names", RuntimeConfig.strings(List.of("clone3")));
    }

    private static void allowIf(ArrayNode rules, String name, long value, long second, String operator) {
        ObjectNode rule = rules.addObject().put("action", "SCMP_ACT_ALLOW");
        rule.set("names", RuntimeConfig.strings(List.of(name)));
        rule.putArray("args")
                .addObject()
                .put("index", 0)
                .put("value", value)
                .put("valueTwo", second)
                .put("op", operator);
    }

    private static List<String> architectures() {
        return System.getProperty("os.arch").equals("amd64")
                ? List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32")
                : List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
    }
}
