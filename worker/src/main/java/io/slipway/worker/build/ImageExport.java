package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.ImageConfig.History;
import io.slipway.image.ImageConfig.RootFs;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Index;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.layer.Layer;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.ImageFormat;
import io.slipway.worker.cache.KeyHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes config, manifest and index of finished images and puts them into the content store. */
final class ImageExport {
    private static final String COMMENT = "buildkit.dockerfile.v0";

    private final Session session;
    private final Push push;

    ImageExport(Session session, Push push) {
        this.session = session;
        this.push = push;
    }

    /**
     * An image in the content store.
     *
     * @param document its manifest, or the index of several
     * @param blobs the sizes of configs and layers
     * @param origins where the layers came from that are others'
     */
    record Exported(Descriptor document, Map<Digest, Long> blobs, Map<Digest, ImageReference> origins) {

        /** Sum of the sizes of configs and layers. */
        long bytes() {
            return blobs.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Writes the index of a build's images, in the order of its platforms. */
    Exported index(List<ImageState> states) throws IOException {
        Map<Digest, Long> blobs = new HashMap<>();
        Map<Digest, ImageReference> origins = new HashMap<>();
        List<Descriptor> manifests = new ArrayList<>();
        for (ImageState state : states) {
            Exported image = write(state);
            blobs.putAll(image.blobs());
            origins.putAll(image.origins());
            Descriptor manifest = image.document();
            manifests.add(
                    new Descriptor(manifest.mediaType(), manifest.digest(), manifest.size(), null, state.platform()));
        }
        String type =
                session.spec().format() == ImageFormat.DOCKER ? MediaType.DOCKER_MANIFEST_LIST : MediaType.OCI_INDEX;
        Index index = new Index(2, type, manifests, null);
        return new Exported(session.workspace().content().put(type, ImageDocuments.write(index)), blobs, origins);
    }

    /** Writes the image; waits for layers that are still being committed, and merges those that are to be one. */
    Exported write(ImageState state) throws IOException {
        BuildSpec spec = session.spec();
        boolean docker = spec.format() == ImageFormat.DOCKER;
        List<Digest> diffIds = new ArrayList<>();
        List<Descriptor> layers = new ArrayList<>();
        Map<Digest, ImageReference> origins = new HashMap<>();
        Map<Digest, Long> blobs = new HashMap<>();
        ContentStore content = session.workspace().content();
        MergedLayers.Result merged = new MergedLayers(session).of(state);
        for (StepLayer step : merged.layers()) {
            Layer layer = step.layer();
            Descriptor descriptor = layer.descriptor();
            diffIds.add(layer.diffId());
            layers.add(
                    new Descriptor(layerType(descriptor.mediaType(), docker), descriptor.digest(), descriptor.size()));
            if (step.origin() != null) {
                origins.put(descriptor.digest(), step.origin());
                // What is here is the image's from now on: the garbage collector must not take it before the build has
                // ended.
                if (!content.use(layer.descriptor())) {
                    content.noteOrigin(descriptor.digest(), step.origin());
                }
            }
            blobs.put(descriptor.digest(), descriptor.size());
        }
        Descriptor config = content.put(
                docker ? MediaType.DOCKER_CONFIG : MediaType.OCI_CONFIG,
                ImageDocuments.write(config(state, merged.history(), diffIds)));
        push.ahead(config);
        String type = docker ? MediaType.DOCKER_MANIFEST : MediaType.OCI_MANIFEST;
        Map<String, String> annotations = new TreeMap<>(spec.annotations());
        annotations.putAll(CacheExport.inline(session, state, merged.layers()));
        Manifest manifest = new Manifest(2, type, config, layers, annotations.isEmpty() ? null : annotations);
        blobs.put(config.digest(), config.size());
        return new Exported(content.put(type, ImageDocuments.write(manifest)), blobs, origins);
    }

    private ImageConfig config(ImageState state, List<HistoryLine> lines, List<Digest> diffIds) throws IOException {
        ConfigDraft draft = new ConfigDraft(state.config());
        session.spec().labels().forEach(draft::label);
        ContainerConfig container = draft.build();
        String created = created(state, container);
        return new ImageConfig(
                created,
                state.author(),
                state.platform().architecture(),
                state.platform().variant(),
                state.platform().os(),
                state.platform().osVersion(),
                state.platform().osFeatures(),
                container,
                new RootFs("layers", diffIds),
                history(lines, created));
    }

    private List<History> history(List<HistoryLine> lines, String created) {
        List<History> history = new ArrayList<>();
        String time = created;
        // Backwards, so that an instruction without a layer has the time of the next layer: it ran just before it.
        for (HistoryLine line : lines.reversed()) {
            switch (line) {
                case HistoryLine.OfBase(History done) -> history.add(done);
                // The reference names the author in the config only, never in a line of the history.
                case HistoryLine.OfStep step -> {
                    time = session.epoch() == null ? step.layer().created() : created;
                    history.add(new History(time, step.createdBy(), null, COMMENT, null));
                }
                case HistoryLine.Empty empty -> {
                    if (empty.created() != null && session.epoch() == null) {
                        time = empty.created();
                    }
                    history.add(new History(time, empty.createdBy(), null, COMMENT, true));
                }
            }
        }
        return history.reversed();
    }

    /**
     * When the image was made: by the epoch if there is one; else when its last layer was; else, for an image that differs from
     * its base in its config only, when it was made for the first time, so that the same build gives the same digest again.
     */
    private String created(ImageState state, ContainerConfig container) throws IOException {
        if (session.epoch() != null) {
            return session.now();
        }
        @Nullable
        StepLayer last = state.layers().isEmpty() ? null : state.layers().getLast();
        boolean ours = state.history().stream().anyMatch(HistoryLine.OfStep.class::isInstance);
        if (last != null && ours) {
            return last.created();
        }
        KeyHash hash = new KeyHash("created 1")
                .add(ImageDocuments.write(new ImageConfig(
                        null,
                        state.author(),
                        state.platform().architecture(),
                        null,
                        state.platform().os(),
                        null,
                        null,
                        container,
                        new RootFs("layers", List.of()),
                        null)));
        Digest key = hash.digest();
        Digest lineage = state.lineage().digest();
        return session.firstMade(key, lineage);
    }

    private static String layerType(String mediaType, boolean docker) {
        boolean gzip = mediaType.endsWith("gzip");
        boolean zstd = mediaType.endsWith("zstd");
        if (zstd) {
            return mediaType;
        }
        if (docker) {
            return gzip ? MediaType.DOCKER_LAYER_GZIP : MediaType.DOCKER_LAYER;
        }
        return gzip ? MediaType.OCI_LAYER_GZIP : MediaType.OCI_LAYER;
    }
}
