package io.slipway.worker.build;

import io.slipway.dockerfile.check.Rule;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.MediaType;
import io.slipway.image.layer.Layer;
import io.slipway.image.layout.OciLayoutDirectory;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.SecretPolicy;
import io.slipway.worker.cache.CacheDocument;
import io.slipway.worker.cache.CacheRecord;
import io.slipway.worker.cache.Remark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes the results of a build's steps to where other machines find them. */
final class CacheExport {
    /** The name of the warning about a cache that can't be written. */
    static final String RULE = "CacheExportFailed";

    private static final String EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
    private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

    private final Session session;

    CacheExport(Session session) {
        this.session = session;
    }

    /** Says it if layers are merged and a cache goes into the image: that has the layers of no step that is merged. */
    static void remarkOnMerged(Session session) {
        boolean inline = session.spec().cacheTo().stream().anyMatch(target -> target.kind() == CacheKind.INLINE);
        if (inline && session.spec().layers().kind() != LayerRule.Kind.INSTRUCTION) {
            session.log()
                    .emit(new BuildEvent.Warned(
                            Instant.now(),
                            null,
                            RULE,
                            "the cache in the image has no steps whose layers are merged (layers);"
                                    + " one in a registry has them all"));
        }
    }

    /**
     * What goes into the image itself, if a cache is to be there; else nothing.
     *
     * @param image as its steps made it
     * @param merged the layers that it has: of a merged one no step is remembered
     */
    static Map<String, String> inline(Session session, ImageState image, List<StepLayer> merged) throws IOException {
        if (session.spec().cacheTo().stream().noneMatch(target -> target.kind() == CacheKind.INLINE)) {
            return Map.of();
        }
        List<StepLayer> layers = new ArrayList<>(merged);
        for (StepLayer step : image.layers()) {
            if (step.key() != null && step.layer().isEmpty()) {
                layers.add(step);
            }
        }
        byte[] document = CacheDocument.of(records(session, layers)).write();
        return Map.of(CacheDocument.ANNOTATION, new String(document, StandardCharsets.UTF_8));
    }

    /**
     * Writes them everywhere.
     *
     * @param images what was built
     */
    void run(List<ImageState> images, StepLog.Running log) throws IOException, InterruptedException, BuildFailure {
        for (CacheTarget target : session.spec().cacheTo()) {
            if (target.kind() == CacheKind.INLINE) {
                continue;
            }
            String place = Objects.requireNonNull(target.place(), "a cache that is not inline has a place");
            try {
                int steps = write(target, place, images, log);
                log.say("the results of " + steps + (steps == 1 ? " step" : " steps") + " are in the cache " + place);
            } catch (IOException e) {
                if (Failures.isInterrupt(e)) {
                    throw e;
                }
                if (target.required()) {
                    throw Failures.ofExport(e);
                }
                session.log()
                        .emit(new BuildEvent.Warned(
                                Instant.now(),
                                null,
                                RULE,
                                "the cache " + place + " is not written: " + Failures.words(e)));
            }
        }
    }

    private int write(CacheTarget target, String place, List<ImageState> images, StepLog.Running log)
            throws IOException, InterruptedException {
        List<StepLayer> layers = new ArrayList<>();
        if (target.all()) {
            layers.addAll(session.results().layers());
        } else {
            images.forEach(image -> layers.addAll(image.layers()));
        }
        Map<Digest, ImageReference> origins = new HashMap<>();
        for (StepLayer layer : layers) {
            ImageReference origin = layer.origin();
            if (target.kind() == CacheKind.LOCAL || origin == null) {
                layer.fetch();
            }
            if (origin != null) {
                origins.put(layer.layer().descriptor().digest(), origin);
            }
        }
        List<CacheRecord> records = new ArrayList<>();
        for (CacheRecord record : records(session, layers)) {
            List<Remark> remarks =
                    new ArrayList<>(session.guard().found(record.result().diffId()));
            if (record.result().remarks() != null) {
                remarks.addAll(record.result().remarks());
            }
            if (mayGo(remarks, "the result of a step", place)) {
                records.add(record);
            }
        }
        List<Descriptor> mounts = new ArrayList<>();
        if (target.mounts()) {
            for (UsedMount mount : session.results().mounts()) {
                Layer layer = mountLayer(target, mount, origins, log);
                if (layer != null
                        && mayGo(session.guard().found(layer.diffId()), "the cache mount " + mount.id(), place)) {
                    mounts.add(MountLayers.descriptor(mount, layer));
                }
            }
            mounts.sort(Comparator.comparing(mount -> mount.digest().hex()));
        }
        Descriptor manifest = document(records, mounts);
        switch (target.kind()) {
            case REGISTRY, INLINE -> session.registry().push(ImageReference.parse(place), manifest, origins);
            case LOCAL ->
                OciLayoutDirectory.write(
                        Path.of(place),
                        ImportedCache.LAYOUT_NAME,
                        manifest,
                        session.workspace().content());
        }
        return (int) records.stream().filter(CacheRecord::hasLayer).count();
    }

