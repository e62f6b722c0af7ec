package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Buildah;
import io.slipway.acceptance.fixture.ImageTree;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What people build every day comes out as Buildah makes it, and runs. */
@ExtendWith(TestBed.Extension.class)
final class RealImagesTest {
    /** Files that hold times or random bytes: their presence is compared, their content is not. */
    private static final Pattern CHANGING =
            Pattern.compile("var/log/.*|var/cache/.*|var/lib/apt/.*|var/lib/systemd/.*|.*\\.pyc|etc/ssl/certs/java/cacerts"
                    + "|etc/machine-id|.*/_cacache/.*|.*/node_modules/\\.package-lock\\.json|.*\\.jar");

    /** Mount points and files that Buildah leaves in an image because it mounts something there. */
    private static final Set<String> BUILDAHS_OWN = Set.of("run/.containerenv", "dev/console", "etc/resolv.conf", "etc/hosts");

    @Test
    void debianPackagesAreInstalledAndRun(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                """
                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y git curl python3
                RUN rm -rf /var/lib/apt/lists/*
                CMD ["git", "--version"]
                """)) {
            assertSameAsBuildah(bed, context);
            assertThat(run(context)).startsWith("git version 2.");
            assertThat(run(context, "python3", "-c", "print(6 * 7)")).isEqualTo("42");
        }
    }

    @Test
    void aStaticBinaryIsCompiledInOneStageAndCopiedIntoAnother(TestBed bed) throws IOException {
        Path example = Programs.CHECKOUT.resolve("examples/static-binary");
        try (BuildContext context = BuildContext.of(Files.readString(example.resolve("Dockerfile")))
                .file("main.c", Files.readString(example.resolve("main.c")))) {
            ImageTree image = assertSameAsBuildah(bed, context);
            assertThat(image.files().keySet()).containsExactly("hello");
            assertThat(run(context)).contains("running as user 65534");
        }
    }

    @Test
    void aJavaApplicationIsBuiltWithMavenAndRunsOnARuntimeLayer(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                        """
                        FROM java-build:17 AS build
                        WORKDIR /src
                        COPY ca.crt /usr/local/share/ca-certificates/machine.crt
                        RUN update-ca-certificates
                        COPY pom.xml .
                        COPY src src
                        RUN mvn -B -q -ntp package
                        FROM jre:17
                        COPY --from=build /src/target/hello-1.jar /app/hello.jar
                        USER nobody
                        CMD ["java", "-jar", "/app/hello.jar"]
                        """)
                .file(
                        "pom.xml",
                        """
                        <project xmlns="http://maven.apache.org/POM/4.0.0">
                          <modelVersion>4.0.0</modelVersion>
                          <groupId>test</groupId><artifactId>hello</artifactId><version>1</version>
                          <properties><maven.compiler.release>17</maven.compiler.release>
                            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
                            <project.build.outputTimestamp>2024-01-01T00:00:00Z</project.build.outputTimestamp></properties>
                          <build><plugins><plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive>
                            <manifest><mainClass>Hello</mainClass></manifest></archive></configuration></plugin></plugins></build>
                        </project>
                        """)
                .file(
                        "src/main/java/Hello.java",
                        "class Hello { public static void main(String[] a) { System.out.println(\"Hello from Java\"); } }\n")
                .shell(MACHINE_AUTHORITIES)) {
            assertSameAsBuildah(bed, context);
            assertThat(run(context)).isEqualTo("Hello from Java");
        }
    }

    @Test
    void aNodeApplicationGetsThePackagesOfItsLockFile(TestBed bed) throws IOException {
        try (BuildContext context = BuildContext.of(
                        """
                        FROM node:18
                        WORKDIR /app
                        COPY ca.crt /etc/machine-ca.crt
                        ENV NODE_EXTRA_CA_CERTS=/etc/machine-ca.crt
                        COPY package.json package-lock.json ./
                        RUN npm ci --cache /tmp/npm && rm -rf /tmp/npm /root/.npm
                        COPY index.js .
                        CMD ["node", "index.js"]
                        """)
                .file("package.json", "{\"name\":\"hello\",\"version\":\"1.0.0\",\"dependencies\":{\"ms\":\"2.1.3\"}}\n")
                .file(
                        "package-lock.json",
                        """
                        {"name":"hello","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
                          "":{"name":"hello","version":"1.0.0","dependencies":{"ms":"2.1.3"}},
                          "node_modules/ms":{"version":"2.1.3",
                            "integrity":"sha512-6FlzubTLZG3J2a/NVCAleEhjzq5oxgHyaCU9yYXvcLsvoVaHJq/s5xXI6/XXP6tz7R9xAOtHnSO/tXtF3WRTlA=="}}}
                        """)
                .file("index.js", "console.log(require('ms')('2 days'))\n")
                .shell(MACHINE_AUTHORITIES)) {
            assertSameAsBuildah(bed, context);
            assertThat(run(context)).isEqualTo("172800000");
        }
    }

    /** The certificate authorities that this machine trusts: package registries may be reached through one of its own. */
    private static final String MACHINE_AUTHORITIES =
            "cat /usr/local/share/ca-certificates/*.crt >ca.crt 2>/dev/null || cp /etc/ssl/certs/ca-certificates.crt ca.crt";

    private static ImageTree assertSameAsBuildah(TestBed bed, BuildContext context) throws IOException {
        ImageTree ours = bed.build(context);
        ImageTree theirs = Buildah.build(context, bed.bases());
        assertThat(ours.differences(theirs, BUILDAHS_OWN::contains, CHANGING.asMatchPredicate()))
                .isEmpty();
        return ours;
    }

    /** Runs the image that {@link TestBed#build} left in the context's scratch folder; answers with the last line. */
    private static String run(BuildContext context, String... command) {
        Path layout = context.scratch().resolve("layout");
        Programs.run(
                "bash",
                "-euc",
                "rm -rf \"$1\"; mkdir \"$1\"; tar -C \"$1\" -xf \"$2\"; skopeo copy -q \"oci-archive:$2\" \"oci:$1-run:test\"",
                "bash",
                layout.toString(),
                context.scratch().resolve("slipway.tar").toString());
        String[] all = new String[command.length + 3];
        all[0] = Programs.script("run-image");
        all[1] = layout + "-run";
        all[2] = "test";
        System.arraycopy(command, 0, all, 3, command.length);
        return Programs.run(all).strip().lines().reduce("", (_, last) -> last);
    }
}
