package io.slipway.image.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class PinnedAddressesTest {
    private static final List<InetAddress> CHECKED = List.of(InetAddress.ofLiteral("192.0.2.7"));

    private static String lookUp(String host) throws UnknownHostException {
        return InetAddress.getAllByName(host)[0].getHostAddress();
    }

    private static String elsewhere(Callable<String> work) throws Exception {
        FutureTask<String> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task.get();
    }

    @Test
    void aPinnedNameMeansWhatWasChecked() throws UnknownHostException {
        String host = ChangingNames.meaning("127.0.0.1", "127.0.0.2");
        String meant = PinnedAddresses.during(() -> {
            PinnedAddresses.pin(host, CHECKED);
            return lookUp(host) + " " + lookUp(host.toUpperCase(Locale.ROOT));
        });
        assertThat(meant).isEqualTo("192.0.2.7 192.0.2.7");
        assertThat(lookUp(host)).as("afterwards it means what DNS says").isEqualTo("127.0.0.1");
    }

    @Test
    void whatOthersLookUpDoesNotComeBetween() throws Exception {
        String host = ChangingNames.meaning("127.0.0.1", "127.0.0.2", "127.0.0.3");
        String meant = PinnedAddresses.during(() -> {
            String before = elsewhere(() -> lookUp(host));
            PinnedAddresses.pin(host, CHECKED);
            String pinned = lookUp(host);
            return before + " " + pinned + " " + elsewhere(() -> lookUp(host)) + " " + lookUp(host);
        });
        assertThat(meant).isEqualTo("127.0.0.1 192.0.2.7 127.0.0.2 192.0.2.7");
    }

    @Test
    void aPinLastsAsLongAsTheWorkThatItIsFor() {
        assertThatThrownBy(() -> PinnedAddresses.pin("host.test", CHECKED)).isInstanceOf(IllegalStateException.class);
    }
}
