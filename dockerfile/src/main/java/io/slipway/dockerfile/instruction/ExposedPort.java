package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A port that a container listens on (dockerfile.md §5 EXPOSE).
 *
 * @param number 0 to 65535
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 */
public record ExposedPort(int number, String protocol) {

    private static final List<String> PROTOCOLS = List.of("tcp", "udp", "sctp");
    private static final int LARGEST = 65535;

    /**
     * Parses {@code [[ADDRESS:]HOST_PORT:]PORT[-PORT][/PROTOCOL]}. Address and host port are checked and dropped: an image cannot hold them.
     *
     * @return one port for each number of the range
     * @throws InvalidValueException if {@code word} is anything else
     */
    public static List<ExposedPort> parse(String word) {
        int slash = word.indexOf('/');
        String protocol = slash < 0 ? "tcp" : word.substring(slash + 1).toLowerCase(Locale.ROOT);
        String address = slash < 0 ? word : word.substring(0, slash);
        if (protocol.isEmpty()) {
            protocol = "tcp";
        }
        if (!PROTOCOLS.contains(protocol)) {
            String near = Suggestion.hint(protocol, PROTOCOLS);
            throw new InvalidValueException(
                    "\"" + word + "\" is not a port: unknown protocol " + protocol,
                    near != null ? near : "the protocols are tcp, udp and sctp",
                    word);
        }
        int colon = address.lastIndexOf(':');
        int[] range = range(word, address.substring(colon + 1));
        if (colon >= 0) {
            checkHost(word, address.substring(0, colon), range);
        }
        List<ExposedPort> ports = new ArrayList<>();
        for (int number = range[0]; number <= range[1]; number++) {
            ports.add(new ExposedPort(number, protocol));
        }
        return List.copyOf(ports);
    }

    /** Whether {@code word} holds an address or a host port, which EXPOSE accepts and cannot use. */
    public static boolean namesHost(String word) {
        return word.contains(":");
    }

    /** The key in the image config: {@code 80/tcp}. */
    @Override
    public String toString() {
        return number + "/" + protocol;
    }

    private static void checkHost(String word, String host, int[] range) {
        int colon = host.lastIndexOf(':');
        String port = host.substring(colon + 1);
        if (!port.isEmpty()) {
            int[] hostRange = range(word, port);
            boolean single = range[0] == range[1];
            if (!single && hostRange[1] - hostRange[0] != range[1] - range[0]) {
                throw new InvalidValueException(
                        "\"" + word + "\" is not a port: the ranges before and after the colon differ in length",
                        "EXPOSE needs the container's port only",
                        word);
            }
        }
        if (colon > 0) {
            String ip = host.substring(0, colon);
            String bare = ip.startsWith("[") && ip.endsWith("]") ? ip.substring(1, ip.length() - 1) : ip;
            if (!bare.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")) {
                throw new InvalidValueException(
                        "\"" + word + "\" is not a port: " + ip + " is not an IP address",
                        "EXPOSE needs the container's port only",
                        word);
            }
        }
    }

    private static int[] range(String word, String text) {
        int dash = text.indexOf('-');
        int first = number(word, dash < 0 ? text : text.substring(0, dash));
        int last = dash < 0 ? first : number(word, text.substring(dash + 1));
        if (last < first) {
            throw new InvalidValueException(
                    "\"" + word + "\" is not a range of ports: it ends before it starts", null, word);
        }
        return new int[] {first, last};
    }

    private static int number(String word, String text) {
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > LARGEST) {
            throw new InvalidValueException(
                    "\"" + word + "\" is not a port",
                    "a port is a number from 0 to " + LARGEST + ", such as 80/tcp",
                    word);
        }
        return Integer.parseInt(text);
    }
}
