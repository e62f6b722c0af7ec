package io.slipway.api.intake;

import io.slipway.api.limit.LimitProblems;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.BuildId;
import java.io.Closeable;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The contexts of one request on disk: the build's own, and named ones that came along or were fetched. They are removed when it is
 * closed, unless they were kept for the build. Not thread-safe.
 */
final class RequestContexts implements Closeable {
    private final StoredContext main;
    private final Map<String, StoredContext> named = new TreeMap<>();

    /** The build's own context, which is closed with this. */
    RequestContexts(StoredContext main) {
        this.main = main;
    }

    /** The build that they are for. */
    BuildId id() {
        return main.id();
    }

    /** The build's own context. */
    StoredContext main() {
        return main;
    }

    /** The others that are here, by name. */
    Map<String, StoredContext> named() {
        return Collections.unmodifiableMap(named);
    }

    /** Adds a named context, which is closed with this. */
    void add(String name, StoredContext context) {
        named.put(name, context);
    }

    /** A number that none of the named contexts here has. */
    int nextNumber() {
        return named.size();
    }

    /** What all of them are. */
    String fingerprint() {
        StringBuilder all = new StringBuilder(main.sha256());
        named.forEach((name, context) ->
                all.append('\n').append(context.sha256()).append(' ').append(name));
        return all.toString();
    }

    /** The names that the Dockerfile can use: those that are here, and these. */
    Set<String> names(Set<String> others) {
        TreeMap<String, StoredContext> all = new TreeMap<>(named);
        others.forEach(name -> all.putIfAbsent(name, main));
        return all.keySet();
    }

    /**
     * Refuses contexts that are larger than they may be, also those that were fetched.
     *
     * @param most bytes that each may have, uncompressed
     * @throws ProblemException {@link ProblemType#CONTENT_TOO_LARGE}
     */
    void requireSize(long most) {
        requireSize(main, most);
        named.values().forEach(context -> requireSize(context, most));
    }

    private static void requireSize(StoredContext context, long most) {
        if (context.bytes() > most) {
            throw LimitProblems.contextTooLarge(context.bytes(), most);
        }
    }

    /** The build is queued: they are its own from now on. */
    void keep() {
        main.keep();
        named.values().forEach(StoredContext::keep);
    }

    @Override
    public void close() throws IOException {
        try (main) {
            for (StoredContext context : named.values()) {
                context.close();
            }
        }
    }
}
