package io.slipway.image.export;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * An image as an OCI layout in a tar (OCI image specification 1.1, image-layout.md): what skopeo and podman call an
 * oci-archive. The same image and names are the same bytes.
 */
public final class OciLayoutTar {
    private OciLayoutTar() {}

    /**
     * Writes the image, streamed.
     *
     * @param image a manifest or an index, all of it in the store
     * @param names what the image is called in it, none or several; each becomes an entry of the layout's index, and
     *     readers that take exactly one image want exactly one name, or none
     * @param out where to; not closed
     * @throws java.nio.file.NoSuchFileException before anything is written, if the store does not have all of it
     */
    public static void write(ContentStore store, Descriptor image, List<ImageReference> names, OutputStream out)
            throws IOException {
        new LayoutTar(out).write(store, image, names, null);
    }
}
