package io.slipway.worker.cli;

import io.slipway.protocol.storage.StoragePlan;
import io.slipway.protocol.storage.StoragePolicy;
import io.slipway.protocol.storage.StorageReport;
import io.slipway.protocol.storage.StorageReport.CacheMount;
import io.slipway.protocol.storage.StorageReport.Collected;
import io.slipway.protocol.storage.StorageRequest;
import io.slipway.worker.collect.Asker;
import io.slipway.worker.collect.Collect;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code storage}: says what is in the store of local builds, and removes what was not used for longest. */
@Command(
        name = "storage",
        mixinStandardHelpOptions = true,
        description = "Says what is in the store; with --collect, removes what was not used for longest.")
public final class StorageCommand implements Callable<Integer> {
    @Option(names = "--home", paramLabel = "DIR", description = "where the store is (default: $SLIPWAY_HOME)")
    private @Nullable Path home;

    @Option(names = "--collect", description = "remove what --maximum, --minimum-free and --maximum-age say")
    private boolean collect;

    @Option(
            names = "--maximum",
            paramLabel = "SIZE",
            description = "largest size of the store, such as 20GB; 0B leaves what running builds use",
            converter = Size.class)
    private @Nullable Long maximum;

    @Option(
            names = "--minimum-free",
            paramLabel = "SIZE",
            description = "so much of the disk is to be free",
            converter = Size.class)
    private @Nullable Long minimumFree;

    @Option(
            names = "--maximum-age",
            paramLabel = "TIME",
            description = "what nobody has used for so long goes, such as 30d, 12h or 90m",
            converter = Age.class)
    private @Nullable Long maximumAge;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    /** The command. */
    public static CommandLine commandLine() {
        return new CommandLine(new StorageCommand()).setParameterExceptionHandler(new WrongArguments());
    }

    /** A number of bytes; 1KB are 1024. */
    static final class Size implements ITypeConverter<Long> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(B|KB|MB|GB|TB)");

        @Override
        public Long convert(String text) {
            Matcher size = FORM.matcher(text);
            if (!size.matches()) {
                throw new TypeConversionException("\"" + text + "\" is no size such as 500MB or 20GB");
            }
            int power = List.of("B", "KB", "MB", "GB", "TB").indexOf(size.group(2));
            return Long.parseLong(size.group(1)) << (10 * power);
        }
    }

    /** A number of milliseconds. */
    static final class Age implements ITypeConverter<Long> {
        private static final Pattern FORM = Pattern.compile("([0-9]{1,6})([mhd])");

        @Override
        public Long convert(String text) {
            Matcher age = FORM.matcher(text);
            if (!age.matches()) {
                throw new TypeConversionException("\"" + text + "\" is no time such as 30d, 12h or 90m");
            }
            long minutes = switch (age.group(2)) {
                case "d" -> 24 * 60;
                case "h" -> 60;
                default -> 1;
            };
            return Long.parseLong(age.group(1)) * minutes * 60_000;
        }
    }

    @Override
    public Integer call() throws Exception {
        boolean limited = maximum != null || minimumFree != null || maximumAge != null;
        if (limited != collect) {
            throw new ParameterException(
                    command.commandLine(),
                    collect
                            ? "--collect needs --maximum, --minimum-free or --maximum-age: what is to go?"
                            : "--maximum, --minimum-free and --maximum-age say what --collect removes");
        }
        Path data = home != null ? home : Path.of(System.getenv().getOrDefault("SLIPWAY_HOME", ".slipway"));
        if (collect && Files.exists(data.resolve("admin-token"))) {
            throw new ParameterException(
                    command.commandLine(),
                    "the store in " + data + " is a service's, which knows the images that must stay:"
                            + " POST /v1/storage/collect");
        }
        StoragePolicy policy = collect
                ? new StoragePolicy(0, maximum, minimumFree == null ? 0 : minimumFree, maximumAge, null, null)
                : null;
        StorageReport report = Collect.ask(data, new Local(policy));
        if (report == null) {
            return 1;
        }
        print(report, System.out);
        return 0;
    }

    /** No images have to stay: local builds leave them in files or registries. */
    private record Local(@Nullable StoragePolicy policy) implements Asker {
        @Override
        public StorageRequest request() {
            return new StorageRequest(policy, List.of(), null);
        }

        @Override
        public boolean agrees(StoragePlan plan) {
            return true;
        }
    }

    private static void print(StorageReport report, PrintStream out) {
        Collected collected = report.collected();
        if (collected != null) {
            out.printf(
                    Locale.ROOT,
                    "removed %s: %d blobs, %d snapshots, %d cache records, %d cache mounts%n",
                    size(collected.freedBytes()),
                    collected.blobs(),
                    collected.snapshots(),
                    collected.records(),
                    collected.cacheMounts());
        }
        StorageReport.Usage usage = report.usage();
        line(out, "layers", usage.layers());
        line(out, "snapshots", usage.snapshots());
        line(out, "cache records", usage.cacheRecords());
        line(out, "cache mounts", usage.cacheMounts());
        line(out, "downloads", usage.downloads());
        line(out, "the store", usage.store());
        line(out, "could go", report.reclaimableBytes());
        line(out, "free", report.freeBytes());
        for (CacheMount mount : report.cacheMounts()) {
            out.printf(
                    Locale.ROOT,
                    "cache mount %s: %s, last used %s%s%n",
                    mount.name() == null ? mount.id() : mount.name(),
                    size(mount.bytes()),
                    mount.lastUsedAt(),
                    mount.inUse() ? ", in use" : "");
        }
        out.flush();
    }

    private static void line(PrintStream out, String name, long bytes) {
        out.printf(Locale.ROOT, "%-14s %10s%n", name, size(bytes));
    }

    private static String size(long bytes) {
        return bytes < 1024 * 1024
                ? bytes / 1024 + " KB"
                : bytes < 1024L * 1024 * 1024
                        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1048576.0)
                        : String.format(Locale.ROOT, "%.1f GB", bytes / 1073741824.0);
    }
}
