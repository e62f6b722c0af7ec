package io.slipway.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.slipway.api.testing.OpenApi;
import io.slipway.api.testing.RawAnswer;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows of docs/architecture.md: who may import whom; and that tests look at what the service answers. */
final class ArchitectureTest {
    private static final JavaClasses SLIPWAY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.slipway");

    /** What each room may import beside itself, the JDK and the nullness annotations. */
    private static final Map<String, List<String>> ALLOWED = Map.of(
            "dockerfile", List.of(),
            "image",
                    List.of(
                            "org.apache.commons.compress..",
                            "org.tukaani.xz..",
                            "com.github.luben.zstd..",
                            "tools.jackson..",
                            "com.fasterxml.jackson.annotation.."),
            "protocol", List.of("tools.jackson..", "com.fasterxml.jackson.annotation.."),
            "remote", List.of("io.slipway.image..", "org.eclipse.jgit..", "org.apache.sshd.."),
            "worker",
                    List.of(
                            "io.slipway.dockerfile..",
                            "io.slipway.image..",
                            "io.slipway.protocol..",
                            "io.slipway.remote..",
                            "org.apache.commons.compress..",
                            "com.github.luben.zstd..",
                            "org.tukaani.xz..",
                            "tools.jackson..",
                            "com.fasterxml.jackson.annotation..",
                            "com.sun.net.httpserver..",
                            "picocli.."),
            "db", List.of("org.postgresql..", "org.flywaydb..", "javax.sql.."));

    /** Tests' classes that read answers of registries, of the service's interface for workers, or of a server that stands in for it. */
    private static final String NO_ANSWERS_OF_THE_API = "Registry|StalledRegistry|FakeWorker|CheckedForwardTest";

    @ParameterizedTest
    @ValueSource(strings = {"dockerfile", "image", "protocol", "remote", "worker", "db"})
    void aRoomImportsOnlyWhatItMay(String room) {
        String[] allowed = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("io.slipway." + room + "..", "java..", "javax..", "org.jspecify.."),
                        ALLOWED.getOrDefault(room, List.of()).stream())
                .toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage("io.slipway." + room + "..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed)
                .allowEmptyShould(true)
                .check(SLIPWAY);
    }

    @Test
    void theServiceNeverImportsTheWorker() {
        noClasses()
                .that()
                .resideInAPackage("io.slipway.api..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.slipway.worker..")
                .check(SLIPWAY);
    }

    /** Of what the service answers in tests nothing goes unseen. */
    @Test
    void whoReadsAnswersOfTheServiceHoldsThemToTheDocument() {
        classes()
                .that(DescribedPredicate.describe("read answers", ArchitectureTest::readsAnswers))
                .and()
                .haveNameNotMatching(".*\\.(" + NO_ANSWERS_OF_THE_API + ")")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(OpenApi.class, RawAnswer.class)
                .check(new ClassFileImporter()
                        .withImportOption(location -> ImportOption.Predefined.ONLY_INCLUDE_TESTS.includes(location)
                                || location.contains("-tests.jar"))
                        .importPackages("io.slipway.api", "io.slipway.acceptance"));
    }

    /** By an HTTP client of the JDK, or from a socket; whoever has a server socket reads what others send. */
    private static boolean readsAnswers(JavaClass type) {
        Set<String> used = type.getDirectDependenciesFromSelf().stream()
                .map(dependency -> dependency.getTargetClass().getName())
                .collect(Collectors.toSet());
        return used.contains(HttpClient.class.getName())
                || used.contains(HttpURLConnection.class.getName())
                || (!used.contains(ServerSocket.class.getName())
                        && type.getMethodCallsFromSelf().stream()
                                .anyMatch(call -> call.getTargetOwner().isEquivalentTo(Socket.class)
                                        && call.getName().equals("getInputStream")));
    }

    @Test
    void everyPackageSaysThatNothingIsNullUnlessMarked() {
        classes()
                .that()
                .haveSimpleName("package-info")
                .and()
                .resideInAPackage("io.slipway..")
                .should()
                .beAnnotatedWith(NullMarked.class)
                .check(SLIPWAY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dockerfile", "image", "remote", "worker", "db", "api"})
    void thePackagesOfARoomHaveNoCycles(String room) {
        SlicesRuleDefinition.slices()
                .matching("io.slipway." + room + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(SLIPWAY);
    }
}
