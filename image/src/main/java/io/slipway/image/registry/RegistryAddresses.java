package io.slipway.image.registry;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Where registries may be. Users name them, and so do the redirects and challenges of those; whoever asks them may reach what a user may not.
 *
 * @param denied networks in CIDR notation that no registry is in, but those that are named; empty: none, and nothing is looked at
 * @param named {@code host[:port]} as in URLs, in lower case, of those that are reached wherever they are
 */
public record RegistryAddresses(List<String> denied, Set<String> named) {
    /** Anywhere: for a user's own machine. */
    public static final RegistryAddresses ANY = new RegistryAddresses(List.of(), Set.of());

    /**
     * Link-local networks and the other addresses where clouds tell their machines who they are, of Alibaba, AWS and Google. Loopback and private
     * networks are not among them: that is where a company's registry is.
     */
    public static final List<String> DENIED_BY_DEFAULT =
            List.of("169.254.0.0/16", "fe80::/10", "100.100.100.200/32", "fd00:ec2::254/128", "fd20:ce::254/128");

    /** Copies the collections. */
    public RegistryAddresses {
        denied = List.copyOf(denied);
        named = Set.copyOf(named);
    }

    /**
     * Outside of these networks, and wherever the hosts are that whoever runs the service has named.
     *
     * @param hosts by name as in {@link RegistrySettings#hosts}; their mirrors are named, too
     */
    public static RegistryAddresses outside(List<String> denied, Map<String, HostSettings> hosts) {
        Set<String> named = new HashSet<>();
        hosts.forEach((host, settings) -> {
            named.add(key(Endpoint.authority(host)));
            for (URI mirror : settings.mirrors()) {
                named.add(key(mirror.getRawAuthority()));
            }
        });
        return new RegistryAddresses(denied, named);
    }

    /** Whether a host is reached wherever it is. */
    boolean isAllowed(String authority) {
        return denied.isEmpty() || named.contains(key(authority));
    }

    private static String key(String authority) {
        return authority.toLowerCase(Locale.ROOT);
    }
}
