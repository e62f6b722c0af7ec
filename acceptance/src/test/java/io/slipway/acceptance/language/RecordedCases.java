package io.slipway.acceptance.language;

import io.slipway.dockerfile.instruction.GitAddress;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.dockerfile.language.LanguageCases;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.context.BuildContext;
import io.slipway.image.context.ContextArchive;
import io.slipway.image.context.ContextEntry;
import io.slipway.image.context.ContextLimits;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildLimits;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.FetchSettings;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NamedContext;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.Policy;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.SecretPolicy;
import io.slipway.protocol.SshSource;
import io.slipway.protocol.StepBudget;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.git.GitRemote;
import io.slipway.remote.git.GitSettings;
import io.slipway.remote.git.GitSource;
import io.slipway.worker.build.Build;
import io.slipway.worker.build.Workspace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Builds every case, recorded or our own, in one worker process and prints a line for each: {@code ok NAME}, {@code skip NAME: why} or
 * {@code differs NAME: how}. Runs inside the namespaces of a worker; arguments: a home directory, the URL of a mirror that has
 * the base image, the URL of a git server that has the repositories of {@code git-fixture}, and optionally the beginning of the names of the
 * cases to build.
 */
public final class RecordedCases {
    private static final String BASE = "busybox:1.35";

    private final Workspace workspace;
    private final ContentStore store;
    private final Path home;
    private final String mirror;
    private final CaseServer http;
    private final String git;
    private final String key;
    private final CaseComparison comparison;

    private RecordedCases(Workspace workspace, Path home, String mirror, CaseServer http, String git)
            throws IOException {
        this.workspace = workspace;
        this.store = ContentStore.at(home.resolve("store"));
        this.home = home;
        this.mirror = mirror;
        this.http = http;
        this.git = git;
        this.key = Files.readString(CaseContext.sshKey(home));
        this.comparison = new CaseComparison(base(), http.url(), git, home);
    }

    /** See the class. */
    public static void main(String[] arguments) throws IOException {
        Path home = Path.of(arguments[0]);
        String prefix = arguments.length > 3 ? arguments[3] : "";
        try (Workspace workspace = Workspace.open(home, "crun");
                CaseServer http = new CaseServer()) {
            workspace.begin("recorded-cases-" + ProcessHandle.current().pid() + "-" + System.nanoTime(), "default");
            RecordedCases cases = new RecordedCases(workspace, home, arguments[1], http, arguments[2]);
            for (LanguageCase recorded : LanguageCases.all()) {
                if (recorded.toString().startsWith(prefix)) {
                    System.out.println(cases.judge(recorded));
                }
            }
        }
        System.exit(0);
    }

    private String judge(LanguageCase recorded) {
        try {
            List<String> differences = differences(recorded);
            return differences.isEmpty()
                    ? "ok " + recorded
                    : "differs " + recorded + ": "
                            + String.join("; ", differences).replace("\n", "\\n");
        } catch (IOException | RuntimeException e) {
            return "differs " + recorded + ": " + e;
        }
    }

    private List<String> differences(LanguageCase recorded) throws IOException {
        LanguageCase.Expectation expected = recorded.expectation();
        Path tar = Files.createTempFile(home, "case", ".tar");
        Files.delete(tar);
        Map<String, NamedContext> contexts = new LinkedHashMap<>();
        ConcurrentLinkedQueue<BuildEvent> events = new ConcurrentLinkedQueue<>();
        BuildEvent last;
        try {
            http.serve(recorded);
            String dockerfile = recorded.dockerfile(http.url(), git);
            if (dockerfile == null) {
                dockerfile = fetchContext(recorded, tar);
                if (dockerfile == null) {
                    return expected.refusal() == null ? List.of("the context has no Dockerfile") : List.of();
                }
            } else {
                CaseContext.write(recorded, dockerfile, tar);
            }
            for (String option : recorded.options("context")) {
                String[] words = option.split(" ", 2);
                if (words.length == 2) {
                    contexts.put(words[0], new NamedContext.Image(words[1]));
                    continue;
                }
                Path files = home.resolve("case-context-" + option.replace('/', '_') + ".tar");
                contexts.put(option, new NamedContext.Files(files.toString(), null));
                CaseContext.writeNamed(recorded, option, files);
            }
            last = new Build(workspace, spec(recorded, dockerfile, tar, contexts), events::add).run();
        } finally {
            ContextArchive.delete(tar);
            for (NamedContext context : contexts.values()) {
                if (context instanceof NamedContext.Files files) {
                    ContextArchive.delete(Path.of(files.tar()));
                }
            }
        }
        BuildError error = Build.error(last);
        List<String> differences = new ArrayList<>();
        if (expected.refusal() != null || error != null) {
            if (error == null) {
                return List.of("was built, not refused: " + expected.refusal());
            }
            if (expected.refusal() == null) {
                return List.of("refused: line " + error.line() + " " + error.message());
            }
            // Where the reference names no line we may: it is the better message.
            int line = error.line() == null ? 0 : error.line();
            if (expected.refusal().line() != 0 && line != expected.refusal().line()) {
                differences.add("refused at line " + line + " instead of "
                        + expected.refusal().line() + ": " + error.message());
            }
            if (recorded.isOurs()
                    && !error.message().contains(expected.refusal().message())) {
                differences.add("refused with: " + error.message());
            }
            return differences;
        }
        BuildEvent.Succeeded success = (BuildEvent.Succeeded) last;
        Digest digest = Digest.parse(success.digest());
        Descriptor image = new Descriptor(success.mediaType(), digest, store.size(digest));
        differences.addAll(comparison.image(expected, store, image));
        List<LanguageCase.Warning> warnings = events.stream()
                .filter(BuildEvent.Warned.class::isInstance)
                .map(BuildEvent.Warned.class::cast)
                .map(warned -> new LanguageCase.Warning(
                        warned.line() == null ? 0 : warned.line(), warned.rule(), warned.message()))
                .toList();
        differences.addAll(comparison.warnings(recorded, warnings));
        return differences;
    }

