package io.slipway.acceptance;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows of docs/architecture.md: who may import whom. */
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
