package io.slipway.image.registry;

import io.slipway.image.registry.RegistryException.Kind;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a host's mirrors and then the host itself, in order, and remembers for a while which mirror is down, so that not
 * every blob waits for it. Thread-safe.
 */
final class Mirrors {
    private static final Duration DOWN = Duration.ofSeconds(30);

    private final RegistrySettings settings;
    private final Map<URI, Down> down = new ConcurrentHashMap<>();

    Mirrors(RegistrySettings settings) {
        this.settings = settings;
    }

    private record Down(RegistryException why, long untilNanos) {}

    /** What to do at an endpoint. */
    interface Question<T> {
        T ask(Endpoint endpoint) throws IOException;
    }

    /**
     * The first answer.
     *
     * @throws RegistryException if no endpoint has one: the host's, and what the mirrors said
     * @throws IOException if our own disk failed or the thread was interrupted
     */
    <T> T ask(Purpose purpose, Question<T> question) throws IOException {
        List<RegistryException> failures = new ArrayList<>();
        for (Endpoint endpoint : Endpoint.forPull(settings, purpose.reference())) {
            Down known = endpoint.mirror() ? down.get(endpoint.root()) : null;
            if (known != null && System.nanoTime() - known.untilNanos() < 0) {
                failures.add(known.why());
                continue;
            }
            try {
                return question.ask(endpoint);
            } catch (RegistryException e) {
                failures.add(e);
                if (endpoint.mirror() && e.kind() == Kind.UNREACHABLE) {
                    down.put(endpoint.root(), new Down(e, System.nanoTime() + DOWN.toNanos()));
                }
            }
        }
        throw together(purpose, failures);
    }

    /**
     * One exception out of several. The host's own answer counts, unless it gave none: then a mirror that could say
     * something (mostly that it does not have the image) is all that there is to know.
     */
    private static RegistryException together(Purpose purpose, List<RegistryException> failures) {
        RegistryException counts = failures.getLast();
        if (failures.size() == 1) {
            return counts;
        }
        if (counts.kind() == Kind.UNREACHABLE) {
            counts = failures.stream()
                    .filter(failure -> failure.kind() != Kind.UNREACHABLE)
                    .findFirst()
                    .orElse(counts);
        }
        List<String> reasons = failures.stream().map(RegistryException::reason).toList();
        RegistryException all = purpose.failure(counts.kind(), counts.host(), String.join("; ", reasons), counts);
        failures.forEach(all::addSuppressed);
        return all;
    }
}
