package io.slipway.api;

import io.slipway.db.SortedIds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.springframework.stereotype.Component;

/**
 * Tells the homes of several services on one database apart: a build's context and image are files of one of them. Made at the first start, and kept in {@code
 * $SLIPWAY_HOME/home-id}: whoever moves a home elsewhere takes it along. Immutable.
 */
@Component
public final class HomeId {
    private static final SortedIds IDS = new SortedIds("hom_");

    private final String value;

    HomeId(SlipwayProperties properties) {
        Path file = properties.home().resolve("home-id");
        try {
            this.value = Files.exists(file) ? read(file) : write(file);
        } catch (IOException e) {
            throw new UncheckedIOException("can't keep the id of the service's home in " + file, e);
        }
    }

    private static String read(Path file) throws IOException {
        String id = Files.readString(file).strip();
        if (!IDS.matches(id)) {
            throw new IllegalStateException(
                    file + " holds no id of a home; builds that wait for it are not found if it is removed");
        }
        return id;
    }

    private static String write(Path file) throws IOException {
        String id = IDS.create(Instant.now());
        Path whole = Files.writeString(file.resolveSibling("home-id.new"), id + "\n");
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
        return id;
    }

    /** {@code hom_…}. */
    public String value() {
        return value;
    }
}
