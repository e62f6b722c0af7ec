package io.slipway.worker.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes the OCI runtime's {@code config.json} (OCI runtime specification 1.0.2, config.md and config-linux.md). */
final class RuntimeConfig {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    static final JsonMapper MAPPER = new JsonMapper();

    /** The capabilities that Docker gives a container; the code in it expects no more and often no less. */
    private static final List<String> CAPABILITIES = List.of(
            "CAP_AUDIT_WRITE",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_FOWNER",
            "CAP_FSETID",
            "CAP_KILL",
            "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETPCAP",
            "CAP_SETUID",
            "CAP_SYS_CHROOT");

    private static final List<String> MASKED_PATHS = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/devices/virtual/powercap",
            "/sys/firmware");

    private static final List<String> READ_ONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private RuntimeConfig() {}

    /**
     * The configuration.
     *
     * @param filter the profile as {@link CompiledFilter} has it, or null
     * @param processes the most of each of its users; see {@link ProcessLimit}
     */
    static byte[] json(ContainerSpec spec, SeccompProfile seccomp, @Nullable String filter, long processes) {
        ObjectNode config = NODES.objectNode();
        config.put("ociVersion", "1.0.2");
        config.put("hostname", spec.hostname());
        config.putObject("root").put("path", spec.root());
        config.set("process", process(spec, processes));
        config.set("mounts", mounts(spec));
        ObjectNode linux = config.putObject("linux");
        linux.set("namespaces", namespaces(spec));
        linux.set("maskedPaths", strings(MASKED_PATHS));
        linux.set("readonlyPaths", strings(READ_ONLY_PATHS));
        seccomp.addTo(linux);
        if (filter != null) {
            config.putObject("annotations").put(CompiledFilter.ANNOTATION, filter);
        }
        return MAPPER.writeValueAsBytes(config);
    }

    private static ObjectNode process(ContainerSpec spec, long processes) {
        ObjectNode process = NODES.objectNode();
        process.put("terminal", false);
        process.put("cwd", spec.workingDirectory());
        process.set("args", strings(spec.args()));
        process.set("env", strings(spec.env()));
        process.put("noNewPrivileges", false);
        ObjectNode user = process.putObject("user");
        user.put("uid", spec.user().uid());
        user.put("gid", spec.user().gid());
        user.put("umask", 0022);
        ArrayNode groups = user.putArray("additionalGids");
        spec.user().groups().forEach(groups::add);
        ObjectNode capabilities = process.putObject("capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            capabilities.set(set, strings(CAPABILITIES));
        }
        ArrayNode limits = process.putArray("rlimits");
        limits.addObject().put("type", "RLIMIT_CORE").put("hard", 0).put("soft", 0);
        limits.addObject().put("type", "RLIMIT_NPROC").put("hard", processes).put("soft", processes);
        return process;
    }

    private static ArrayNode mounts(ContainerSpec spec) {
        ArrayNode mounts = NODES.arrayNode();
        mount(mounts, "proc", "proc", "/proc", List.of("nosuid", "noexec", "nodev"));
        mount(mounts, "tmpfs", "tmpfs", "/dev", List.of("nosuid", "strictatime", "mode=755", "size=65536k"));
        mount(
                mounts,
                "devpts",
                "devpts",
                "/dev/pts",
                List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"));
        mount(mounts, "tmpfs", "shm", "/dev/shm", List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
        mount(mounts, "mqueue", "mqueue", "/dev/mqueue", List.of("nosuid", "noexec", "nodev"));
        mount(mounts, "sysfs", "sysfs", "/sys", List.of("nosuid", "noexec", "nodev", "ro"));
        for (ContainerMount more : spec.mounts()) {
            String access = more.readOnly() ? "ro" : "rw";
            switch (more) {
                case ContainerMount.Bind bind ->
                    mount(mounts, "bind", bind.source(), bind.target(), List.of("bind", "nosuid", "nodev", access));
                case ContainerMount.Tmpfs tmpfs -> {
                    List<String> options = new ArrayList<>(List.of("nosuid", "nodev", access));
                    if (tmpfs.size() > 0) {
                        options.add("size=" + tmpfs.size());
                    }
                    mount(mounts, "tmpfs", "tmpfs", tmpfs.target(), options);
                }
            }
        }
        return mounts;
    }

    private static void mount(ArrayNode mounts, String type, String source, String target, List<String> options) {
        ObjectNode mount = mounts.addObject();
        mount.put("destination", target);
        mount.put("type", type);
        mount.put("source", source);
        mount.set("options", strings(options));
    }

    private static ArrayNode namespaces(ContainerSpec spec) {
        ArrayNode namespaces = NODES.arrayNode();
        for (String type : List.of("pid", "mount", "ipc", "uts")) {
            namespaces.addObject().put("type", type);
        }
        ObjectNode network = namespaces.addObject().put("type", "network");
        if (spec.networkNamespace() != null) {
            network.put("path", spec.networkNamespace());
        }
        return namespaces;
    }

    static ArrayNode strings(Iterable<String> values) {
        ArrayNode array = NODES.arrayNode();
        values.forEach(array::add);
        return array;
    }
}
