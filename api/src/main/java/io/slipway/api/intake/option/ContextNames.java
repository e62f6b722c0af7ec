package io.slipway.api.intake.option;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.stage.ContextName;

/** The names of a request's named contexts. */
public final class ContextNames {
    /** How many named contexts a request may have. */
    public static final int MOST = 50;

    private ContextNames() {}

    /**
     * The short form of a name.
     *
     * @throws OptionException if it can't be one
     */
    public static String shortForm(String name) {
        try {
            return ContextName.of(name);
        } catch (InvalidValueException e) {
            throw new OptionException(
                    BuildOption.BUILD_CONTEXT.wireName(),
                    "buildContext: " + OptionException.shown(e.message()),
                    e.hint());
        }
    }
}
