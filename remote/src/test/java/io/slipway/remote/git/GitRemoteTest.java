package io.slipway.remote.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.slipway.image.Digest;
import io.slipway.image.network.ChangingNames;
import io.slipway.remote.AddressPolicy;
import io.slipway.remote.Authorization;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import io.slipway.remote.testing.GitHttpServer;
import io.slipway.remote.testing.GitRepositories;
import io.slipway.remote.testing.GitRepositories.Commit;
import io.slipway.remote.testing.GitSshServer;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.Daemon;
import org.eclipse.jgit.transport.resolver.FileResolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GitRemoteTest {
    private static final Instant FIRST = Instant.parse("2024-01-02T03:04:05Z");
    private static final Instant SECOND = Instant.parse("2025-06-07T08:09:10Z");
    private static final int BIG_BYTES = 5_000_000;

    private Path directory;
    private Path root;
    private ObjectId first;
    private ObjectId second;
    private GitHttpServer http;
    private GitHttpServer locked;
    private GitSshServer ssh;
    private Daemon daemon;
    private GitRemote contexts;
    private final List<GitRemote> opened = new ArrayList<>();

    @BeforeAll
    void startServers(@TempDir Path temporary) throws IOException, GeneralSecurityException {
        directory = temporary;
        root = Files.createDirectory(directory.resolve("repositories"));
        byte[] big = new byte[BIG_BYTES];
        RandomGeneratorFactory.of("L64X128MixRandom").create(7).nextBytes(big);
        try (Repository library = GitRepositories.create(root.resolve("library.git"));
                Repository app = GitRepositories.create(root.resolve("app.git"));
                Repository empty = GitRepositories.create(root.resolve("empty.git"))) {
            assertThat(empty.isBare()).isTrue();
            ObjectId libraryCommit =
                    new Commit(library).file("lib.txt", "library\n").commit("refs/heads/main", null, FIRST);
            first = new Commit(app).file("Dockerfile", "FROM scratch\n").commit("refs/heads/main", null, FIRST);
            second = new Commit(app)
                    .file(".gitmodules", """
                            [submodule "library"]
                                path = third/library
                                url = ../library.git
                            """)
                    .file("Dockerfile", "FROM scratch\nCOPY . /\n")
                    .file("big.bin", big)
                    .executable("service/run.sh", "#!/bin/sh\n")
                    .file("service/Dockerfile", "FROM scratch\n")
                    .file("service/naïve name", "x")
                    .symlink("outside", "../../etc/passwd")
                    .gitlink("third/library", libraryCommit)
                    .gitlink("third/unknown", libraryCommit)
                    .commit("refs/heads/main", first, SECOND);
            GitRepositories.annotatedTag(app, "v1", first);
            new Commit(app).file("Dockerfile", "FROM scratch\n").commit("refs/pull/7/head", first, SECOND);
            new Commit(app).file("topic", "t").commit("refs/heads/feature/topic", first, SECOND);
        }
        http = GitHttpServer.open(root);
        locked = GitHttpServer.withPassword(root, "user", "secret");
        ssh = new GitSshServer(root, directory);
        daemon = new Daemon(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        daemon.setRepositoryResolver(new FileResolver<>(root.toFile(), true));
        daemon.start();
        contexts = contexts(new GitSettings(
                true,
                ssh.key(),
                ssh.knownHosts(),
                new AddressPolicy(List.of()),
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                100_000_000));
    }

    @AfterAll
    void stopServers() throws IOException, InterruptedException {
        opened.forEach(GitRemote::close);
        http.close();
        locked.close();
        ssh.close();
        daemon.stopAndWait();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "ssh", "git", "file", "password"})
    void everyProtocolGivesTheSameContext(String protocol) throws IOException {
        Result result = fetch(source(url(protocol), null, null));
        assertThat(result.commit()).isEqualTo(second.name());
        assertThat(result.sha256())
                .isEqualTo(fetch(source(url("http"), null, null)).sha256());
        assertThat(result.entries().keySet())
                .containsExactly(
                        ".gitmodules",
                        "Dockerfile",
                        "big.bin",
                        "outside",
                        "service/",
                        "service/Dockerfile",
                        "service/naïve name",
                        "service/run.sh",
                        "third/",
                        "third/library/",
                        "third/library/lib.txt",
                        "third/unknown/");
    }

    @Test
    void entriesHaveGitsModesAndTheCommitsTime() throws IOException {
        Result entries = fetch(source(url("http"), null, null));
        assertThat(entries.entry("service/run.sh").getMode() & 07777).isEqualTo(0755);
        assertThat(entries.entry("Dockerfile").getMode() & 07777).isEqualTo(0644);
        assertThat(entries.entry("Dockerfile").getLongUserId()).isZero();
        assertThat(entries.entry("Dockerfile").getLongGroupId()).isZero();
        assertThat(entries.entry("Dockerfile").getLastModifiedTime().toInstant())
                .isEqualTo(SECOND);
        assertThat(entries.entry("third/library/lib.txt").getLastModifiedTime().toInstant())
                .isEqualTo(FIRST);
        assertThat(entries.entry("big.bin").getSize()).isEqualTo(BIG_BYTES);
    }

    @Test
    void aSymbolicLinkThatPointsOutsideIsDataAndIsNotFollowed() throws IOException {
        TarArchiveEntry link = fetch(source(url("http"), null, null)).entry("outside");
        assertThat(link.isSymbolicLink()).isTrue();
        assertThat(link.getLinkName()).isEqualTo("../../etc/passwd");
    }

    @ParameterizedTest
    @CsvSource({
        "main,             second",
        "refs/heads/main,  second",
        "v1,               first",
        "refs/tags/v1,     first",
        "first,            first",
        "second,           second",
        "feature/topic,",
        "refs/pull/7/head,",
    })
    void aReferenceCanBeABranchATagAFullNameOrACommit(String ref, @Nullable String expected) throws IOException {
        Result result = fetch(source(url("http"), named(ref), null));
        assertThat(result.commit()).isEqualTo(expected == null ? result.commit() : named(expected));
        assertThat(result.entries()).isNotEmpty();
    }

    @Test
    void aCommitThatNoReferenceNamesIsFoundInTheHistory() throws IOException {
        for (String protocol : List.of("http", "ssh", "git", "file")) {
            assertThat(fetch(source(url(protocol), first.name(), null)).entries())
                    .containsOnlyKeys("Dockerfile");
        }
    }

    @Test
    void aSubdirectoryIsTheContext() throws IOException {
        assertThat(fetch(source(url("http"), null, "./service/")).entries())
                .containsOnlyKeys("Dockerfile", "naïve name", "run.sh");
        assertThat(fetch(source(url("http"), null, "third")).entries()).containsKey("library/lib.txt");
    }

    @Test
    void submodulesCanBeLeftOut() throws IOException {
        GitSource source = new GitSource(url("http"), null, null, false, null, false, null);
        assertThat(fetch(source).entries()).containsKey("third/library/").doesNotContainKey("third/library/lib.txt");
    }

    /** Whoever names a submodule chooses what is fetched; a stranger must not choose from what others may read. */
    @Test
    void submodulesOfAStrangersCommitAreFetchedWithoutCredentials() throws IOException {
        String url = locked.url() + "/app.git";
        GitSource known = new GitSource(url, null, null, true, null, false, Authorization.basic("user", "secret"));
        GitSource inUrl = source(url.replace("://", "://user:secret@"), null, null);
        for (GitSource own : List.of(known, inUrl)) {
            assertThat(fetch(own).entries()).containsKey("third/library/lib.txt");
            assertFails(own.ofStranger(), Kind.AUTH, "does not let Slipway in");
        }
        assertThat(fetch(source(url("http"), null, null).ofStranger()).entries())
                .containsKey("third/library/lib.txt");
        assertFails(source(url("ssh"), null, null).ofStranger(), Kind.AUTH, "is reached by ssh");
    }

    @ParameterizedTest
    @CsvSource({
        "../outside,      leaves the repository",
        "outside,         is a symbolic link",
        "Dockerfile,      is no directory",
        "outside/etc,     has no directory",
        "nowhere,         has no directory",
        "third/library,   is no directory",
    })
    void aSubdirectoryThatIsNotADirectoryOfTheRepositoryIsRefused(String path, String message) {
        assertFails(source(url("http"), null, path), Kind.INVALID, message);
    }

    @Test
    void whatIsNotThereHasAName() {
        assertFails(source(url("http"), "nope", null), Kind.REF_NOT_FOUND, "no branch or tag nope");
        assertFails(source(url("http"), "abcdef1", null), Kind.REF_NOT_FOUND, "no branch or tag abcdef1");
        assertFails(
                source(url("http"), "1111111111111111111111111111111111111111", null),
                Kind.REF_NOT_FOUND,
                "has the commit");
        assertFails(source(http.url() + "/empty.git", null, null), Kind.REF_NOT_FOUND, "has no default branch");
        for (String url : List.of(http.url(), ssh.url(), gitUrl(), "file://" + root)) {
            assertFails(
                    source(url + "/missing.git", null, null), Kind.REPOSITORY_NOT_FOUND, "there is no git repository");
        }
    }

    @Test
    void wrongCredentialsAreNamedAndNotRepeated() {
        String url = locked.url() + "/app.git";
        assertFails(source(url, null, null), Kind.AUTH, "does not let Slipway in");
        assertFails(
                new GitSource(url, null, null, true, null, false, Authorization.basic("user", "wrong-word")),
                Kind.AUTH,
                "does not let Slipway in");
        String withPassword = url.replace("://", "://user:wrong-word@");
        assertThatThrownBy(() -> fetch(source(withPassword, null, null)))
                .isInstanceOf(SourceException.class)
                .hasMessageNotContaining("wrong-word");
        assertThatThrownBy(() -> fetch(source(url.replace("://", "://wrong@word@"), null, null)))
                .isInstanceOf(SourceException.class)
                .hasMessageNotContaining("word");
    }

    @Test
    void credentialsAreNotToldToWhereTheServerRedirects() throws IOException {
        List<String> told = new CopyOnWriteArrayList<>();
        HttpServer other = server(exchange -> {
            told.add("other " + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(404, -1);
        });
        HttpServer redirecting = server(exchange -> {
            told.add("first " + exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.getResponseHeaders()
                    .set("Location", "http://127.0.0.1:" + other.getAddress().getPort() + exchange.getRequestURI());
            exchange.sendResponseHeaders(302, -1);
        });
        String address = "127.0.0.1:" + redirecting.getAddress().getPort() + "/app.git";
        for (GitSource source : List.of(
                new GitSource("http://" + address, null, null, true, null, false, "Bearer t"),
                source("http://user:password@" + address, null, null))) {
            assertThatThrownBy(() -> fetch(source)).isInstanceOf(SourceException.class);
        }
        redirecting.stop(0);
        other.stop(0);
        assertThat(told)
                .filteredOn(line -> line.startsWith("first"))
                .isNotEmpty()
                .noneMatch(line -> line.contains("null"));
        assertThat(told)
                .filteredOn(line -> line.startsWith("other"))
                .isNotEmpty()
                .allMatch(line -> line.contains("null"));
    }

    private static HttpServer server(HttpHandler handler) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                handler.handle(exchange);
            }
        });
        server.start();
        return server;
    }

    @Test
    void aReferenceIsResolvedToWhatItPointsToAndToItsCommit() throws IOException {
        GitReference tag = contexts.resolve(source(url("git"), "v1", null));
        assertThat(tag.name()).isEqualTo("refs/tags/v1");
        assertThat(tag.commit()).isEqualTo(first.name()).isNotEqualTo(tag.object());
        GitReference branch = contexts.resolve(source(url("http"), null, null));
        assertThat(branch).isEqualTo(new GitReference("refs/heads/main", second.name(), second.name()));
        String unasked = "https://nowhere.invalid/x.git";
        assertThat(fetch(source(url("http"), tag.object(), null)).commit()).isEqualTo(first.name());
        assertThatThrownBy(() -> contexts.resolve(source(unasked, null, null))).isInstanceOf(SourceException.class);
    }

    @Test
    void aGitDirectoryIsTheSameHoweverTheCommitWasFetched() throws IOException {
        GitDirectory kept = new GitDirectory("refs/heads/main", "https://user:word@git.example/app.git");
        GitSource overHttp = new GitSource(url("http"), null, null, true, kept, false, null);
        GitSource byCommit = new GitSource(url("ssh"), second.name(), null, true, kept, false, null);
        Result result = fetch(overHttp);
        assertThat(result.entries()).containsKeys(".git/", ".git/HEAD", ".git/config", ".git/index", ".git/shallow");
        assertThat(fetch(byCommit).sha256()).isEqualTo(result.sha256());
        assertThat(kept.url()).isEqualTo("https://git.example/app.git");
        assertThat(fetch(new GitSource(url("http"), null, "service", true, kept, false, null))
                        .entries())
                .doesNotContainKey(".git/");
    }

    @Test
    void anSshServerMustBeKnownAndMustKnowTheKey() throws IOException, GeneralSecurityException {
        GitSource source = source(url("ssh"), null, null);
        GitRemote unknownHost = contexts(settings(ssh.key(), null));
        assertThatThrownBy(() -> fetch(unknownHost, source))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.AUTH))
                .satisfies(e -> assertThat(e.hint()).contains("known-hosts"));
        Path stranger = GitSshServer.strangersKey(directory.resolve("stranger"));
        GitRemote wrongKey = contexts(settings(stranger, ssh.knownHosts()));
        assertThatThrownBy(() -> fetch(wrongKey, source))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.AUTH));
    }

    @Test
    void anSshHostIsKnownByTheNameThatItsUrlHas() throws IOException {
        String byName = url("ssh").replace("127.0.0.1", "localhost");
        String entry = Files.readString(ssh.knownHosts());
        assertThat(entry).startsWith("[127.0.0.1]:");
        assertThatThrownBy(() -> fetch(contexts(settings(ssh.key(), ssh.knownHosts())), source(byName, null, null)))
                .as("the entry of the address says nothing about the name")
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.hint()).contains("known-hosts"));

        Path named = Files.writeString(directory.resolve("known-by-name"), entry.replace("127.0.0.1", "localhost"));
        assertThat(fetch(contexts(settings(ssh.key(), named)), source(byName, null, null))
                        .entries())
                .isNotEmpty();
        assertThatThrownBy(() -> fetch(contexts(settings(ssh.key(), named)), source(url("ssh"), null, null)))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void anSshKeyThatCannotBeReadIsCalledThat() throws IOException, GeneralSecurityException {
        Path text = Files.writeString(directory.resolve("no-key"), "no key\n");
        Path broken = Files.writeString(
                directory.resolve("broken-key"),
                Files.readString(ssh.key()).lines().limit(3).collect(Collectors.joining("\n", "", "\n")));
        Path locked = GitSshServer.lockedKey(directory.resolve("locked-key"));
        Map<Path, String> keys = Map.of(
                directory.resolve("nowhere"),
                "there is no such file",
                text,
                "there is no private key in the file",
                broken,
                "it is broken, or of a kind that is not known",
                locked,
                "it has a passphrase");
        keys.forEach((key, why) -> assertThatThrownBy(
                        () -> fetch(contexts(settings(key, ssh.knownHosts())), source(url("ssh"), null, null)))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e).hasMessage("the private key for ssh can't be read: " + why))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.AUTH)));
    }

    @Test
    void aServerThatIsNotThereIsUnreachable() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        for (String scheme : List.of("http", "ssh", "git")) {
            assertFails(
                    source(scheme + "://127.0.0.1:" + free + "/app.git", null, null),
                    Kind.UNREACHABLE,
                    "could not be fetched");
        }
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws IOException {
        GitRemote impatient = contexts(new GitSettings(
                false,
                null,
                null,
                new AddressPolicy(List.of()),
                Duration.ofSeconds(30),
                Duration.ofMillis(500),
                1_000_000));
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + silent.getLocalPort() + "/app.git";
            for (String scheme : List.of("http", "git", "ssh")) {
                assertThatThrownBy(() -> fetch(impatient, source(scheme + "://" + address, null, null)))
                        .asInstanceOf(type(SourceException.class))
                        .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
            }
        }
    }

    /** Each is looked up when its URL is checked, and once more for each connection, which goes where that look-up says. */
    @ParameterizedTest
    @ValueSource(strings = {"http", "git", "ssh"})
    void aNameIsConnectedToWhereItWasWhenItWasChecked(String protocol) throws IOException {
        GitRemote strict = contexts(new GitSettings(
                false,
                ssh.key(),
                named(ssh.knownHosts()),
                new AddressPolicy(List.of("0.0.0.0/8")),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                100_000_000));
        String name = ChangingNames.meaning("127.0.0.1", "127.0.0.1", "0.0.0.2");
        assertThat(strict.resolve(source(url(protocol).replace("127.0.0.1", name), null, null))
                        .commit())
                .isEqualTo(second.name());
        String other = ChangingNames.meaning("127.0.0.1", "0.0.0.2");
        assertThatThrownBy(() -> strict.resolve(source(url(protocol).replace("127.0.0.1", other), null, null)))
                .hasMessageContaining(other + " is in the network 0.0.0.0/8");
    }

    /** The same host keys for hosts of any name. */
    private Path named(Path knownHosts) throws IOException {
        List<String> lines = Files.readAllLines(knownHosts).stream()
                .map(line -> line.replace("127.0.0.1", "*"))
                .toList();
        return Files.write(directory.resolve("any-hosts"), lines);
    }

    @Test
    void whatIsNotAllowedIsRefusedBeforeAnythingIsAsked() throws IOException {
        GitRemote strict = contexts(new GitSettings(
                false,
                null,
                null,
                new AddressPolicy(AddressPolicy.DENIED_BY_DEFAULT),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                1_000_000));
        for (String url : List.of(
                url("http"),
                url("ssh"),
                url("git"),
                url("file"),
                root.resolve("app.git").toString(),
                "http://localhost/app.git",
                "http://[::1]/app.git",
                "http://169.254.169.254/latest",
                "ext::sh -c touch% /tmp/x",
                "ftp://git.example/app.git",
                "https:///app.git",
                "https://git.example/app.git#main",
                "--upload-pack=x",
                "")) {
            assertThatThrownBy(() -> fetch(strict, source(url, null, null)))
                    .as(url)
                    .asInstanceOf(type(SourceException.class))
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE));
        }
    }

    @Test
    void aRepositoryThatIsTooLargeIsGivenUp() throws IOException {
        GitRemote small = contexts(new GitSettings(
                true,
                null,
                null,
                new AddressPolicy(List.of()),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                1_000_000));
        assertThatThrownBy(() -> small.fetch(source(url("http"), null, null), scratch(), tar -> {
                    waitForInterrupt();
                    return new Bytes(new byte[0]);
                }))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.TOO_LARGE));
    }

    @Test
    void nothingIsLeftOnDiskWhenTheReceiverFails() {
        Path scratch = scratch();
        assertThatThrownBy(() -> contexts.fetch(source(url("http"), null, null), scratch, tar -> {
                    tar.readNBytes(1000);
                    throw new IOException("no more");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("no more");
        assertThat(scratch).doesNotExist();
    }

    /** What reading from a stalled server does. */
    private static void waitForInterrupt() throws IOException {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private GitSettings settings(@Nullable Path key, @Nullable Path knownHosts) {
        return new GitSettings(
                false,
                key,
                knownHosts,
                new AddressPolicy(List.of()),
                Duration.ofSeconds(20),
                Duration.ofSeconds(20),
                100_000_000);
    }

    private GitRemote contexts(GitSettings settings) throws IOException {
        GitRemote made = new GitRemote(settings, Files.createTempDirectory(directory, "home"));
        opened.add(made);
        return made;
    }

    private String url(String protocol) {
        return switch (protocol) {
            case "http" -> http.url() + "/app.git";
            case "password" -> locked.url().replace("://", "://user:secret@") + "/app.git";
            case "ssh" -> ssh.url() + "/app.git";
            case "git" -> gitUrl() + "/app.git";
            case "file" -> "file://" + root + "/app.git";
            default -> throw new IllegalArgumentException(protocol);
        };
    }

    private String gitUrl() {
        return "git://127.0.0.1:" + daemon.getAddress().getPort();
    }

    private String named(String ref) {
        return switch (ref) {
            case "first" -> first.name();
            case "second" -> second.name();
            default -> ref;
        };
    }

    private static GitSource source(String url, @Nullable String ref, @Nullable String subdirectory) {
        return new GitSource(url, ref, subdirectory, true, null, false, null);
    }

    private void assertFails(GitSource source, Kind kind, String message) {
        assertThatThrownBy(() -> fetch(source))
                .asInstanceOf(type(SourceException.class))
                .satisfies(e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
                .satisfies(e -> assertThat(e).hasMessageContaining(message));
    }

    private Path scratch() {
        return directory.resolve("scratch-" + UUID.randomUUID());
    }

    private Result fetch(GitSource source) throws IOException {
        return fetch(contexts, source);
    }

    private Result fetch(GitRemote from, GitSource source) throws IOException {
        Path scratch = scratch();
        GitRemote.Fetched<Bytes> fetched = from.fetch(source, scratch, tar -> new Bytes(tar.readAllBytes()));
        assertThat(scratch).doesNotExist();
        Map<String, TarArchiveEntry> entries = new TreeMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new ByteArrayInputStream(fetched.files().bytes()), StandardCharsets.UTF_8.name())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), entry);
            }
        }
        return new Result(fetched.commit(), Digest.of(fetched.files().bytes()), entries);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Bytes(byte[] bytes) implements Closeable {
        @Override
        public void close() {}
    }

    private record Result(String commit, Digest sha256, Map<String, TarArchiveEntry> entries) {
        TarArchiveEntry entry(String name) {
            return Objects.requireNonNull(entries.get(name), name);
        }
    }
}
