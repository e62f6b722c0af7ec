package io.slipway.acceptance.language;

import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.dockerfile.language.LanguageCase;
import io.slipway.image.context.ContextArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Builds cases with the newest BuildKit that Debian has, each from nothing. */
final class BuildKit {
    private final Path folder;
    private final Registry bases;
    private final CaseServer http;
    private final String git;

    /**
     * @param folder for everything that is written
     * @param bases stands in for docker.io
     * @param http serves each case while it is built
     * @param git what {@code {{git}}} stands for
     */
    BuildKit(Path folder, Registry bases, CaseServer http, String git) {
        this.folder = folder;
        this.bases = bases;
        this.http = http;
        this.git = git;
    }

    /**
     * What came of a case.
     *
     * @param layout the folder of the image's OCI layout; null if it was not built
     * @param metadata what the client wrote down about the build, as JSON; null if it was not built
     * @param output what the client printed
     */
    record Built(@Nullable Path layout, @Nullable String metadata, String output) {}

    /** Builds a case, which has a Dockerfile. */
    Built build(LanguageCase recorded) throws IOException {
        http.serve(recorded);
        Path place = Files.createTempDirectory(folder, "buildkit-");
        List<String> command = new ArrayList<>(List.of(
                Programs.script("buildkit"),
                "--mirror",
                bases.url(),
                "env",
                "BUILDX_METADATA_WARNINGS=1",
                "docker",
                "buildx",
                "build",
                "--progress=plain",
                "--network=none",
                "--metadata-file=" + place.resolve("metadata"),
                "--output=type=oci,dest=" + place.resolve("image.tar")
                        + (recorded.options("times").isEmpty() ? "" : ",rewrite-timestamp=true")));
        recorded.options("buildArg").forEach(value -> command.add("--build-arg=" + value));
        recorded.options("label").forEach(value -> command.add("--label=" + value));
        recorded.options("platform").forEach(value -> command.add("--platform=" + value));
        recorded.options("target").forEach(value -> command.add("--target=" + value));
        for (String secret : recorded.options("secret")) {
            String id = secret.substring(0, secret.indexOf('='));
            Path file = Files.writeString(place.resolve("secret-" + id), secret.substring(id.length() + 1));
            command.add("--secret=id=" + id + ",src=" + file);
        }
        for (String id : recorded.options("ssh")) {
            command.add("--ssh=" + id + "=" + CaseContext.sshKey(place));
        }
        for (String name : recorded.options("context")) {
            Path tar = place.resolve("context-" + name + ".tar");
            CaseContext.writeNamed(recorded, name, tar);
            command.add("--build-context=" + name + "=" + unpacked(tar));
        }
        Path tar = place.resolve("context.tar");
        CaseContext.write(recorded, Objects.requireNonNull(recorded.dockerfile(http.url(), git)), tar);
        command.add(unpacked(tar).toString());
        Programs.Result result = Programs.tryRun(command.toArray(String[]::new));
        if (result.status() != 0) {
            return new Built(null, null, result.output());
        }
        Path layout = unpacked(place.resolve("image.tar"));
        return new Built(layout, Files.readString(place.resolve("metadata")), result.output());
    }

    private static Path unpacked(Path tar) throws IOException {
        Path folder = Files.createDirectory(tar.resolveSibling(tar.getFileName() + "-unpacked"));
        Programs.run("tar", "-C", folder.toString(), "-xf", tar.toString());
        ContextArchive.delete(tar);
        return folder;
    }
}
