package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Whether the disk of the service's home has the room that it keeps for builds. Asked anew each time, which costs a system call. Thread-safe. */
@Component
public final class DiskRoom {
    private final Path home;
    private final long needed;

    DiskRoom(SlipwayProperties properties) {
        this.home = properties.home();
        this.needed = properties.limits().freeSpace().toBytes();
    }

    /** Bytes that may be used; 0 if the disk can't be looked at. */
    public long freeBytes() {
        return home.toFile().getUsableSpace();
    }

    /** Bytes that are to be free before a build begins. */
    public long neededBytes() {
        return needed;
    }

    /** A sentence that says what is missing; null if there is room. */
    public @Nullable String shortage() {
        long free = freeBytes();
        return free >= needed
                ? null
                : "The disk of " + home + " has " + free + " bytes free, and builds begin with " + needed
                        + " (slipway.limits.free-space).";
    }
}
