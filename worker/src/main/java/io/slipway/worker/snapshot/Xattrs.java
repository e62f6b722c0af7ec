package io.slipway.worker.snapshot;

/** Which extended attributes travel with an image. */
final class Xattrs {
    private static final String OVERLAY = "user.overlay.";

    private Xattrs() {}

    /**
     * File capabilities and the user's own attributes travel; labels of a security module and ACLs belong to one machine, and
     * overlayfs's own would let a layer speak to the kernel.
     */
    static boolean isPortable(String name) {
        return name.equals("security.capability") || (name.startsWith("user.") && !name.startsWith(OVERLAY));
    }
}
