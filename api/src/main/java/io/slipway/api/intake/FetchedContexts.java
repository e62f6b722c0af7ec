package io.slipway.api.intake;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.api.upload.UploadedContexts;
import io.slipway.db.build.BuildId;
import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.image.tar.TarEntry;
import io.slipway.image.tar.TarWriter;
import io.slipway.remote.SourceException;
import io.slipway.remote.git.GitDirectory;
import io.slipway.remote.git.GitRemote;
import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpFile;
import io.slipway.remote.http.HttpRemote;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Fetches the contexts that requests name. Thread-safe. */
@Component
final class FetchedContexts implements AutoCloseable {
    /** The bytes that tell a Dockerfile from an archive: a tar's magic number ends at byte 265. */
    private static final int HEAD_BYTES = 512;

    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");

    private final ContextFiles contexts;
    private final UploadedContexts uploads;
    private final GitRemote git;
    private final GitRemote keylessGit;
    private final GitProperties gitProperties;
    private final HttpRemote http;
    private final int mostDockerfileBytes;

    FetchedContexts(
            ContextFiles contexts,
            UploadedContexts uploads,
            SlipwayProperties slipway,
            ContextProperties properties,
            GitProperties gitProperties)
            throws IOException {
        this.contexts = contexts;
        this.uploads = uploads;
        Path home = slipway.home().resolve("git-home");
        Files.createDirectories(home);
        this.git = new GitRemote(properties.gitSettings(gitProperties, true), home);
        this.keylessGit = new GitRemote(properties.gitSettings(gitProperties, false), home);
        this.gitProperties = gitProperties;
        this.http = new HttpRemote(
                properties.addresses(),
                properties.ioTimeout(),
                properties.fetchTimeout(),
                slipway.limits().contextSize().toBytes());
        this.mostDockerfileBytes = (int) slipway.limits().dockerfileSize().toBytes();
    }

    /**
     * Fetches a context and stores it. On any failure nothing is kept.
     *
     * @throws SourceException if it is not to be had
     * @throws io.slipway.api.problem.ProblemException if what was fetched is no context
     */
    StoredContext fetch(BuildId id, ContextSource source, BuildOptions options) throws IOException {
        return fetch(id, source, options, options.projectCredentials());
    }

    /**
     * The same.
     *
     * @param credentials whether it is fetched with the service's own, such as the key for ssh, if the project has them
     */
    StoredContext fetch(BuildId id, ContextSource source, BuildOptions options, boolean credentials)
            throws IOException {
        contexts.requireSpace();
        return switch (source) {
            case ContextSource.Git repository -> {
                GitRemote.Fetched<StoredContext> commit = git(options.project(), credentials)
                        .fetch(
                                withGitDirectory(repository.source(), options),
                                contexts.scratch(id),
                                tar -> contexts.receive(id, tar));
                yield commit.files().at(commit.time());
            }
            case ContextSource.Http url -> http.fetch(url.source(), file -> receive(id, file, options));
            case ContextSource.Uploaded(String upload) -> placed(id, upload, options.project(), contexts.place(id));
        };
    }

    /**
     * Fetches a named context and stores it, as {@link #fetch} does; a Dockerfile alone is none.
     *
     * @param number a number that no other named context of the build has
     * @param options the build's
     */
    StoredContext fetchNamed(BuildId id, int number, ContextSource source, BuildOptions options) throws IOException {
        contexts.requireSpace();
        return switch (source) {
            case ContextSource.Git repository -> {
                GitRemote.Fetched<StoredContext> fetched = git(options.project(), options.projectCredentials())
                        .fetch(repository.source(), contexts.scratch(id), tar -> contexts.receive(id, number, tar));
                fetched.require(repository.checksum());
                yield fetched.files().at(fetched.time());
            }
            case ContextSource.Http url ->
                http.fetch(url.source(), file -> archive(file, contexts.receive(id, number, file.body())));
            case ContextSource.Uploaded(String upload) ->
                placed(id, upload, options.project(), contexts.place(id, number));
        };
    }

    /** The commit that a repository's reference stands for now, as {@link #fetch} would find it. */
    String resolve(GitSource reference, String project) throws IOException {
        return git(project, true).resolve(reference).commit();
    }

    /** The paths that a commit has changed, as {@link GitRemote#changes} has them. */
    @Nullable
    List<String> changes(GitSource commit, String base, String project) throws IOException {
        contexts.requireSpace();
        return git(project, true).changes(commit, base, contexts.scratch(BuildId.create(Instant.now())));
    }

    /** @param credentials whether the build may have the service's own */
    private GitRemote git(String project, boolean credentials) {
        return credentials && gitProperties.isFor(project) ? git : keylessGit;
    }

    /** Of what was sent before. */
    private StoredContext placed(BuildId id, String upload, String project, Path tar) throws IOException {
        uploads.place(upload, project, tar);
        return StoredContext.open(id, tar);
    }

    /** The build argument that keeps {@code .git} in a context, as the reference has it. */
    private static GitSource withGitDirectory(GitSource source, BuildOptions options) {
        String keep = options.buildArgs().getOrDefault("BUILDKIT_CONTEXT_KEEP_GIT_DIR", "");
        return TRUE.contains(keep) ? source.with(new GitDirectory(null, source.url())) : source;
    }

    /** Its time is what the server says, or that of the newest file in it. */
    private static StoredContext archive(HttpFile file, StoredContext files) {
        Instant modified = file.validators().modified();
        return files.at(modified != null ? modified : files.newestFile());
    }

    /** As docker build does: an URL may lead to a Dockerfile alone, which then is all that there is. */
    private StoredContext receive(BuildId id, HttpFile file, BuildOptions options) throws IOException {
        PushbackInputStream in = new PushbackInputStream(file.body(), HEAD_BYTES);
        byte[] head = in.readNBytes(HEAD_BYTES);
        in.unread(head);
        if (options.dockerfile() == null && options.dockerfileInline() == null && isText(head)) {
            byte[] text = in.readNBytes(mostDockerfileBytes + 1);
            if (text.length <= mostDockerfileBytes && isDockerfile(text)) {
                return contexts.receive(id, new ByteArrayInputStream(tarOf(text)))
                        .at(file.validators().modified());
            }
            return archive(file, contexts.receive(id, new SequenceInputStream(new ByteArrayInputStream(text), in)));
        }
        return archive(file, contexts.receive(id, in));
    }

    private static boolean isText(byte[] head) {
        for (byte b : head) {
            if (b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
        }
        return head.length > 0;
    }

    private static boolean isDockerfile(byte[] text) {
        try {
            Dockerfile.parse(text);
            return true;
        } catch (DockerfileException e) {
            // A mistake in line 5 is worth telling; "no instruction in line 1" means that it is something else, a web
            // page for example.
            return startsWithInstruction(new String(text, StandardCharsets.UTF_8));
        }
    }

    private static boolean startsWithInstruction(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .findFirst()
                .filter(line -> line.matches("(?i)(from|arg)\\s.*"))
                .isPresent();
    }

    private static byte[] tarOf(byte[] dockerfile) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarWriter tar = new TarWriter(bytes)) {
            tar.put(TarEntry.file("Dockerfile", 0644, dockerfile.length), new ByteArrayInputStream(dockerfile));
            tar.finish();
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        git.close();
        keylessGit.close();
    }
}
