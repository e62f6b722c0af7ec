package io.slipway.worker.cli;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.EpochSource;
import io.slipway.dockerfile.stage.PlatformName;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.Platform;
import io.slipway.image.compression.Compression.Algorithm;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextException;
import io.slipway.image.export.DockerArchive;
import io.slipway.image.export.OciLayoutTar;
import io.slipway.image.export.RootfsTar;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NamedContext;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.StepBudget;
import io.slipway.worker.build.Build;
import io.slipway.worker.build.RegistryAccess;
import io.slipway.worker.build.Workspace;
import io.slipway.worker.client.ServerBuild;
import io.slipway.worker.client.ServiceException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code build DIR}: one worker on a local directory, with no service, database or network port. */
@Command(
        name = "./dev build",
        description = "Builds the Dockerfile of a local directory, without a service.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class BuildCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private picocli.CommandLine.Model.CommandSpec command;

    @Parameters(paramLabel = "DIR", description = "the build context")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path directory;

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "NAME",
            description = "name of the image; with --push, where to push it (repeatable)")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "KIND:FILE",
            description =
                    "write the image to a file: oci (OCI layout), docker (docker load) or rootfs (its files) (repeatable)")
    private List<String> outputs = new ArrayList<>();

    @Option(names = "--push", description = "push the image to the names of --tag")
    private boolean push;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description =
                    "the Dockerfile: in DIR, or relative to the current directory, or - for standard input (default: DIR/Dockerfile)")
    private @Nullable String file;

    @Option(names = "--target", paramLabel = "STAGE", description = "the stage to build (default: the last)")
    private @Nullable String target;

    @Option(
            names = "--build-arg",
            paramLabel = "NAME[=VALUE]",
            description =
                    "a build argument; without a value it has that of the environment variable NAME, and is not given if there is none (repeatable)",
            mapFallbackValue = Option.NULL_VALUE)
    private Map<String, @Nullable String> buildArgs = Map.of();

    @Option(
            names = "--build-context",
            paramLabel = "NAME=VALUE",
            description =
                    "what FROM and --from find under a name: a directory, docker-image://IMAGE, oci-layout://DIR[:TAG], or the URL of a git repository or an archive (repeatable)")
    private List<String> buildContexts = new ArrayList<>();

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "a label of the image (repeatable)")
    private Map<String, String> labels = Map.of();

    @Option(
            names = "--annotation",
            paramLabel = "KEY=VALUE",
            description = "an annotation of the manifest (repeatable)")
    private Map<String, String> annotations = Map.of();

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            split = ",",
            description = "what to build for, such as linux/arm64; several make an index (default: this machine's)")
    private List<String> platforms = new ArrayList<>();

    @Option(names = "--no-cache", description = "look nothing up in the cache")
    private boolean noCache;

    @Option(
            names = "--cache-from",
            paramLabel = "REF|type=KIND,…",
            description =
                    "where to look for results of steps that the own cache does not have: REF, type=registry,ref=REF or type=local,src=DIR (repeatable)")
    private List<String> cacheFrom = new ArrayList<>();

    @Option(
            names = "--cache-to",
            paramLabel = "REF|type=KIND,…",
            description =
                    "where the results of steps go, too: REF, type=registry,ref=REF, type=inline or type=local,dest=DIR (repeatable); all but inline take mode=min|max, mounts=true for cache mounts, ignore-error=false")
    private List<String> cacheTo = new ArrayList<>();

    @Option(names = "--network", paramLabel = "MODE", description = "network of RUN: default or none")
    private String network = "default";

    @Option(names = "--format", paramLabel = "FORMAT", description = "media types: oci or docker")
    private String format = "oci";

    @Option(names = "--compression", paramLabel = "KIND", description = "of new layers: gzip, zstd or none")
    private String compression = "gzip";

    @Option(names = "--compression-level", paramLabel = "N", description = "0 to 9 for gzip, 1 to 19 for zstd")
    private @Nullable Integer compressionLevel;

    @Option(
            names = "--layers",
            paramLabel = "RULE",
            split = ",",
            description =
                    "where layers end: instruction (default), stage, flat, or after the steps that are named, such as build.2,final.5")
    private List<String> layers = new ArrayList<>();

    @Option(
            names = "--secrets-guard",
            paramLabel = "POLICY",
            description = "when a secret would be in the image: warn (default), fail or off")
    private String secretsGuard = "warn";

    @Option(
            names = "--source-date-epoch",
            paramLabel = "SECONDS|context",
            description = "time of the image and newest time in its layers")
    private @Nullable String sourceDateEpoch;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "time limit of the build (default: ${DEFAULT-VALUE})",
            defaultValue = "3600")
    private long timeoutSeconds;

    @Option(
            names = "--step-timeout",
            paramLabel = "SECONDS",
            description = "time limit of each step that is not in the cache (default: none but the build's)")
    private @Nullable Long stepTimeoutSeconds;

    @Option(
            names = "--secret",
            paramLabel = "id=ID,src=FILE",
            description = "a secret for RUN --mount=type=secret: id=ID,src=FILE or id=ID,env=NAME (repeatable)")
    private List<String> secrets = new ArrayList<>();

    @Option(
            names = "--ssh",
            paramLabel = "ID[=SOCKET|KEY]",
            description =
                    "for RUN --mount=type=ssh: the agent of $SSH_AUTH_SOCK, another agent's socket, or a private key (repeatable)")
    private List<String> ssh = new ArrayList<>();

    @Option(names = "--pull", description = "ask registries what a tag means now, even if an answer is at hand")
    private boolean pull;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private RegistryOptions registries;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    private ServerOptions service;

    @Option(names = "--home", paramLabel = "DIR", description = "where stores and cache are (default: $SLIPWAY_HOME)")
    private @Nullable Path home;

    @Option(names = "--iidfile", paramLabel = "FILE", description = "write the image's digest to a file")
    private @Nullable Path digestFile;

    @Option(names = "--check", description = "build nothing: print problems, stages, arguments and secrets as JSON")
    private boolean check;

    /** The command with its options. A worker enters another directory to mount from, so that paths have to be absolute from the start. */
    public static CommandLine commandLine() {
        return new CommandLine(new BuildCommand())
                .setParameterExceptionHandler(new WrongArguments())
                .setExecutionExceptionHandler(BuildCommand::failed)
                .registerConverter(Path.class, text -> Path.of(text).toAbsolutePath());
    }

    @Override
    public Integer call() throws Exception {
        service.check(command.commandLine());
        List<String> wanted = platforms();
        Map<String, String> arguments = BuildArgumentOption.read(command.commandLine(), buildArgs);
        Map.of("--label", labels, "--annotation", annotations).forEach((option, pairs) -> {
            if (pairs.containsKey("")) {
                throw new ParameterException(
                        command.commandLine(), option + " =" + pairs.get("") + " has no name before the =");
            }
        });
        if (check) {
            if (wanted.size() > 1) {
                throw new ParameterException(command.commandLine(), "--check looks at one --platform at a time");
            }
            return LocalCheck.run(
                    LocalDockerfile.find(command.commandLine(), directory, file),
                    target,
                    arguments,
                    BuildContextOption.read(command.commandLine(), buildContexts)
                            .addresses()
                            .keySet(),
                    wanted.isEmpty() ? Platform.local().toString() : wanted.getFirst(),
                    RegistryAccess.settings(
                            registries.settings(command.commandLine()), registries.caFile(command.commandLine())),
                    System.out);
        }
        LocalDockerfile dockerfile = LocalDockerfile.find(command.commandLine(), directory, file);
        BuildContextOption contexts = BuildContextOption.read(command.commandLine(), buildContexts);
        for (String tag : tags) {
            parsed(tag);
        }
        LocalCheck.Refusal refusal = LocalCheck.refusal(
                dockerfile, target, arguments, contexts.addresses().keySet(), wanted);
        if (refusal != null) {
            TextLog.refused(dockerfile.name(), refusal, System.out);
            return 1;
        }
        List<Output> files = outputs.stream().map(this::output).toList();
        if (wanted.size() > 1
                && files.stream().anyMatch(output -> !output.kind().equals("oci"))) {
            throw new ParameterException(
                    command.commandLine(),
                    "--output docker: and rootfs: hold one platform; write oci:FILE for several");
        }
        if (push && tags.isEmpty()) {
            throw new ParameterException(command.commandLine(), "--push needs --tag: where should it be pushed to?");
        }
        CacheOption.requireApart(command.commandLine(), cacheTo, tags);
        if (service.isServer()) {
            return onServer(dockerfile, arguments, contexts, files);
        }
        Path data = home != null ? home : Path.of(System.getenv().getOrDefault("SLIPWAY_HOME", ".slipway"));
        data = Files.createDirectories(data.toAbsolutePath().normalize());
        TextLog log = new TextLog(System.out);
        try (Workspace workspace = Workspace.open(data, System.getenv().getOrDefault("SLIPWAY_RUNTIME", "crun"));
                LocalWork work = LocalWork.begin(workspace, data)) {
            BuildSpec spec = spec(
                    work.name(),
                    dockerfile,
                    arguments,
                    contexts.contexts(work.directory()),
                    work.directory().resolve("context.tar"));
            BuildEvent last = new Build(workspace, spec, log).run();
            return finish(last, data, files);
        } catch (ContextException e) {
            String hint = e.getCause() instanceof AccessDeniedException
                    ? readBy() + ", or name it in .dockerignore if the build does not need it"
                    : null;
            log.emit(new BuildEvent.Failed(
                    Instant.now(),
                    new BuildError(ErrorCode.CONTEXT_INVALID, String.valueOf(e.getMessage()), null, null, null, hint)));
            return 1;
        }
    }

    private int onServer(
            LocalDockerfile dockerfile, Map<String, String> arguments, BuildContextOption contexts, List<Output> files)
            throws IOException {
        CommandLine line = command.commandLine();
        Map<String, Object> options = new TreeMap<>();
        ServerOptions.putDockerfile(line, dockerfile, file, options);
        options.put("buildArg", arguments);
        options.put("tag", tags);
        options.put("label", labels);
        options.put("annotation", annotations);
        options.put("platform", platforms());
        options.put("noCache", noCache);
        options.put("pull", pull);
        // As they are written: what the service can't do, it refuses with a hint.
        options.put("cacheFrom", cacheFrom);
        options.put("cacheTo", cacheTo);
        options.put("secretsGuard", secretsGuard);
        options.put("network", network);
        options.put("format", format);
        options.put("compression", compression);
        options.put("push", push);
        options.put("registryAuth", ServerOptions.credentials(registries.settings(line)));
        options.put("secret", ServerOptions.secrets(SecretOption.read(line, secrets)));
        options.put("ssh", ServerOptions.ssh(line, SshOption.read(line, ssh)));
        if (!layers.isEmpty()) {
            options.put("layers", layers);
        }
        if (target != null) {
            options.put("target", target);
        }
        if (compressionLevel != null) {
            options.put("compressionLevel", compressionLevel);
        }
        String epoch = epoch();
        if (epoch != null) {
            options.put("sourceDateEpoch", epoch);
        }
        if (line.getParseResult().hasMatchedOption("--timeout")) {
            options.put("timeout", timeoutSeconds);
        }
        if (stepTimeoutSeconds != null) {
            options.put("stepTimeout", stepTimeoutSeconds);
        }
        try {
            ServerBuild build = service.begin(line, registries.caFile(line));
            options.put("buildContext", ServerOptions.contexts(line, contexts.addresses(), build));
            String digest = build.run(
                    build.send(directory, dockerfile::leavesOut),
                    options,
                    files.stream()
                            .map(output -> new ServerBuild.Output(output.kind(), output.file()))
                            .toList());
            if (digest != null && digestFile != null) {
                Files.writeString(digestFile, digest);
            }
            return digest == null ? 1 : 0;
        } catch (ServiceException e) {
            System.out.println("failed: " + e.getMessage());
            if (e.hint() != null) {
                System.out.println("  hint: " + e.hint());
            }
            return 1;
        } catch (ContextException e) {
            System.out.println("failed: " + ErrorCode.CONTEXT_INVALID.wireName() + ": " + e.getMessage());
            return 1;
        } catch (FileSystemException e) {
            throw e; // told like those of other builds
        } catch (IOException e) {
            System.out.println("failed: the service: " + e.getMessage());
            if (e instanceof SSLException) {
                System.out.println("  hint: --ca-file FILE names the authorities that vouch for it");
            }
            return 1;
        }
    }

    /** A file that can't be read or written is told in a sentence; anything else is a fault of the program, and told with its trace. */
    private static int failed(Exception thrown, CommandLine command, CommandLine.ParseResult arguments)
            throws Exception {
        if (!(thrown instanceof FileSystemException file)) {
            throw thrown;
        }
        PrintWriter err = command.getErr();
        switch (file) {
            case AccessDeniedException denied -> {
                err.println("failed: " + denied.getFile() + " can't be read: permission denied");
                err.println("  hint: " + readBy());
            }
            case NoSuchFileException missing -> err.println("failed: there is no " + missing.getFile());
            default -> err.println("failed: " + file.getMessage());
        }
        err.flush();
        return 1;
    }

    /** Started by root, a build is another user's. */
    private static String readBy() {
        String user = System.getenv("USER");
        return "files are read as the user " + (user == null ? "that builds" : user)
                + ": let it read this one (chmod o+r), and enter the directories above (chmod o+x)";
    }

    private BuildSpec spec(
            String name,
            LocalDockerfile dockerfile,
            Map<String, String> arguments,
            Map<String, NamedContext> contexts,
            Path tar)
            throws IOException {
        ContextArchive.pack(directory, dockerfile::leavesOut, tar);
        return new BuildSpec(
                name,
                LocalWork.PROJECT,
                null,
                1,
                0,
                tar.toString(),
                null,
                contexts,
                dockerfile.name(),
                new String(dockerfile.text(), StandardCharsets.UTF_8),
                dockerfile.inside() ? null : dockerfile.ignoreFile(),
                target,
                arguments,
                tags,
                labels,
                annotations,
                platforms(),
                noCache,
                pull,
                choice("--network", network, NetworkMode.values()),
                choice("--format", format, ImageFormat.values()),
                compression(),
                compressionLevel,
                layerRule(),
                choice("--secrets-guard", secretsGuard, SecretPolicy.values()),
                epoch(),
                Duration.ofSeconds(timeoutSeconds).toMillis(),
                stepTimeoutMillis(),
                StepBudget.ofMachine(),
                BuildLimits.NONE,
                push,
                registries.settings(command.commandLine()),
                registries.caFile(command.commandLine()),
                FetchSettings.unlimited(Duration.ofSeconds(timeoutSeconds).toMillis()),
                SecretOption.read(command.commandLine(), secrets),
                SshOption.read(command.commandLine(), ssh),
                CacheOption.sources(command.commandLine(), cacheFrom),
                CacheOption.targets(command.commandLine(), cacheTo),
                Policy.NONE);
    }

    private @Nullable Long stepTimeoutMillis() {
        if (stepTimeoutSeconds == null) {
            return null;
        }
        if (stepTimeoutSeconds < 1) {
            throw new ParameterException(command.commandLine(), "--step-timeout must be 1 at least");
        }
        return Duration.ofSeconds(stepTimeoutSeconds).toMillis();
    }

    private LayerCompression compression() {
        LayerCompression kind = choice("--compression", compression, LayerCompression.values());
        Integer level = compressionLevel;
        String wrong = null;
        if (kind == LayerCompression.ZSTD && choice("--format", format, ImageFormat.values()) == ImageFormat.DOCKER) {
            wrong = "--compression zstd does not exist in --format docker: use --format oci";
        } else if (kind == LayerCompression.NONE && level != null) {
            wrong = "--compression-level means nothing without compression";
        } else if (level != null) {
            Algorithm algorithm = kind == LayerCompression.ZSTD ? Algorithm.ZSTD : Algorithm.GZIP;
            if (level < algorithm.leastLevel() || level > algorithm.mostLevel()) {
                wrong = "--compression-level of %s is %d to %d, not %d"
                        .formatted(compression, algorithm.leastLevel(), algorithm.mostLevel(), level);
            }
        }
        if (wrong != null) {
            throw new ParameterException(command.commandLine(), wrong);
        }
        return kind;
    }

    private LayerRule layerRule() {
        try {
            return LayerRule.of(layers);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--layers: " + e.getMessage(), e);
        }
    }

    private @Nullable String epoch() {
        String text = sourceDateEpoch;
        if (text == null || text.equals(EpochSource.CONTEXT)) {
            return text;
        }
        try {
            long seconds = Long.parseLong(text);
            if (seconds >= 0 && seconds <= EpochSource.LATEST) {
                return Long.toString(seconds);
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new ParameterException(
                command.commandLine(), "--source-date-epoch is seconds since 1970 or context, not " + text);
    }

    private List<String> platforms() {
        List<String> parsed = new ArrayList<>();
        for (String text : platforms) {
            try {
                String platform = Platform.parse(
                                PlatformName.parse(text.strip()).toString())
                        .toString();
                if (parsed.contains(platform)) {
                    throw new ParameterException(command.commandLine(), "--platform names " + platform + " twice");
                }
                parsed.add(platform);
            } catch (IllegalArgumentException | InvalidValueException e) {
                throw new ParameterException(command.commandLine(), "--platform: " + e.getMessage(), e);
            }
        }
        return parsed;
    }

    private <E extends Enum<E>> E choice(String option, String value, E[] values) {
        List<String> names = new ArrayList<>();
        for (E candidate : values) {
            if (candidate.name().toLowerCase(Locale.ROOT).equals(value)) {
                return candidate;
            }
            names.add(candidate.name().toLowerCase(Locale.ROOT));
        }
        throw new ParameterException(
                command.commandLine(), option + " is one of " + String.join(", ", names) + ", not " + value);
    }

    private ImageReference parsed(String tag) {
        try {
            return ImageReference.parse(tag);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), "--tag " + tag + ": " + e.getMessage(), e);
        }
    }

    private record Output(String kind, Path file) {}

    private Output output(String text) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? "" : text.substring(0, colon);
        if (!List.of("oci", "docker", "rootfs").contains(kind)) {
            throw new ParameterException(
                    command.commandLine(), "--output is oci:FILE, docker:FILE or rootfs:FILE, not " + text);
        }
        Path file = Path.of(text.substring(colon + 1)).toAbsolutePath();
        Path folder = file.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new ParameterException(
                    command.commandLine(), "--output: there is no folder " + folder + " to write to");
        }
        return new Output(kind, file);
    }

    private int finish(BuildEvent last, Path data, List<Output> files) throws IOException {
        BuildError error = Build.error(last);
        if (error != null || !(last instanceof BuildEvent.Succeeded success)) {
            return 1;
        }
        ContentStore store = ContentStore.at(data.resolve("store"));
        Digest digest = Digest.parse(success.digest());
        Descriptor image = new Descriptor(success.mediaType(), digest, store.size(digest));
        List<ImageReference> names = tags.stream().map(this::parsed).toList();
        for (Output output : files) {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(output.file()), 128 * 1024)) {
                switch (output.kind()) {
                    case "oci" -> OciLayoutTar.write(store, image, names, out);
                    case "docker" -> DockerArchive.write(store, image, names, out);
                    default -> RootfsTar.write(store, image, out);
                }
            }
        }
        if (digestFile != null) {
            Files.writeString(digestFile, digest.toString());
        }
        return 0;
    }
}
