package io.slipway.image.network;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Networks that nothing may be connected to. Where any loopback network is among them, this machine's other addresses are denied, too:
 * the same services listen there. Immutable.
 */
public final class DeniedNetworks {
    private final List<Network> networks;
    private final boolean own;

    /**
     * @param networks in CIDR notation, {@code 10.0.0.0/8}, or single addresses
     * @throws IllegalArgumentException if one is neither
     */
    public DeniedNetworks(List<String> networks) {
        this.networks = networks.stream().map(Network::parse).toList();
        this.own = this.networks.stream().anyMatch(Network::isLoopback);
    }

    /**
     * Why a host is denied.
     *
     * @param network the network that one of its addresses is in, or null if it is this machine itself
     */
    public record Denial(@Nullable String network) {
        /** What is to be said of the host: {@code is in the network 10.0.0.0/8}. */
        public String sentence() {
            return network == null ? "is the build machine itself" : "is in the network " + network;
        }
    }

    /** Whether nothing is denied. */
    public boolean isEmpty() {
        return networks.isEmpty();
    }

    /** Why a host with these addresses is denied, which it is for any of them; null if it is not. */
    public @Nullable Denial denial(List<InetAddress> addresses) {
        for (InetAddress address : addresses) {
            if (own && isOwn(address)) {
                return new Denial(null);
            }
            for (Network network : networks) {
                if (network.contains(address)) {
                    return new Denial(network.toString());
                }
            }
        }
        return null;
    }

    private static boolean isOwn(InetAddress address) {
        try {
            // The kernel takes 0.0.0.0 and :: for loopback.
            return address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true; // what cannot be found out is not allowed
        }
    }

    /** @param bits how many leading bits of {@code address} count */
    private record Network(InetAddress address, int bits) {
        static Network parse(String text) {
            int slash = text.indexOf('/');
            try {
                InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
                int most = address.getAddress().length * 8;
                int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
                if (bits < 0 || bits > most) {
                    throw new IllegalArgumentException("not a network (address/bits): " + text);
                }
                return new Network(address, bits);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("not a network (address/bits): " + text, e);
            }
        }

        boolean isLoopback() {
            return address.isLoopbackAddress();
        }

        boolean contains(InetAddress other) {
            byte[] mine = address.getAddress();
            byte[] theirs = other.getAddress();
            if (mine.length != theirs.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return address.getHostAddress() + "/" + bits;
        }
    }
}
