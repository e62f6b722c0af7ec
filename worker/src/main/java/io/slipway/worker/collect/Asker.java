package io.slipway.worker.collect;

import io.slipway.protocol.storage.StoragePlan;
import io.slipway.protocol.storage.StorageRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Who wants the store measured or something of it removed. */
public interface Asker {
    /** What is wanted; asked for when it is known which builds run. Null: nothing any more. */
    @Nullable
    StorageRequest request() throws IOException;

    /** Notes what is about to go; false: it may not. */
    boolean agrees(StoragePlan plan) throws IOException;
}
