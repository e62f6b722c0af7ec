package io.slipway.image.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.security.Security;
import java.util.List;
import java.util.stream.Stream;

/**
 * Resolves names as the JDK does, but those that a thread has pinned. The JDK finds it through {@code META-INF/services} (JEP 418) and
 * makes it at its first look-up.
 *
 * <p>The JDK's cache of names is before the resolver and for all threads; what one has looked up would be another's answer in spite of its pin. So
 * it is switched off here, which is before it is first used. Who looks a host up again and again keeps the answer himself.
 */
public final class PinnedResolverProvider extends InetAddressResolverProvider {
    @Override
    public InetAddressResolver get(Configuration configuration) {
        return before(configuration.builtinResolver());
    }

    /** The pins, and what another resolver says of all other names; the JDK keeps nothing of either from now on. */
    static InetAddressResolver before(InetAddressResolver other) {
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        return new PinnedResolver(other);
    }

    @Override
    public String name() {
        return "slipway";
    }

    private record PinnedResolver(InetAddressResolver other) implements InetAddressResolver {
        @Override
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
            List<InetAddress> pinned = PinnedAddresses.of(host);
            return pinned == null ? other.lookupByName(host, policy) : pinned.stream();
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            return other.lookupByAddress(address);
        }
    }
}
