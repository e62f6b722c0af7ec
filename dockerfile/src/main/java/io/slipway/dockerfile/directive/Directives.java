package io.slipway.dockerfile.directive;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parser directives of a Dockerfile (dockerfile.md §2).
 *
 * @param syntax the image of the frontend that {@code # syntax=} names, or null
 * @param escape the escape character, {@code \} or {@code `}
 * @param check what {@code # check=} says about build checks
 */
public record Directives(@Nullable String syntax, char escape, CheckOptions check) {

    /** The frontend whose language Slipway builds, whichever version of it {@code # syntax=} names. */
    public static final String BUILT_IN = "docker/dockerfile:1.26";

    /** The frontend that is asked for, by the build argument {@code BUILDKIT_SYNTAX} or else by the directive; null if none is. */
    @Nullable
    public String frontend(Map<String, String> buildArguments) {
        String given = buildArguments.get("BUILDKIT_SYNTAX");
        String words = given == null || given.isBlank() ? syntax : given;
        return words == null ? null : words.strip().split("\\s", 2)[0];
    }
}
