package io.slipway.api.intake.option;

import org.jspecify.annotations.Nullable;

/** Where a named context of a request comes from. */
public sealed interface NamedSource permits ContextSource, NamedSource.Image, NamedSource.Build, NamedSource.Layout {
    /**
     * An image of a registry, which the worker asks for if the Dockerfile does.
     *
     * @param reference its name, or {@code scratch}
     */
    record Image(String reference) implements NamedSource {}

    /** The image that another build of the project made. */
    record Build(String id) implements NamedSource {}

    /**
     * An image in an OCI layout.
     *
     * @param name its tag or digest in there, or null for the only one
     * @param files where the layout is; null for the part of the request that has the context's name
     */
    record Layout(@Nullable String name, ContextSource.@Nullable Uploaded files) implements NamedSource {}
}
