package io.slipway.remote;

import io.slipway.remote.SourceException.Kind;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses may be fetched from. An URL is chosen by a user, and this machine may reach what the
 * caller may not: its own ports, a cloud's metadata address. A host is refused if any of its addresses is denied.
 *
 * <p>The check resolves the name, and so does the connection after it; the JDK keeps answers for 30 seconds
 * ({@code networkaddress.cache.ttl}), so that both see the same one. Immutable.
 */
public final class AddressPolicy {
    /** The own machine, link-local with the metadata addresses of clouds, multicast, and "this host". */
    public static final List<String> DENIED_BY_DEFAULT = List.of(
            "127.0.0.0/8", "::1/128", "0.0.0.0/8", "::/128", "169.254.0.0/16", "fe80::/10", "224.0.0.0/3", "ff00::/8");

    /** As {@link #DENIED_BY_DEFAULT}, and every network that is not the Internet (IANA's registries of special-purpose addresses). */
    public static final List<String> DENIED_BUT_PUBLIC = Stream.concat(
                    DENIED_BY_DEFAULT.stream(),
                    Stream.of(
                            "10.0.0.0/8",
                            "100.64.0.0/10",
                            "172.16.0.0/12",
                            "192.0.0.0/24",
                            "192.168.0.0/16",
                            "198.18.0.0/15",
                            "fc00::/7",
                            "fec0::/10",
                            "64:ff9b::/96",
                            "64:ff9b:1::/48",
                            "2002::/16",
                            "2001::/32"))
            .toList();

    private final List<Network> denied;
    private final String denial;
    private final String setting;

    /**
     * A policy. Where any loopback network is denied, this machine's other addresses are too: the same services listen there.
     *
     * @param denied networks in CIDR notation, {@code 10.0.0.0/8}
     * @throws IllegalArgumentException if one is not
     */
    public AddressPolicy(List<String> denied) {
        this(denied, "from where nothing may be fetched", "slipway.context.denied-networks");
    }

    /**
     * A policy for something else than fetching.
     *
     * @param denied as above
     * @param denial what is said of a host that is denied
     * @param setting the setting that lists the networks, for hints
     */
    public AddressPolicy(List<String> denied, String denial, String setting) {
        this.denial = denial;
        this.setting = setting;
        this.denied = denied.stream().map(Network::parse).toList();
    }

    /**
     * Checks a host before it is connected to.
     *
     * @param host a name or a literal address, with or without brackets
     * @throws SourceException {@link Kind#UNREACHABLE} if the host is unknown or denied
     */
    public void check(String host) {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new SourceException(
                    Kind.UNREACHABLE,
                    "the host " + host + " is unknown here",
                    "check the spelling, and that the DNS of the build machine knows the name",
                    e);
        }
        for (InetAddress address : addresses) {
            if (isOwn(address) && denied.stream().anyMatch(Network::isLoopback)) {
                throw new SourceException(
                        Kind.UNREACHABLE,
                        "the host " + host + " is the build machine itself, " + denial,
                        "the setting " + setting + " allows it once it names no loopback network");
            }
            for (Network network : denied) {
                if (network.contains(address)) {
                    throw new SourceException(
                            Kind.UNREACHABLE,
                            "the host " + host + " is in the network " + network + ", " + denial,
                            "the setting " + setting + " lists these networks");
                }
            }
        }
    }

    private static boolean isOwn(InetAddress address) {
        try {
            return NetworkInterface.getByInetAddress(address) != null;
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
