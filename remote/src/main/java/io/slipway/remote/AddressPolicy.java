package io.slipway.remote;

import io.slipway.image.network.DeniedNetworks;
import io.slipway.image.network.PinnedAddresses;
import io.slipway.remote.SourceException.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses may be fetched from. An URL is chosen by a user, and this machine may reach what the
 * caller may not: its own ports, a cloud's metadata address. A host is refused if any of its addresses is denied.
 *
 * <p>The check resolves the name, and so does the connection after it; {@link #pin} makes sure that both see the same addresses. Immutable.
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

    private final DeniedNetworks denied;
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
        this.denied = new DeniedNetworks(denied);
    }

    /**
     * Says whether a host may be connected to, for those who don't do it now: another moment it may have other addresses.
     *
     * @param host a name or a literal address, with or without brackets
     * @throws SourceException {@link Kind#UNREACHABLE} if the host is unknown or denied
     */
    public void check(String host) {
        var _ = allowed(host);
    }

    /**
     * Checks a host before it is connected to, and lets this thread connect to the addresses that were checked and to no others of the host, as
     * long as the {@link TimeBox} takes in which it works.
     *
     * @param host as above, exactly as the connection will have it
     * @throws SourceException {@link Kind#UNREACHABLE} if the host is unknown or denied
     */
    public void pin(String host) {
        PinnedAddresses.pin(host, allowed(host));
    }

    private List<InetAddress> allowed(String host) {
        List<InetAddress> addresses;
        try {
            addresses = List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            throw new SourceException(
                    Kind.UNREACHABLE,
                    "the host " + host + " is unknown here",
                    "check the spelling, and that the DNS of the build machine knows the name",
                    e);
        }
        DeniedNetworks.Denial found = denied.denial(addresses);
        if (found != null) {
            throw new SourceException(
                    Kind.UNREACHABLE,
                    "the host " + host + " " + found.sentence() + ", " + denial,
                    "the setting " + setting
                            + (found.network() == null
                                    ? " allows it once it names no loopback network"
                                    : " lists these networks"));
        }
        return addresses;
    }
}
