package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.DevBuild;
import io.slipway.acceptance.fixture.HeldRun;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./dev build} does what the service does, with one worker and nothing else. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class CommandLineTest {
    /** State of a socket that waits for connections, in /proc/net/tcp (include/net/tcp_states.h). */
    private static final String LISTEN = "0A";

    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-command-line-");

    private final DevBuild dev = new DevBuild(FOLDER.path());

    @Test
    void aFolderGivesTheLayoutThatTheServiceGives(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        RUN mkdir /made && echo content > /made/file && ln /made/file /made/link
                        COPY --chown=7:8 file /file
                        ENV A=b
                        """).file("file", "copied")) {
            JsonNode served = bed.client().succeed(context, "sourceDateEpoch", "1700000000");
            Path layout = FOLDER.resolve("app.tar");
            Path id = Files.createDirectory(FOLDER.resolve("with:colon")).resolve("id");
            Process build = dev.start(
                    bed,
                    context,
                    "-t",
                    "app:1",
                    "-o",
                    "oci:" + layout,
                    "--iidfile",
                    id.toString(),
                    "--source-date-epoch",
                    "1700000000");
            assertThat(build.waitFor()).as(dev.log()).isZero();
            assertThat(id).content().startsWith("sha256:");
            assertThat(dev.log()).contains("RUN mkdir /made");

            JsonNode image = JsonMapper.shared().readTree(Programs.run("skopeo", "inspect", "oci-archive:" + layout));
            assertThat(image.get("Digest").asString())
                    .isEqualTo(served.get("digest").asString());
            assertThat(Programs.run("tar", "-xOf", layout.toString(), "index.json"))
                    .contains("app:1");
        }
    }

    @Test
    void secretsAndCredentialsComeFromFilesThatOnlyTheCallerMayRead(TestBed bed) throws Exception {
        Path secret = confidential("secret", "hidden\n");
        String login = Base64.getEncoder().encodeToString("me:pass:word".getBytes(UTF_8));
        try (Registry registry = Registry.withBasic(FOLDER.resolve("basic"), "me", "pass:word");
                BuildContext context = BuildContext.of("""
                        FROM busybox:1.35
                        RUN --mount=type=secret,id=s,required tr a-z A-Z < /run/secrets/s > /shouted
                        """)) {
            Path config = confidential(
                    "config.json", "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(registry.host(), login));
            String name = registry.host() + "/team/app:1";
            Path files = FOLDER.resolve("files.tar");
            Process build = dev.start(
                    bed,
                    context,
                    "--secret",
                    "id=s,src=" + secret,
                    "--registry-config=" + config,
                    "-t",
                    name,
                    "--push",
                    "-o",
                    "rootfs:" + files);
            assertThat(build.waitFor()).as(dev.log()).isZero();
            assertThat(Programs.run("tar", "-xOf", files.toString(), "shouted")).isEqualTo("HIDDEN\n");
            assertThat(dev.log())
                    .contains("Pushed " + name)
                    .doesNotContain("hidden")
                    .doesNotContain("pass:word");

            assertThat(dev.start(bed, context, "-t", name, "--push").waitFor()).isEqualTo(1);
            assertThat(dev.log()).contains("push_auth");
        }
    }

    @Test
    void aBuildArgumentWithoutAValueHasThatOfTheEnvironment(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                        FROM scratch
                        ARG GIVEN
                        ARG EMPTY=default
                        ARG USER
                        ARG ABSENT=default
                        LABEL given=$GIVEN empty=$EMPTY user=$USER absent=$ABSENT
                        """)) {
            Path layout = FOLDER.resolve("arguments.tar");
            ProcessBuilder build = dev.command(
                    bed,
                    context,
                    "--build-arg",
                    "GIVEN",
                    "--build-arg=EMPTY",
                    "--build-arg=USER",
                    "--build-arg",
                    "ABSENT",
                    "-o",
                    "oci:" + layout);
            build.environment().putAll(Map.of("GIVEN", "two words\nand\ttwo lines\n", "EMPTY", "", "USER", "caller"));
            build.environment().remove("ABSENT");
            assertThat(build.start().waitFor()).as(dev.log()).isZero();
            assertThat(dev.log().lines())
                    .filteredOn(line -> line.startsWith("note: "))
                    .containsExactly("note: --build-arg ABSENT has no value, and no environment variable ABSENT is set:"
                            + " the argument is not given");
            JsonNode labels = JsonMapper.shared()
                    .readTree(Programs.run("skopeo", "inspect", "oci-archive:" + layout))
                    .path("Labels");
            assertThat(labels.path("given").asString()).isEqualTo("two words\nand\ttwo lines\n");
            assertThat(labels.path("empty").asString("no label")).isEmpty();
            assertThat(labels.path("user").asString()).isEqualTo("caller");
            assertThat(labels.path("absent").asString()).isEqualTo("default");
        }
    }

    @Test
    void severalPlatformsAreOneIndex(TestBed bed) throws Exception {
        Path layout = FOLDER.resolve("index.tar");
        try (BuildContext context = BuildContext.of("FROM scratch\nARG TARGETARCH\nCOPY file /$TARGETARCH\n")
                .file("file", "")) {
            Process build = dev.start(bed, context, "--platform", "linux/amd64,arm64", "-o", "oci:" + layout);
            assertThat(build.waitFor()).as(dev.log()).isZero();
            assertThat(Programs.run("bash", "-ec", "skopeo inspect --raw oci-archive:\"$0\"", layout.toString()))
                    .contains("image.index.v1+json", "\"architecture\":\"arm64\"", "\"architecture\":\"amd64\"");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --secret=id=a,file=b           | --secret is id=ID,src=FILE or id=ID,env=NAME
                    --secret=src=/etc/passwd       | has no id
                    --secret=id=a,src=/nowhere     | /nowhere
                    --registry-config=/nowhere     | /nowhere
                    --ca-file=/nowhere             | /nowhere
                    --output=oci:/nowhere/at/all   | /nowhere/at
                    --registry-mirrors=a=b         | --registry-mirrors
                    --file=/nowhere                | there is no /nowhere in the build context
                    --platform=a/b/c/d             | "a/b/c/d" is not a platform
                    --platform=arm64,linux/arm64   | names linux/arm64 twice
                    --platform=amd64,arm64 --check | one --platform at a time
                    --platform=amd64,arm64 --output=rootfs:x.tar | hold one platform
                    --build-arg==x                 | --build-arg =x has no name before the =
                    --build-arg=                   | --build-arg is NAME=VALUE or NAME
                    --label=a                      | Value for option '--label'
                    --compression=none --compression-level=3 | means nothing without compression
                    --compression=gzip --compression-level=99 | of gzip is 0 to 9, not 99
                    --compression=zstd --format=docker | does not exist in --format docker
                    --cache-to=r.example/c@sha256:0000000000000000000000000000000000000000000000000000000000000000 | leave out the digest
                    --build-context=a              | --build-context is NAME=VALUE
                    --build-context=a=/nowhere     | there is no such directory
                    --build-context=a=slipway://b  | ./dev build has none
                    --build-context=A=docker-image://b | can't be the name of a context
                    --build-context=a=oci-layout:///tmp:1 | it is no OCI layout
                    """)
    void anOptionThatIsWrongIsRefusedInASentence(String option, String message, TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM scratch\n")) {
            assertThat(dev.start(bed, context, option.split(" ")).waitFor()).isNotZero();
            assertThat(dev.log()).contains(message).doesNotContain("Exception");
        }
    }

    private static Path confidential(String name, String text) throws IOException {
        Path file = FOLDER.resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    @Test
    void namedContextsAreFoldersImagesAndLayouts(TestBed bed) throws Exception {
        try (BuildContext base = BuildContext.of("FROM scratch\nCOPY f /base\nENV OF=layout\n")
                        .file("f", "base");
                BuildContext lib = BuildContext.of("")
                        .file("sub/f", "lib")
                        .file("sub/dropped", "never")
                        .file(".dockerignore", "**/dropped\n");
                BuildContext context = BuildContext.of("""
                        FROM layout
                        COPY --from=lib sub /lib
                        COPY --from=alpine:3 /bin/busybox /
                        """)) {
            assertThat(dev.start(bed, base, "-t", "base:1", "-o", "oci:" + FOLDER.resolve("base.tar"))
                            .waitFor())
                    .as(dev.log())
                    .isZero();
            Path layout = Files.createDirectories(FOLDER.resolve("layout"));
            Programs.run(
                    "tar",
                    "-C",
                    layout.toString(),
                    "-xf",
                    FOLDER.resolve("base.tar").toString());
            Programs.run(
                    "cp", "-R", lib.folder().toString(), FOLDER.resolve("lib").toString());
            Path files = FOLDER.resolve("named.tar");
            Process build = dev.start(
                    bed,
                    context,
                    "--build-context=lib=lib",
                    "--build-context",
                    "layout=oci-layout://layout:1",
                    "--build-context",
                    "docker.io/library/alpine:3=docker-image://busybox:1.35",
                    "--iidfile=digest",
                    "-o",
                    "rootfs:named.tar");
            assertThat(build.waitFor()).as(dev.log()).isZero();
            assertThat(FOLDER.resolve("digest")).content().startsWith("sha256:");
            assertThat(Programs.run("tar", "-tf", files.toString()).lines().filter(name -> !name.endsWith("/")))
                    .containsExactlyInAnyOrder("base", "lib/f", "busybox");
        }
    }

    @Test
    void theDockerfileMayLieSomewhereElseWithItsOwnIgnoreFile(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM nowhere\n")
                .file("kept", "1")
                .file("dropped", "2")
                .file("docker/inside", "FROM scratch\nCOPY kept /inside\n")
                .file(".dockerignore", "kept\n")) {
            Path elsewhere = Files.createDirectories(FOLDER.resolve("elsewhere"));
            Files.writeString(elsewhere.resolve("app.Dockerfile"), "FROM scratch\nCOPY . /\n");
            assertThat(filesOf(bed, context, "-f", "elsewhere/app.Dockerfile"))
                    .contains("dropped")
                    .doesNotContain("kept");
            confidential("elsewhere/app.Dockerfile.dockerignore", "dropped\n*ockerfile\n.dockerignore\ndocker\n");
            assertThat(filesOf(bed, context, "--file=" + elsewhere.resolve("app.Dockerfile")))
                    .containsOnly("kept");
            context.file(".dockerignore", "");
            assertThat(filesOf(bed, context, "-f", "docker/inside")).containsOnly("inside");
            assertThat(filesOf(
                            bed,
                            context,
                            "-f",
                            context.folder().resolve("docker/inside").toString()))
                    .containsOnly("inside");
        }
    }

    private List<String> filesOf(TestBed bed, BuildContext context, String... options) throws Exception {
        Path files = FOLDER.resolve("files-of.tar");
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-o", "rootfs:" + files));
        assertThat(dev.start(bed, context, all.toArray(String[]::new)).waitFor())
                .as(dev.log())
                .isZero();
        return Programs.run("tar", "-tf", files.toString())
                .lines()
                .filter(name -> !name.endsWith("/"))
                .toList();
    }

    @Test
    void aStepThatFailsIsTheExitStatusAndNoFileIsWritten(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN echo no luck; exit 3\n")) {
            Path layout = FOLDER.resolve("none.tar");
            assertThat(dev.start(bed, context, "-o", "oci:" + layout).waitFor()).isEqualTo(1);
            assertThat(dev.log()).contains("no luck").contains("RUN ended with exit code 3");
            assertThat(layout).doesNotExist();
        }
    }

    @Test
    void noPortIsOpenedAndNoProcessIsLeft(TestBed bed) throws Exception {
        HeldRun held = new HeldRun();
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\n" + held.instruction())) {
            Process build = dev.start(bed, context);
            held.await();
            List<ProcessHandle> processes = Stream.concat(Stream.of(build.toHandle()), build.descendants())
                    .toList();
            Set<String> sockets = new HashSet<>();
            Set<String> listening = new HashSet<>();
            for (ProcessHandle process : processes) {
                try {
                    sockets.addAll(sockets(process));
                    listening.addAll(listening(process));
                } catch (IOException e) {
                    assertThat(process.isAlive()).as(e.toString()).isFalse();
                }
            }
            assertThat(sockets)
                    .as("the sockets that the build's processes have")
                    .isNotEmpty()
                    .doesNotContainAnyElementsOf(listening);
            held.letGo();
            assertThat(build.waitFor()).as(dev.log()).isZero();
            assertThat(processes).noneMatch(ProcessHandle::isAlive);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            FROM scratch\\nCOPPY a b     | Dockerfile, line 2, column 1: unknown instruction COPPY | did you mean COPY?
            FROM scratch\\nEXPOSE 80 99999 | Dockerfile, line 2, column 11: |
            """)
    void aMistakeInTheDockerfileIsToldWithItsPlace(
            String dockerfile, String sentence, @Nullable String hint, TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of(dockerfile.replace("\\n", "\n"))) {
            assertThat(dev.start(bed, context).waitFor()).isEqualTo(1);
            assertThat(dev.log()).contains("failed: dockerfile_invalid: " + sentence);
            if (hint != null) {
                assertThat(dev.log()).contains("  hint: " + hint);
            }
        }
    }

    @Test
    void aWrongOptionIsAnsweredInASentence(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM scratch\n")) {
            assertThat(dev.start(bed, context, "--tga", "a:1").waitFor()).isEqualTo(2);
            assertThat(dev.log().lines())
                    .containsExactly(
                            "unknown option --tga, did you mean --tag?", "  ./dev build --help explains all options");
        }
    }

    @Test
    void whatAKilledBuildLeftIsRemovedByTheNextButNotWhatAnotherNeeds(TestBed bed) throws Exception {
        // Of its own, in which no other test's builds come and go.
        Path own = FOLDER.resolve("swept");
        Path work = own.resolve("work");
        HeldRun first = new HeldRun();
        HeldRun second = new HeldRun();
        try (BuildContext killed = BuildContext.of("FROM busybox:1.35\n" + first.instruction());
                BuildContext running = BuildContext.of("FROM busybox:1.35\n" + second.instruction())) {
            Process toKill = inHome(
                    own,
                    dev.command(bed, killed)
                            .redirectOutput(FOLDER.resolve("killed").toFile()));
            first.await();
            Set<String> ofKilled = localWork(work);
            Process other = inHome(
                    own,
                    dev.command(bed, running)
                            .redirectOutput(FOLDER.resolve("other").toFile()));
            second.await();
            Set<String> ofOther = localWork(work);
            ofOther.removeAll(ofKilled);
            assertThat(ofOther).hasSize(1);
            first.killWorker();
            assertThat(toKill.waitFor()).isNotZero();
            assertThat(localWork(work)).containsAll(ofKilled);
            try (BuildContext next = BuildContext.of("FROM scratch\nENV a=b\n")) {
                assertThat(inHome(own, dev.command(bed, next)).waitFor())
                        .as(dev.log())
                        .isZero();
            }
            assertThat(localWork(work)).doesNotContainAnyElementsOf(ofKilled).containsAll(ofOther);
            second.letGo();
            assertThat(other.waitFor())
                    .as(Files.readString(FOLDER.resolve("other")))
                    .isZero();
        }
    }

    private static Process inHome(Path home, ProcessBuilder build) throws IOException {
        build.environment().put("SLIPWAY_HOME", home.toString());
        return build.start();
    }

    /** The directories of local builds, dead or alive. */
    private static Set<String> localWork(Path work) throws IOException {
        try (Stream<Path> found = Files.list(work)) {
            return found.map(path -> path.getFileName().toString())
                    .filter(name -> name.startsWith("local-"))
                    .collect(Collectors.toCollection(HashSet::new));
        }
    }

    @Test
    void aNamedContextThatCannotBeFetchedIsNamed(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM scratch\nCOPY --from=lib a /\n")) {
            Process build = dev.start(bed, context, "--build-context", "lib=http://127.0.0.1:1/lib.tar");
            assertThat(build.waitFor()).isNotZero();
            assertThat(dev.log()).contains("the named context lib: ", "http://127.0.0.1:1/lib.tar");
        }
    }

    @Test
    void aMissingRuntimeIsAFaultOfTheMachineAndIsCalledThat(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM busybox:1.35\nRUN true\n")) {
            ProcessBuilder builder = dev.command(bed, context);
            builder.environment().put("SLIPWAY_RUNTIME", "/none/runtime");
            assertThat(builder.start().waitFor()).isNotZero();
            assertThat(dev.log())
                    .contains("runtime_unavailable")
                    .contains("the OCI runtime /none/runtime can't be started on the build machine")
                    .doesNotContain("internal");
        }
    }

    /** Inodes of a process's sockets. */
    private static Set<String> sockets(ProcessHandle process) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(proc(process).resolve("fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target;
                try {
                    target = Files.readSymbolicLink(descriptor).toString();
                } catch (NoSuchFileException e) {
                    continue; // it was closed meanwhile
                }
                if (target.startsWith("socket:[")) {
                    inodes.add(target.substring("socket:[".length(), target.length() - 1));
                }
            }
        }
        return inodes;
    }

    /** Inodes of all sockets of a process's network on which somebody waits for connections. */
    private static Set<String> listening(ProcessHandle process) throws IOException {
        Set<String> inodes = new HashSet<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(proc(process).resolve("net").resolve(table))) {
                String[] words = line.strip().split("\\s+");
                if (words[3].equals(LISTEN)) {
                    inodes.add(words[9]);
                }
            }
        }
        return inodes;
    }

    private static Path proc(ProcessHandle process) {
        return Path.of("/proc", Long.toString(process.pid()));
    }
}
