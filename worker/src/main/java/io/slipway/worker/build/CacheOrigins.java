package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.protocol.BuildEvent;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which of a build's imported caches are good for something still, and what was said of those that are not. Thread-safe. */
final class CacheOrigins {
    /** The name of the warning about a cache that can't be used. */
    static final String RULE = "CacheImportFailed";

    private final StepLog log;
    private final Set<String> givenUp = ConcurrentHashMap.newKeySet();
    private final Set<String> incomplete = ConcurrentHashMap.newKeySet();

    CacheOrigins(StepLog log) {
        this.log = log;
    }

    /** Whether nothing is to be taken from a cache any more. */
    boolean isGivenUp(String place) {
        return givenUp.contains(place);
    }

    /** Takes nothing from a cache any more, and says why, once. */
    void giveUp(String place, Throwable why) {
        if (givenUp.add(place)) {
            say("nothing more is taken from the cache " + place + ": " + why.getMessage());
        }
    }

    /** A cache lists a layer that it does not have; told once. */
    void lacks(String place, Digest layer) {
        if (incomplete.add(place)) {
            say("the cache " + place + " lacks layers that it lists, such as " + layer
                    + "; their steps are done again");
        }
    }

    /** Nothing is taken from a cache, and never was. */
    void warn(String place, String why) {
        say("nothing is taken from the cache " + place + ": " + why);
    }

    /** What was to be taken is made as if there were none. */
    void say(String message) {
        log.emit(new BuildEvent.Warned(Instant.now(), null, RULE, message));
    }
}
