package io.slipway.api.intake.option;

import io.slipway.remote.git.GitSource;
import io.slipway.remote.http.HttpSource;
import org.jspecify.annotations.Nullable;

/** Where a context of files that is not part of the request comes from. */
public sealed interface ContextSource extends NamedSource {
    /**
     * A git repository.
     *
     * @param checksum how the commit's id must begin, or null
     */
    record Git(GitSource source, @Nullable String checksum) implements ContextSource {}

    /** One whose manifest and contents were sent before; its id. */
    record Uploaded(String id) implements ContextSource {}

    /** A tar, or, for a build's own context, a single Dockerfile, on an HTTP server. */
    record Http(HttpSource source) implements ContextSource {}
}
