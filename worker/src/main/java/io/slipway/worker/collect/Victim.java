package io.slipway.worker.collect;

/**
 * Something that goes.
 *
 * @param path below the store
 * @param bytes what it takes of the disk
 * @param unit what belongs together has the same number: if one of it turns out to be in use, the rest stays
 */
record Victim(Kind kind, String path, long bytes, int unit) {
    /** What it is, in the order in which they go: a record before its blob, an image's layers before its manifest, a mark after its snapshot. */
    enum Kind {
        RECORD,
        BLOB,
        DOCUMENT,
        ORIGIN,
        NOTE,
        PARTIAL,
        SNAPSHOT,
        MARK,
        CACHE_MOUNT
    }
}
