package io.slipway.api.conditional;

/**
 * Something that the API shows with fields that move by themselves, such as how long a build has been running. They don't make it another one: its
 * entity tag is a weak one, made without them.
 */
public interface Moving {
    /** The same without what moves by itself; what is shown then has another tag only if something has happened. */
    Object still();
}
