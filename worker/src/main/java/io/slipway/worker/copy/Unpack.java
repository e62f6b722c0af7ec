package io.slipway.worker.copy;

import org.jspecify.annotations.Nullable;

/** Which archives an ADD unpacks. */
public enum Unpack {
    NOTHING,
    /** Those of the build context, not those that are downloaded: what ADD does if it is not told. */
    LOCAL,
    ALL;

    /** What {@code --unpack} says; null if it is not given. */
    public static Unpack of(@Nullable Boolean flag) {
        return flag == null ? LOCAL : flag ? ALL : NOTHING;
    }
}
