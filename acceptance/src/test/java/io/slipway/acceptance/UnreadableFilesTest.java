package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.DevBuild;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.acceptance.fixture.TestFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./dev build} names what it can't read in the folder that it builds, unless that is left out. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class UnreadableFilesTest {
    @RegisterExtension
    private static final TestFolder FOLDER = new TestFolder("slipway-unreadable-");

    private final DevBuild dev = new DevBuild(FOLDER.path());

    /** An ordinary user's worker is root for all files of that user, whatever their modes. */
    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            locked/file  | ''          | context_invalid: The entry "locked" of the context can't be read: permission denied.
            lockedFile   | ''          | context_invalid: The entry "lockedFile" of the context can't be read: permission denied.
            locked/file  | locked      | succeeded
            lockedFile   | lockedF*    | succeeded
            locked/file  | **/file     | The entry "locked" of the context can't be read
            """)
    void whatCannotBeReadIsNamedUnlessItIsLeftOut(String path, String ignored, String words, TestBed bed)
            throws Exception {
        try (BuildContext context =
                BuildContext.of("FROM scratch\nCOPY . /\n").file(path, "").file(".dockerignore", ignored)) {
            Path locked = context.folder().resolve(path.split("/", -1)[0]);
            Files.setPosixFilePermissions(locked, Set.of());
            Process build = dev.start(bed, context);
            int status = build.waitFor();
            assertThat(dev.log()).contains(words).doesNotContain("Exception");
            if (words.equals("succeeded")) {
                assertThat(status).isZero();
            } else {
                assertThat(status).isEqualTo(1);
                assertThat(dev.log()).containsPattern("hint: files are read as the user \\w+: .*\\.dockerignore");
            }
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    @ParameterizedTest
    @CsvSource({"Dockerfile", ".dockerignore", "."})
    void aDockerfileThatCannotBeReadIsToldInASentence(String path, TestBed bed) throws Exception {
        try (BuildContext context = BuildContext.of("FROM scratch\n").file(".dockerignore", "")) {
            Path locked = context.folder().resolve(path).normalize();
            Files.setPosixFilePermissions(locked, Set.of());
            assertThat(dev.start(bed, context).waitFor()).isEqualTo(1);
            assertThat(dev.log())
                    .contains("can't be read: permission denied", "hint: ")
                    .doesNotContain("Exception");
            Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
