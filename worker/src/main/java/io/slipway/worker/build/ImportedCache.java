package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.layout.OciLayout;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.CacheSource;
import io.slipway.worker.cache.CacheDocument;
import io.slipway.worker.cache.CacheRecord;
import io.slipway.worker.cache.CachedStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The caches that a build was told to look into besides its own. Nothing is fetched before the own cache has missed something, and then only what
 * says which results there are; layers are, when they are needed. What can't be read is a warning. Thread-safe.
 */
final class ImportedCache {
    /** The name of the warning about a cache that can't be used. */
    static final String RULE = "CacheImportFailed";

    /** The name in a layout's index. */
    static final String LAYOUT_NAME = "cache";

    private final List<CacheSource> sources;
    private final RegistryClient registry;
    private final ContentStore content;
    private final StepLog log;
    private @Nullable Loaded loaded;

    private ImportedCache(List<CacheSource> sources, RegistryClient registry, ContentStore content, StepLog log) {
        this.sources = sources;
        this.registry = registry;
        this.content = content;
        this.log = log;
    }

    /** The caches of a build; none, with a word about it, if it is to look nothing up. */
    static ImportedCache of(BuildSpec spec, RegistryClient registry, ContentStore content, StepLog log) {
        if (!spec.noCache()) {
            return new ImportedCache(spec.cacheFrom(), registry, content, log);
        }
        ImportedCache none = new ImportedCache(List.of(), registry, content, log);
        spec.cacheFrom().forEach(source -> none.warn(source, "the build is to look nothing up (noCache)"));
        return none;
    }

    /** A result, and where its layer is. */
    record Found(CachedStep step, CacheOrigin origin) {}

    private record Key(Digest step, Digest on) {}

    private record Loaded(Set<Digest> steps, Map<Key, Found> results, Map<Digest, MountLayers.Imported> mounts) {}

    /** Gives the content that a step runs on; may have to wait for it. */
    @FunctionalInterface
    interface Content {
        Digest digest() throws IOException;
    }

    /** What a step came to, or null; asks for the content that it runs on only if there can be a result. */
    @Nullable
    Found find(Digest step, Content on) throws IOException {
        if (sources.isEmpty()) {
            return null;
        }
        Loaded all = load();
        return all.steps().contains(step) ? all.results().get(new Key(step, on.digest())) : null;
    }

    /** What a cache mount begins with where there is none yet, or null. */
    MountLayers.@Nullable Imported mount(Digest name) throws IOException {
        return sources.isEmpty() ? null : load().mounts().get(name);
    }

    private synchronized Loaded load() throws IOException {
        Loaded known = loaded;
        if (known == null) {
            known = new Loaded(new HashSet<>(), new HashMap<>(), new HashMap<>());
            for (CacheSource source : sources) {
                try {
                    load(source, known);
                } catch (IOException | RuntimeException e) {
                    if (Failures.isInterrupt(e)) {
                        throw e;
                    }
                    warn(source, String.valueOf(e.getMessage()));
                }
            }
            loaded = known;
        }
        return known;
    }

    private void warn(CacheSource source, String why) {
        log.emit(new BuildEvent.Warned(
                Instant.now(), null, RULE, "nothing is taken from the cache " + source.place() + ": " + why));
    }

    private void load(CacheSource source, Loaded into) throws IOException {
        switch (source.kind()) {
            case REGISTRY, INLINE -> {
                ImageReference reference = ImageReference.parse(source.place());
                load(
                        source,
                        registry.fetch(reference),
                        new CacheOrigin(reference, blob -> registry.pull(reference, blob)),
                        manifest -> registry.fetch(reference.withDigest(manifest.digest())),
                        into);
            }
            case LOCAL -> {
                Path directory = Path.of(source.place());
                try (OciLayout layout = OciLayout.open(directory)) {
                    Descriptor manifest = layout.find(LAYOUT_NAME);
                    layout.copy(manifest, content);
                    load(
                            source,
                            manifest,
                            new CacheOrigin(null, blob -> {
                                try (OciLayout again = OciLayout.open(directory)) {
                                    again.copy(blob, content);
                                }
                            }),
                            other -> layout.copy(other, content),
                            into);
                }
            }
        }
    }

    private void load(
            CacheSource source, Descriptor document, CacheOrigin origin, CacheOrigin.Blobs documents, Loaded into)
            throws IOException {
        byte[] json = content.readSmall(document.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
        boolean any = false;
        if (ImageDocuments.isIndex(document.mediaType())) {
            for (Descriptor image : ImageDocuments.readIndex(json).manifests()) {
                if (ImageDocuments.isManifest(image.mediaType())) {
                    documents.fetch(image);
                    byte[] manifest = content.readSmall(image.digest(), ImageDocuments.MAX_MANIFEST_BYTES);
                    any |= add(ImageDocuments.readManifest(manifest), origin, into);
                }
            }
        } else {
            any = add(ImageDocuments.readManifest(json), origin, into);
        }
        if (!any) {
            warn(
                    source,
                    "it is an image that no cache was put into (cacheTo type=inline), or an artifact of another kind");
        }
    }

    private boolean add(Manifest manifest, CacheOrigin origin, Loaded into) throws IOException {
        byte[] json;
        if (manifest.config().mediaType().equals(CacheDocument.CONFIG_TYPE)) {
            if (manifest.config().size() > CacheDocument.MOST_BYTES) {
                throw new IOException("its list of results has more than " + CacheDocument.MOST_BYTES + " bytes");
            }
            origin.blobs().fetch(manifest.config());
            json = content.readSmall(manifest.config().digest(), CacheDocument.MOST_BYTES);
            for (Descriptor layer : manifest.layers()) {
                MountLayers.Imported mount = MountLayers.of(layer, origin);
                if (mount != null) {
                    into.mounts().putIfAbsent(mount.name(), mount);
                }
            }
        } else {
            Map<String, String> annotations = manifest.annotations();
            String inline = annotations == null ? null : annotations.get(CacheDocument.ANNOTATION);
            if (inline == null) {
                return false;
            }
            json = inline.getBytes(StandardCharsets.UTF_8);
        }
        Set<Digest> blobs = new HashSet<>();
        manifest.layers().forEach(layer -> blobs.add(layer.digest()));
        for (CacheRecord record : CacheDocument.read(json).records()) {
            // What the manifest does not name, the registry need not have.
            if (!record.hasLayer() || blobs.contains(record.result().layer().digest())) {
                into.steps().add(record.step());
                into.results().putIfAbsent(new Key(record.step(), record.on()), new Found(record.result(), origin));
            }
        }
        return true;
    }
}
