package io.slipway.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What RUN steps get as /etc/resolv.conf. A vertical bar stands for the end of a line. */
final class NetworkTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "nameserver 10.0.0.2,                               nameserver 10.0.0.2|",
        "nameserver 127.0.0.53|options edns0 trust-ad,      options edns0 trust-ad|nameserver 169.254.1.1|",
        "nameserver ::1,                                    nameserver 169.254.1.1|",
        "nameserver 127.0.0.1|nameserver 10.0.0.2,          nameserver 10.0.0.2|",
        "search example.org|nameserver fd00::1|# a comment, search example.org|nameserver fd00::1|# a comment|",
        "nameserver 169.254.169.254,                        nameserver 169.254.1.1|",
        "nameserver fd00:ec2:0::254|nameserver 10.0.0.2,    nameserver 10.0.0.2|",
        "nameserver,                                        nameserver 169.254.1.1|",
        "'',                                                '|nameserver 169.254.1.1|'",
    })
    void resolversThatAContainerCannotReachAreReplaced(String host, String container) throws IOException {
        Path file = Files.writeString(folder.resolve("resolv.conf"), host.replace('|', '\n') + "\n");
        DeniedAddresses denied = DeniedAddresses.parse("169.254.169.254, fd00:ec2::254");
        assertThat(Network.resolvConf(file, denied)).isEqualTo(container.replace('|', '\n'));
    }

    @Test
    void aHostWithoutTheFileGivesAnEmptyOne() throws IOException {
        assertThat(Network.resolvConf(folder.resolve("missing"), DeniedAddresses.NONE))
                .isEmpty();
    }
}
