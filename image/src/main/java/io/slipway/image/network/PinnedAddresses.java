package io.slipway.image.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Connections go to the addresses that were checked. Who checks a host resolves its name, and whoever connects to it resolves it again, in
 * the JDK, where nobody can step in between; who owns the name can answer the second time with an address that the check would not have let
 * through (DNS rebinding). So a thread pins what it has checked: {@link PinnedResolverProvider} answers it with that.
 *
 * <p>A pin is for the thread that made it, since another one may have checked the name against other rules, and for the time of
 * {@link #during}. Names alone are pinned, so that certificates are still compared with them.
 */
public final class PinnedAddresses {
    /** Of a domain that never is one (RFC 6761, section 6.4), and addresses that nobody has (RFC 5737). */
    private static final String PROBE = "pinned.invalid";

    private static final List<String> PROBE_ADDRESSES = List.of("192.0.2.1", "198.51.100.1");

    private static final ScopedValue<Map<String, List<InetAddress>>> PINS = ScopedValue.newInstance();

    private PinnedAddresses() {}

    /** Work on the network, in whose time this thread may {@link #pin}. */
    public static <T, E extends Exception> T during(ScopedValue.CallableOp<? extends T, E> work) throws E {
        return ScopedValue.where(PINS, new HashMap<>()).call(work);
    }

    /**
     * Lets this thread connect to these addresses of a host only, as long as the surrounding {@link #during} takes.
     *
     * @param host the name, as whoever connects will write it; literal addresses need no pin, and may have one
     * @param addresses what the name means; one at least
     * @throws IllegalStateException outside of {@link #during}, or in a program whose names others resolve
     */
    public static void pin(String host, List<InetAddress> addresses) {
        if (!Proof.GIVEN) {
            throw new IllegalStateException("this program connects to other addresses than were checked: "
                    + PinnedResolverProvider.class.getName()
                    + " is not its resolver, or the JDK keeps what names mean");
        }
        if (!PINS.isBound()) {
            throw new IllegalStateException("nothing lasts as long as the pin of " + host);
        }
        PINS.get().put(key(host), List.copyOf(addresses));
    }

    /** Threads that connect for this one, to what it has pinned by now. */
    public static Executor carriedBy(Executor threads) {
        Map<String, List<InetAddress>> pins = Map.copyOf(PINS.get());
        return work -> threads.execute(() -> ScopedValue.where(PINS, pins).run(work));
    }

    /** What this thread has pinned, or null. */
    static @Nullable List<InetAddress> of(String host) {
        return PINS.isBound() ? PINS.get().get(key(host)) : null;
    }

    private static String key(String host) {
        return host.toLowerCase(Locale.ROOT);
    }

    /** Found out once: whether a pin counts, and the next one after it. A library, or a class path, could have undone either. */
    private static final class Proof {
        static final boolean GIVEN = during(Proof::given);

        private static boolean given() {
            for (String literal : PROBE_ADDRESSES) {
                List<InetAddress> addresses = List.of(InetAddress.ofLiteral(literal));
                PINS.get().put(PROBE, addresses);
                try {
                    if (!List.of(InetAddress.getAllByName(PROBE)).equals(addresses)) {
                        return false;
                    }
                } catch (UnknownHostException e) {
                    return false;
                }
            }
            return true;
        }
    }
}
