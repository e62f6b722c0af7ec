package io.slipway.image.registry;

import io.slipway.image.network.DeniedNetworks;
import io.slipway.image.network.PinnedAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URL;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Looks at where hosts are before they are connected to, and connects to there. Thread-safe. */
final class CheckedHosts {
    /**
     * As long as the JDK keeps what names mean, which it does not where threads pin that. Every blob is a request or two, and many clients live
     * for one question only.
     */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private static final Map<String, Known> KNOWN = new ConcurrentHashMap<>();

    private final RegistryAddresses allowed;
    private final DeniedNetworks denied;

    CheckedHosts(RegistryAddresses allowed) {
        this.allowed = allowed;
        this.denied = new DeniedNetworks(allowed.denied());
    }

    private record Known(List<InetAddress> addresses, long untilNanos) {
        boolean isOld() {
            return System.nanoTime() - untilNanos >= 0;
        }
    }

    /** What is said to a host over connections that are made meanwhile. */
    @FunctionalInterface
    interface Exchange<T> {
        T run() throws IOException;
    }

    /**
     * Connects to the host of a URL where it was found to be allowed, if it is.
     *
     * @throws DeniedAddressException if it is not
     */
    <T> T connecting(URL url, Exchange<T> exchange) throws IOException {
        if (allowed.isAllowed(url.getAuthority())) {
            return exchange.run();
        }
        List<InetAddress> addresses = addresses(url.getHost());
        DeniedNetworks.Denial denial = denied.denial(addresses);
        if (denial != null) {
            throw new DeniedAddressException("the host " + url.getHost() + " " + denial.sentence()
                    + ", where no registry may be; slipway.registry-denied-networks lists these networks, but for the hosts in"
                    + " slipway.registries");
        }
        return PinnedAddresses.during(() -> {
            PinnedAddresses.pin(url.getHost(), addresses);
            return exchange.run();
        });
    }

    /** What a host's name means, or has meant a moment ago. */
    static List<InetAddress> addresses(String host) throws UnknownHostException {
        Known before = KNOWN.get(host);
        if (before != null && !before.isOld()) {
            return before.addresses();
        }
        List<InetAddress> addresses = List.of(InetAddress.getAllByName(host));
        KNOWN.values().removeIf(Known::isOld);
        KNOWN.put(host, new Known(addresses, System.nanoTime() + KEPT.toNanos()));
        return addresses;
    }
}
