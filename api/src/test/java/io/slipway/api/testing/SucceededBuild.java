package io.slipway.api.testing;

import io.slipway.db.Database;
import io.slipway.db.build.BuildId;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A build that has succeeded, as a worker leaves it: its image is in the content store. The image has one layer with one file.
 *
 * @param id the build
 * @param manifest the image's manifest
 * @param config the image's config
 * @param layer the image's layer, gzip
 */
public record SucceededBuild(BuildId id, Descriptor manifest, Descriptor config, Descriptor layer) {
    /** The text of the image's only file, {@code hello.txt}. */
    public static final String HELLO = "hello from a layer\n";

    /**
     * Submits a build and ends it.
     *
     * @param service a service without workers
     * @param query the options of the build, as a query string
     */
    public static SucceededBuild in(RunningService service, String query) throws IOException {
        return in(service, query, new byte[0]);
    }

    /**
     * The same.
     *
     * @param data what the image's layer has beside that file
     */
    public static SucceededBuild in(RunningService service, String query, byte[] data) throws IOException {
        ApiClient.Answer submitted = service.client()
                .post(
                        "/v1/builds?" + query,
                        Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes());
        BuildId id = new BuildId(submitted.json().path("id").stringValue());
        ContentStore store = service.part(ContentStore.class);
        Tars tar = new Tars().file("hello.txt", HELLO + id);
        if (data.length > 0) {
            tar.file("data", data);
        }
        Descriptor layer = store.put(MediaType.OCI_LAYER_GZIP, tar.gzip());
        String json = """
                {"architecture": "amd64", "os": "linux", "config": {},
                 "rootfs": {"type": "layers", "diff_ids": ["%s"]}}
                """.formatted(Digest.of(tar.bytes()));
        Descriptor config = store.put(MediaType.OCI_CONFIG, json.getBytes(StandardCharsets.UTF_8));
        Descriptor manifest = store.put(
                MediaType.OCI_MANIFEST,
                ImageDocuments.write(new Manifest(2, MediaType.OCI_MANIFEST, config, List.of(layer), null)));
        service.part(Database.class)
                .run(transaction -> transaction.update(
                        """
                        update builds
                        set state = 'succeeded', digest = ?, media_type = ?, image_bytes = ?,
                            started_at = now(), finished_at = now()
                        where id = ?
                        """,
                        manifest.digest().toString(),
                        manifest.mediaType(),
                        config.size() + layer.size(),
                        id.value()));
        return new SucceededBuild(id, manifest, config, layer);
    }
}
