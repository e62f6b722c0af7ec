package io.slipway.image.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Names that mean another address each time they are looked up, as an attacker's DNS can make them. The tests' {@code META-INF/services}
 * name it, so that it is what {@link PinnedResolverProvider} asks, in the place of the JDK's resolver, which is asked for all other names.
 */
public final class ChangingNames extends InetAddressResolverProvider {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Map<String, Answers> NAMES = new ConcurrentHashMap<>();

    private record Answers(List<InetAddress> addresses, AtomicInteger asked) {
        InetAddress next() {
            return addresses.get(Math.min(asked.getAndIncrement(), addresses.size() - 1));
        }
    }

    /** A new name that means these literal addresses one after the other, and from then on the last. */
    public static String meaning(String... addresses) {
        String name = "changing" + COUNT.incrementAndGet() + ".test";
        NAMES.put(
                name,
                new Answers(Stream.of(addresses).map(InetAddress::ofLiteral).toList(), new AtomicInteger()));
        return name;
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver builtin = configuration.builtinResolver();
        InetAddressResolver changing = new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                Answers answers = NAMES.get(host);
                return answers == null ? builtin.lookupByName(host, policy) : Stream.of(answers.next());
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtin.lookupByAddress(address);
            }
        };
        return PinnedResolverProvider.before(changing);
    }

    @Override
    public String name() {
        return "changing names";
    }
}
