package io.slipway.dockerfile.stage;

import io.slipway.dockerfile.source.InvalidValueException;

/**
 * The names of named contexts. They are compared as names of images are: {@code alpine}, {@code docker.io/library/alpine} and
 * {@code alpine:latest} are one name.
 */
public final class ContextName {
    private static final String HUB = "docker.io/";
    private static final String OFFICIAL = "library/";
    private static final String LATEST = ":latest";

    private ContextName() {}

    /**
     * The short form of a name that somebody gives a context.
     *
     * @throws InvalidValueException if nothing in a Dockerfile could name it, or if it would hide {@code scratch}
     */
    public static String of(String name) {
        if (!ImageName.isValid(name)) {
            throw new InvalidValueException(
                    "\"" + name + "\" can't be the name of a context",
                    "it is written as a stage or an image is, in small letters, such as assets or alpine:3");
        }
        String familiar = familiar(name);
        if (familiar.equals("scratch")) {
            throw new InvalidValueException("no context can be named scratch, which is the empty image", null);
        }
        return familiar;
    }

    /** The short form of a word; what is no name of an image stays as it is. */
    static String familiar(String word) {
        String familiar = word.startsWith(HUB) ? word.substring(HUB.length()) : word;
        if (familiar.startsWith(OFFICIAL) && familiar.indexOf('/', OFFICIAL.length()) < 0) {
            familiar = familiar.substring(OFFICIAL.length());
        }
        return familiar.endsWith(LATEST) ? familiar.substring(0, familiar.length() - LATEST.length()) : familiar;
    }
}
