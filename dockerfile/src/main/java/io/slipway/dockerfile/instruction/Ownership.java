package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import org.jspecify.annotations.Nullable;

/**
 * Owner and mode that COPY and ADD give to files.
 *
 * @param chown the word of {@code --chown}, {@code USER[:GROUP]}, or null
 * @param chmod the word of {@code --chmod}, or null
 */
public record Ownership(@Nullable String chown, @Nullable String chmod) {

    /**
     * What {@code --chmod}, which has to be expanded, does to modes; null if it is not given.
     *
     * @throws InvalidValueException if it is neither octal nor symbolic
     */
    @Nullable
    public FileMode mode() {
        return chmod == null || chmod.isEmpty() ? null : FileMode.parse(chmod);
    }
}
