package io.slipway.api.build;

import java.util.List;

/**
 * What fills a build context. Immutable.
 *
 * @param files how many files it has
 * @param largest what takes most of it, of what is at its top; the largest first
 */
public record ContextContent(int files, List<Part> largest) {
    /**
     * A name at the top of a context, with all that lies below.
     *
     * @param path to be shown: what is not UTF-8 or not printable is replaced
     */
    public record Part(String path, long bytes, int files) {}

    public ContextContent {
        largest = List.copyOf(largest);
    }
}
