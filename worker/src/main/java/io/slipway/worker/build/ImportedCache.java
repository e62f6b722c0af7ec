package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.layout.OciLayout;
import io.slipway.image.registry.RegistryClient;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.CacheSource;
import io.slipway.worker.cache.CacheDocument;
import io.slipway.worker.cache.CacheRecord;
import io.slipway.worker.cache.CachedStep;
import io.slipway.worker.remote.Once;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The caches that a build was told to look into besides its own. Nothing is fetched before the own cache has missed something, and then only what
 * says which results there are; layers are, when they are needed. What can't be read is a warning. Thread-safe.
 */
final class ImportedCache {
    /** The name in a layout's index. */
    static final String LAYOUT_NAME = "cache";

    private final List<CacheSource> sources;
    private final RegistryClient registry;
    private final ContentStore content;
    private final CacheOrigins origins;
    /** What was listed and is not there. A step is looked up more than once. */
    private final Set<Found> missing = ConcurrentHashMap.newKeySet();

    private @Nullable Loaded loaded;

    private ImportedCache(
            List<CacheSource> sources, RegistryClient registry, ContentStore content, CacheOrigins origins) {
        this.sources = sources;
        this.registry = registry;
        this.content = content;
        this.origins = origins;
    }

    /**
     * The caches of a build; none, with a word about it, if it is to look nothing up.
     *
     * @param origins those that were given up before are looked into no more
     */
    static ImportedCache of(BuildSpec spec, RegistryClient registry, ContentStore content, CacheOrigins origins) {
        if (!spec.noCache()) {
            List<CacheSource> left = spec.cacheFrom().stream()
                    .filter(source -> !origins.isGivenUp(source.place()))
                    .toList();
            return new ImportedCache(left, registry, content, origins);
        }
        spec.cacheFrom().forEach(source -> origins.warn(source.place(), "the build is to look nothing up (noCache)"));
        return new ImportedCache(List.of(), registry, content, origins);
    }

    /** What is known of where they are. */
    CacheOrigins origins() {
        return origins;
    }

    /** A result, and where its layer is. */
    record Found(CachedStep step, CacheOrigin origin) {}

    private record Key(Digest step, Digest on) {}

    /** @param results of each step, in the order of the caches; of a layer that is missing in one, the next may be asked */
    private record Loaded(Set<Digest> steps, Map<Key, List<Found>> results, Map<Digest, MountLayers.Imported> mounts) {
        void add(Digest step, Digest on, Found found) {
            steps.add(step);
            results.computeIfAbsent(new Key(step, on), _ -> new ArrayList<>()).add(found);
        }
    }

    /** What a step came to, or null; asks for the content that it runs on, and may have to wait for that, only if there can be a result. */
    @Nullable
    Found find(Digest step, Once.Maker<Digest> on) throws IOException {
        if (sources.isEmpty()) {
            return null;
        }
        Loaded all = load();
        if (!all.steps().contains(step)) {
            return null;
        }
        for (Found found : all.results().getOrDefault(new Key(step, on.make()), List.of())) {
            if (isThere(found)) {
                return found;
            }
        }
        return null;
    }

    /**
     * Whether the layer of a result can be had. A registry may have removed it, and have the list of results still. Layers are fetched long
     * after their steps were found; only now a step can simply be done.
     */
    private boolean isThere(Found found) throws IOException {
        Descriptor layer = found.step().layer();
        CacheOrigin origin = found.origin();
        if (origins.isGivenUp(origin.place()) || missing.contains(found)) {
            return false;
        }
        try {
            if (!found.step().hasLayer()
                    || found.step().isEmpty()
                    || origin.presence().has(layer)) {
                return true;
            }
            missing.add(found);
            origins.lacks(origin.place(), layer.digest());
        } catch (IOException e) {
            if (Failures.isInterrupt(e)) {
                throw e;
            }
            origins.giveUp(origin.place(), e);
        }
        return false;
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
                    origins.warn(source.place(), Failures.words(e));
                }
            }
            loaded = known;
        }
        return known;
    }

    private void load(CacheSource source, Loaded into) throws IOException {
        switch (source.kind()) {
            case REGISTRY, INLINE -> {
                ImageReference reference = ImageReference.parse(source.place());
                load(
                        source,
                        registry.fetch(reference),
                        new CacheOrigin(
                                source.place(),
                                reference,
                                blob -> registry.pull(reference, blob),
                                blob -> registry.has(reference, blob)),
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
                            new CacheOrigin(
                                    source.place(),
                                    null,
                                    blob -> {
                                        try (OciLayout again = OciLayout.open(directory)) {
                                            again.copy(blob, content);
                                        }
                                    },
                                    blob -> {
                                        try (OciLayout again = OciLayout.open(directory)) {
                                            return content.contains(blob) || again.has(blob);
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
            origins.warn(
                    source.place(),
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
            CachedStep result = record.result();
            // What the manifest does not name, the registry need not have.
            if (!record.hasLayer()
                    || result.isEmpty()
                    || blobs.contains(result.layer().digest())) {
                Found found = new Found(result, origin);
                into.add(record.step(), record.on(), found);
                if (result.byContent() != null) {
                    into.add(result.byContent().step(), result.byContent().content(), found);
                }
            }
        }
        return true;
    }
}
