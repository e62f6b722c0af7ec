package io.slipway.worker.linux;

import io.slipway.worker.linux.Syscall.CallNumber;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;

/** Routes of the network namespace that the calling thread is in. */
public final class Routes {
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;

    /** linux/sockios.h. */
    private static final int SIOCADDRT = 0x890B;

    /** linux/route.h: a route to one host, that leads nowhere and says so. */
    private static final int RTF_UP = 0x0001;

    private static final int RTF_HOST = 0x0004;
    private static final int RTF_REJECT = 0x0200;

    private Routes() {}

    /**
     * Makes an address unreachable for everything in the namespace, whatever other routes there are: the kernel takes the one to a single host
     * first. Needs CAP_NET_ADMIN there.
     *
     * @throws LinuxException if the kernel says no; of IPv6 also where it has none
     */
    public static void addUnreachable(InetAddress address) throws LinuxException {
        boolean isIpv4 = address instanceof Inet4Address;
        try (Arena arena = Arena.ofConfined()) {
            long socket = Linux.checked(
                    Syscall.call(
                            arena,
                            CallNumber.SOCKET,
                            isIpv4 ? AF_INET : AF_INET6,
                            SOCK_DGRAM | SOCK_CLOEXEC,
                            0,
                            0,
                            0,
                            0),
                    "socket",
                    "");
            try (Fd fd = new Fd((int) socket)) {
                MemorySegment route = isIpv4 ? ipv4(arena, address) : ipv6(arena, address);
                Linux.checked(
                        Syscall.call(arena, CallNumber.IOCTL, fd.number(), SIOCADDRT, route.address(), 0, 0, 0),
                        "add a route to",
                        address.getHostAddress());
            }
        }
    }

    /** {@code struct rtentry} of linux/route.h, on machines of 64 bits. */
    private static MemorySegment ipv4(Arena arena, InetAddress address) {
        MemorySegment route = arena.allocate(120, 8);
        socketAddress(route, 8, address.getAddress());
        socketAddress(route, 40, new byte[] {-1, -1, -1, -1}); // the mask
        route.set(ValueLayout.JAVA_SHORT, 56, (short) (RTF_UP | RTF_HOST | RTF_REJECT));
        return route;
    }

    private static void socketAddress(MemorySegment route, long offset, byte[] address) {
        route.set(ValueLayout.JAVA_SHORT, offset, (short) AF_INET);
        MemorySegment.copy(address, 0, route, ValueLayout.JAVA_BYTE, offset + 4, address.length);
    }

    /** {@code struct in6_rtmsg} of linux/ipv6_route.h. */
    private static MemorySegment ipv6(Arena arena, InetAddress address) {
        MemorySegment route = arena.allocate(80, 8);
        byte[] bytes = address.getAddress();
        MemorySegment.copy(bytes, 0, route, ValueLayout.JAVA_BYTE, 0, bytes.length);
        route.set(ValueLayout.JAVA_SHORT, 52, (short) (8 * bytes.length));
        route.set(ValueLayout.JAVA_INT, 56, 1); // the metric: before all others
        route.set(ValueLayout.JAVA_INT, 72, RTF_UP | RTF_HOST | RTF_REJECT);
        return route;
    }
}
