package io.slipway.dockerfile.instruction;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code FROM [--platform=PLATFORM] IMAGE [AS NAME]}: starts a stage.
 *
 * @param platform the word of {@code --platform}, unexpanded, or null
 * @param image the word that names the base: an image, an earlier stage, or {@code scratch}; unexpanded
 * @param as the keyword {@code AS} as it is written, or null
 * @param writtenName the stage's name as it is written, or null
 */
public record From(
        Origin origin,
        @Nullable String platform,
        String image,
        @Nullable String as,
        @Nullable String writtenName) implements Statement {

    /** The stage's name, in small letters as all references to it are, or null. */
    @Nullable
    public String name() {
        return writtenName == null ? null : writtenName.toLowerCase(Locale.ROOT);
    }
}
