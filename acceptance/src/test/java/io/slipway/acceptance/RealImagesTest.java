package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BothImages;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.Machine;
import io.slipway.acceptance.fixture.TestBed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Images as people build them come out as Buildah makes them, entry by entry, and run. */
@ExtendWith(TestBed.Extension.class)
final class RealImagesTest {
    @Test
    void debianPackagesAreInstalledAndRun(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM debian:bookworm-slim
                RUN apt-get update && apt-get install -y git curl python3
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(
                            images.image()
                                    .run(
                                            "sh",
                                            "-ec",
                                            "git --version; curl --version; python3 -c 'import ssl, json; print(json.dumps([6 * 7]))'"))
                    .contains("git version 2.", "curl 7.", "[42]");
        }
    }

    @Test
    void aStaticBinaryGoesFromACompilersStageIntoAnEmptyImage(TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("""
                FROM debian:bookworm-slim AS build
                RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
                COPY main.c /src/main.c
                RUN gcc -static -O2 -o /src/sum /src/main.c

                FROM scratch
                COPY --from=build /src/sum /sum
                ENTRYPOINT ["/sum"]
                """).file("main.c", """
                #include <stdio.h>

                int main(void) {
                    long sum = 0;
                    for (long i = 1; i <= 1000; i++) sum += i;
                    printf("the sum is %ld\\n", sum);
                    return 0;
                }
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().files()).containsOnlyKeys("sum");
            assertThat(images.image().run()).isEqualTo("the sum is 500500\n");
        }
    }

    @Test
    void aMavenBuiltApplicationRunsOnAJre(TestBed bed) throws Exception {
        try (BuildContext context =
                Machine.into(BuildContext.of("""
                FROM java-build:17 AS build
                COPY machine/certificates/ /usr/local/share/ca-certificates/
                RUN update-ca-certificates
                COPY machine/m2/ /root/.m2/
                WORKDIR /src
                COPY pom.xml .
                RUN mvn -B -ntp dependency:copy-dependencies
                COPY src src
                RUN mvn -B -ntp package

                FROM jre:17
                COPY --from=build /src/target/app.jar /src/target/dependency/*.jar /app/
                CMD ["java", "-cp", "/app/*", "app.Main"]
                """)).file("pom.xml", """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>app</groupId>
                  <artifactId>app</artifactId>
                  <version>1</version>
                  <properties>
                    <maven.compiler.source>17</maven.compiler.source>
                    <maven.compiler.target>17</maven.compiler.target>
                    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
                    <!-- The jar is the same whenever and wherever it is built, so that it can be compared. -->
                    <project.build.outputTimestamp>2026-01-01T00:00:00Z</project.build.outputTimestamp>
                  </properties>
                  <dependencies>
                    <dependency>
                      <groupId>org.apache.commons</groupId>
                      <artifactId>commons-lang3</artifactId>
                      <version>3.17.0</version>
                    </dependency>
                  </dependencies>
                  <build>
                    <finalName>app</finalName>
                    <plugins>
                      <plugin>
                        <groupId>org.apache.maven.plugins</groupId>
                        <artifactId>maven-jar-plugin</artifactId>
                        <version>3.4.2</version>
                      </plugin>
                    </plugins>
                  </build>
                </project>
                """).file("src/main/java/app/Main.java", """
                package app;

                import org.apache.commons.lang3.StringUtils;

                public final class Main {
                    public static void main(String[] words) {
                        System.out.println(StringUtils.reverse("yawpils") + " on Java " + Runtime.version().feature());
                    }
                }
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().files()).containsKeys("app/app.jar", "app/commons-lang3-3.17.0.jar");
            assertThat(images.image().run()).isEqualTo("slipway on Java 17\n");
        }
    }

    @Test
    void aNodeApplicationHasThePackagesOfItsLockFile(TestBed bed) throws Exception {
        try (BuildContext context = Machine.into(BuildContext.of("""
                FROM node:18
                COPY machine/certificates/ /usr/local/share/ca-certificates/
                RUN update-ca-certificates
                COPY machine/npm/ /root/
                WORKDIR /app
                COPY package.json package-lock.json ./
                RUN npm ci
                COPY index.js .
                CMD ["node", "index.js"]
                """))
                .file("package.json", """
                {"name": "greeter", "version": "1.0.0", "private": true, "dependencies": {"is-odd": "3.0.1"}}
                """)
                .file("package-lock.json", """
                {
                  "name": "greeter",
                  "version": "1.0.0",
                  "lockfileVersion": 3,
                  "requires": true,
                  "packages": {
                    "": {
                      "name": "greeter",
                      "version": "1.0.0",
                      "dependencies": {"is-odd": "3.0.1"}
                    },
                    "node_modules/is-number": {
                      "version": "6.0.0",
                      "integrity": "sha512-Wu1VHeILBK8KAWJUAiSZQX94GmOE45Rg6/538fKwiloUu21KncEkYGPqob2oSZ5mUT73vLGrHQjKw3KMPwfDzg=="
                    },
                    "node_modules/is-odd": {
                      "version": "3.0.1",
                      "integrity": "sha512-CQpnWPrDwmP1+SMHXZhtLtJv90yiyVfluGsX5iNCVkrhQtU3TQHsUWPG9wkdk9Lgd5yNpAg9jQEo90CBaXgWMA==",
                      "dependencies": {"is-number": "^6.0.0"}
                    }
                  }
                }
                """)
                .file("index.js", """
                const isOdd = require("is-odd");
                console.log([1, 2, 3].map((n) => `${n} is ${isOdd(n) ? "odd" : "even"}`).join(", "));
                """)) {
            BothImages images = BothImages.of(bed, context);
            assertThat(images.differences()).isEmpty();
            assertThat(images.slipway().files())
                    .containsKeys("app/node_modules/is-odd/index.js", "app/node_modules/is-number/index.js");
            assertThat(images.image().run()).isEqualTo("1 is odd, 2 is even, 3 is odd\n");
        }
    }
}