    private FlatImage base() throws IOException {
        Path tar = Files.createTempFile(home, "base", ".tar");
        Files.delete(tar);
        String dockerfile = "FROM " + BASE + "\n";
        try {
            LanguageCase none = new LanguageCase(
                    "",
                    "",
                    List.of(),
                    dockerfile,
                    List.of(),
                    new LanguageCase.Expectation(
                            null, List.of(), List.of(), null, Map.of(), null, null, List.of(), List.of(), List.of()));
            CaseContext.write(none, dockerfile, tar);
            BuildEvent last = new Build(workspace, spec(none, dockerfile, tar, Map.of()), _ -> {}).run();
            if (!(last instanceof BuildEvent.Succeeded success)) {
                throw new IOException("the base image cannot be built on: " + last);
            }
            Digest digest = Digest.parse(success.digest());
            return FlatImage.of(store, new Descriptor(success.mediaType(), digest, store.size(digest)), home);
        } finally {
            ContextArchive.delete(tar);
        }
    }

    private BuildSpec spec(LanguageCase recorded, String dockerfile, Path tar, Map<String, NamedContext> contexts) {
        return new BuildSpec(
                "bld_case",
                "default",
                null,
                1,
                0,
                tar.toString(),
                null,
                contexts,
                "Dockerfile",
                dockerfile,
                null,
                first(recorded.options("target")),
                pairs(recorded.options("buildArg")),
                List.of(),
                pairs(recorded.options("label")),
                Map.of(),
                recorded.options("platform"),
                true,
                false,
                NetworkMode.DEFAULT,
                ImageFormat.OCI,
                LayerCompression.GZIP,
                null,
                LayerRule.INSTRUCTION,
                SecretPolicy.OFF,
                null,
                60_000,
                null,
                StepBudget.ofMachine(),
                BuildLimits.NONE,
                false,
                List.of(new RegistrySettings("docker.io", List.of(mirror), false, null, null, false)),
                null,
                FetchSettings.unlimited(60_000),
                secrets(recorded.options("secret")),
                recorded.options("ssh").stream()
                        .collect(Collectors.toMap(Function.identity(), _ -> new SshSource(null, key))),
                List.of(),
                List.of(),
                Policy.NONE);
    }

    /** Fetches the context from its repository as the service does; gives its Dockerfile, or null if it has none. */
    private @Nullable String fetchContext(LanguageCase recorded, Path tar) throws IOException {
        String url = recorded.options("gitcontext").getFirst().replace("{{git}}", git);
        GitAddress address = Objects.requireNonNull(GitAddress.parse(url), url);
        GitSettings settings = new GitSettings(
                false,
                null,
                null,
                new AddressPolicy(List.of()),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                Long.MAX_VALUE);
        GitSource source = new GitSource(
                address.remote(), address.ref(), address.directory(), address.submodules(), null, false, null);
        try (GitRemote remote = new GitRemote(settings, home)) {
            remote.fetch(source, home.resolve("git-scratch"), files -> {
                        ContextArchive.receive(files, tar, ContextLimits.none());
                        return BuildContext.open(tar);
                    })
                    .close();
        }
        try (BuildContext context = BuildContext.open(tar)) {
            ContextEntry dockerfile = context.find("Dockerfile");
            if (dockerfile == null) {
                return null;
            }
            try (InputStream text = context.open(dockerfile)) {
                return new String(text.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private static @Nullable String first(List<String> values) {
        return values.isEmpty() ? null : values.getFirst();
    }

    private static Map<String, byte[]> secrets(List<String> values) {
        Map<String, byte[]> secrets = new LinkedHashMap<>();
        pairs(values).forEach((id, value) -> secrets.put(id, value.getBytes(StandardCharsets.UTF_8)));
        return secrets;
    }

    private static Map<String, String> pairs(List<String> values) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String value : values) {
            int equals = value.indexOf('=');
            pairs.put(equals < 0 ? value : value.substring(0, equals), equals < 0 ? "" : value.substring(equals + 1));
        }
        return pairs;
    }
}
