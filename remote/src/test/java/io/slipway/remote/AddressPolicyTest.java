package io.slipway.remote;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AddressPolicyTest {
    private final AddressPolicy policy = new AddressPolicy(AddressPolicy.DENIED_BY_DEFAULT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "localhost",
                "0.0.0.0",
                "169.254.169.254",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "[::1]",
                "::",
                "[fe80::1]",
                "ff02::1",
                "::ffff:127.0.0.1",
                "[::ffff:169.254.169.254]",
                "2130706433",
                "0x7f.1",
            })
    void theOwnMachineAndMetadataAddressesAreDeniedHoweverTheyAreWritten(String host) {
        assertThatThrownBy(() -> policy.check(host)).isInstanceOf(SourceException.class);
    }

    @Test
    void theOwnMachineIsDeniedByItsOtherAddressesToo() throws SocketException {
        for (InetAddress address : NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .toList()) {
            assertThatThrownBy(() -> policy.check(address.getHostAddress())).isInstanceOf(SourceException.class);
            assertThatCode(() -> new AddressPolicy(List.of()).check(address.getHostAddress()))
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"10.1.2.3", "192.168.0.1", "172.16.0.1", "128.0.0.1", "223.255.255.255", "2001:db8::1", "fd00::1"
            })
    void privateAndPublicAddressesAreNot(String host) {
        assertThatCode(() -> policy.check(host)).doesNotThrowAnyException();
    }

    @Test
    void anOperatorChoosesTheNetworks() {
        AddressPolicy own = new AddressPolicy(List.of("10.0.0.0/9", "192.0.2.7"));
        assertThatThrownBy(() -> own.check("10.127.255.255")).hasMessageContaining("10.0.0.0/9");
        assertThatThrownBy(() -> own.check("192.0.2.7")).isInstanceOf(SourceException.class);
        assertThatCode(() -> own.check("10.128.0.0")).doesNotThrowAnyException();
        assertThatCode(() -> own.check("192.0.2.8")).doesNotThrowAnyException();
        assertThatCode(() -> own.check("127.0.0.1")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "example.org/8", "10.0.0.0/-1", ""})
    void whatIsNoNetworkIsRefusedAtTheStart(String network) {
        assertThatThrownBy(() -> new AddressPolicy(List.of(network))).isInstanceOf(IllegalArgumentException.class);
    }
}
