package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code EXPOSE PORT[/PROTOCOL] …}: ports that the container listens on.
 *
 * @param ports the words, sorted before expansion as the reference frontend does; one word may expand to several
 */
public record Expose(Origin origin, List<String> ports) implements Instruction {

    /** As many as there are with all protocols; ranges that overlap could come to any number. */
    private static final int MOST_PORTS = 3 * 65_536;

    public Expose {
        ports = List.copyOf(ports);
    }

    /**
     * The ports of the words, which have to be expanded, in their order.
     *
     * @throws DockerfileException if a word is not a port
     */
    public List<ExposedPort> exposedPorts() {
        List<ExposedPort> exposed = new ArrayList<>();
        for (String word : ports) {
            try {
                exposed.addAll(ExposedPort.parse(word));
            } catch (InvalidValueException e) {
                throw e.at(origin.range());
            }
            if (exposed.size() > MOST_PORTS) {
                throw DockerfileException.at(origin.range(), "EXPOSE names more than " + MOST_PORTS + " ports");
            }
        }
        return List.copyOf(exposed);
    }
}
