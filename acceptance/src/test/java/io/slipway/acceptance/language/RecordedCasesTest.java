package io.slipway.acceptance.language;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.GitDaemon;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.dockerfile.language.LanguageCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Every recorded case of the language is built by a worker, and comes to what the reference made of it, but for the listed ones; and so is every
 * case of our own. {@code -Dslipway.cases=own/} builds those only whose names begin so.
 */
@Execution(ExecutionMode.CONCURRENT)
class RecordedCasesTest {
    private static final Pattern EXCEPTION = Pattern.compile("\\| `(\\S+\\.txt/\\S+)` \\| (.*) \\|");

    private static final String PREFIX = System.getProperty("slipway.cases", "");

    @Test
    void everyRecordedCaseComesToWhatTheReferenceMadeOfItButForTheListedOnes() throws IOException {
        Path home = TestBed.folder("slipway-language-");
        String output;
        try (Registry bases = Registry.ofBases("busybox");
                GitDaemon git = GitDaemon.ofFixture(home.resolve("git"))) {
            output = Programs.run(command(home, bases.url(), git.url()).toArray(String[]::new));
        } finally {
            TestBed.remove(home);
        }
        Map<String, String> differences = new TreeMap<>();
        int right = 0;
        for (String line : output.lines().toList()) {
            if (line.startsWith("ok ")) {
                right++;
            } else if (line.startsWith("differs ") || line.startsWith("skip ")) {
                String rest = line.substring(line.indexOf(' ') + 1);
                differences.put(rest.substring(0, rest.indexOf(':')), rest);
            }
        }
        assertThat(right + differences.size()).as(output).isEqualTo((int) LanguageCases.all().stream()
                .filter(one -> one.toString().startsWith(PREFIX))
                .count());
        Map<String, String> listed = exceptions();
        listed.keySet().removeIf(name -> !name.startsWith(PREFIX));
        List<String> unexpected = new ArrayList<>();
        differences.forEach((name, how) -> {
            if (!listed.containsKey(name)) {
                unexpected.add(how);
            }
        });
        assertThat(unexpected).as("cases that differ and are not listed").isEmpty();
        assertThat(listed.keySet())
                .as("listed cases that do not differ any more")
                .isSubsetOf(differences.keySet());
    }

    private static List<String> command(Path home, String mirror, String git) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--user", "--map-root-user"));
        command.addAll(subordinateIds());
        command.addAll(List.of("--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                RecordedCases.class.getName(),
                home.toString(),
                mirror,
                git,
                PREFIX));
        return command;
    }

    /** unshare(1) of util-linux 2.38 takes the first range of anybody for root's, so root's are given as numbers. */
    private static List<String> subordinateIds() throws IOException {
        if (!System.getProperty("user.name").equals("root")) {
            return List.of("--map-auto");
        }
        return List.of(
                "--map-users=" + rangeOfRoot(Path.of("/etc/subuid")),
                "--map-groups=" + rangeOfRoot(Path.of("/etc/subgid")));
    }

    private static String rangeOfRoot(Path file) throws IOException {
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split(":");
            if (parts[0].equals("root")) {
                return parts[1] + ",1," + (Integer.parseInt(parts[2]) - 1);
            }
        }
        throw new AssertionError(file + " has no range for root: ./dev test adds one");
    }

    /** The cases that differ, by name, and why: a table of docs/compatibility.md. */
    private static Map<String, String> exceptions() throws IOException {
        Map<String, String> exceptions = new TreeMap<>();
        for (String line : Files.readAllLines(Programs.CHECKOUT.resolve("docs/compatibility.md"))) {
            Matcher row = EXCEPTION.matcher(line);
            if (row.matches()) {
                exceptions.put(row.group(1), row.group(2));
            }
        }
        return exceptions;
    }
}
