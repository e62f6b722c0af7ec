package io.slipway.worker.sandbox;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that no RUN reaches, whatever network it has: where clouds tell a machine its secrets, for example. Immutable.
 *
 * @param addresses each once
 */
public record DeniedAddresses(Set<InetAddress> addresses) {
    /** None. */
    public static final DeniedAddresses NONE = new DeniedAddresses(Set.of());

    public DeniedAddresses {
        addresses = Set.copyOf(addresses);
    }

    /**
     * Reads a list.
     *
     * @param list addresses of IPv4 and IPv6 with commas between them, no names; null for none
     * @throws IllegalArgumentException if something else is in it
     */
    public static DeniedAddresses parse(@Nullable String list) {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        for (String word : words(list)) {
            try {
                // A literal: nothing is looked up.
                addresses.add(InetAddress.ofLiteral(word));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("not an IP address: " + word, e);
            }
        }
        return new DeniedAddresses(addresses);
    }

    private static List<String> words(@Nullable String list) {
        List<String> words = new ArrayList<>();
        if (list != null) {
            for (String word : list.split(",", -1)) {
                if (!word.isBlank()) {
                    words.add(word.strip());
                }
            }
        }
        return words;
    }

    /** Whether this is one of them; false for what is no address. */
    boolean contains(String address) {
        try {
            return addresses.contains(InetAddress.ofLiteral(address));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