    /** What a cache mount has here, or had where it was exported; null if neither is known, since its step was found in a cache without mounts. */
    private @Nullable Layer mountLayer(
            CacheTarget target, UsedMount mount, Map<Digest, ImageReference> origins, StepLog.Running log)
            throws IOException, InterruptedException {
        if (session.caches().has(mount.key())) {
            return MountLayers.write(session, mount, log);
        }
        MountLayers.Imported imported = session.importedMount(mount.name());
        if (imported == null) {
            return null;
        }
        ImageReference origin = imported.origin().reference();
        Descriptor blob = imported.layer().descriptor();
        if (target.kind() == CacheKind.LOCAL || origin == null) {
            imported.origin().fetch(blob);
        } else {
            origins.put(blob.digest(), origin);
        }
        return imported.layer();
    }

    /** Whether something may leave the machine, by what the secrets guard found in it; says so if it may not, or should not. */
    private boolean mayGo(List<Remark> remarks, String what, String place) {
        SecretPolicy policy = session.spec().secretsGuard();
        List<String> found = policy == SecretPolicy.OFF
                ? List.of()
                : remarks.stream()
                        .filter(remark -> remark.rule() == Rule.SECRET_IN_LAYER)
                        .map(Remark::message)
                        .distinct()
                        .toList();
        if (found.isEmpty()) {
            return true;
        }
        boolean fails = policy == SecretPolicy.FAIL;
        session.log()
                .emit(new BuildEvent.Warned(
                        Instant.now(),
                        null,
                        Rule.SECRET_IN_LAYER.label(),
                        what + (fails ? " is not in the cache " : " goes into the cache ") + place + ". "
                                + String.join(". ", found)));
        return !fails;
    }

    private Descriptor document(Collection<CacheRecord> records, List<Descriptor> mounts) throws IOException {
        ContentStore content = session.workspace().content();
        CacheDocument document = CacheDocument.of(List.copyOf(records));
        Map<Digest, Descriptor> layers = new LinkedHashMap<>();
        for (CacheRecord record : document.records()) {
            if (record.hasLayer() && !record.result().isEmpty()) {
                layers.putIfAbsent(
                        record.result().layer().digest(), record.result().layer());
            }
        }
        List<Descriptor> all = new ArrayList<>(layers.values());
        all.addAll(mounts);
        if (all.isEmpty()) {
            // Some registries want a layer (OCI image specification 1.1, manifest.md).
            all.add(content.put(EMPTY_TYPE, EMPTY));
        }
        Manifest manifest = new Manifest(
                2,
                MediaType.OCI_MANIFEST,
                CacheDocument.ARTIFACT_TYPE,
                content.put(CacheDocument.CONFIG_TYPE, document.write()),
                all,
                null);
        return content.put(MediaType.OCI_MANIFEST, ImageDocuments.write(manifest));
    }

    private static List<CacheRecord> records(Session session, List<StepLayer> layers) throws IOException {
        List<CacheRecord> records = new ArrayList<>(session.results().times());
        for (StepLayer step : layers) {
            StepKey key = step.key();
            if (key != null) {
                records.add(new CacheRecord(key.step(), key.on().digest(), session.remembered(key, step)));
            }
        }
        return records;
    }
}
