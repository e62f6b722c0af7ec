package io.slipway.worker.build;

import io.slipway.dockerfile.check.BaseImage;
import io.slipway.dockerfile.stage.GlobalScope;
import io.slipway.dockerfile.stage.StageScope;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageConfig;
import io.slipway.image.ImageConfig.ContainerConfig;
import io.slipway.image.ImageDocuments;
import io.slipway.image.ImageReference;
import io.slipway.image.Manifest;
import io.slipway.image.Platform;
import io.slipway.image.layer.Layer;
import io.slipway.image.layout.OciLayout;
import io.slipway.image.registry.LocalImage;
import io.slipway.image.registry.ResolvedImage;
import io.slipway.image.store.ContentStore;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.NamedContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The base images of one platform's build: manifest and config at first, layers when somebody needs their files. Thread-safe.
 */
final class Bases {
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Session session;
    private final GlobalScope global;
    private final PinnedNames names;
    private final PolicyGate gate;
    private final Map<String, CompletableFuture<ImageState>> images = new ConcurrentHashMap<>();
    private final List<CompletableFuture<Void>> pulls = new ArrayList<>();

    Bases(Session session, GlobalScope global, PinnedNames names) {
        this.session = session;
        this.global = global;
        this.names = names;
        this.gate = new PolicyGate(session.spec().policy());
    }

    /** The empty image that {@code FROM scratch} means. */
    ImageState scratch(Platform platform) throws IOException {
        ContainerConfig config =
                new ConfigDraft(ContainerConfig.EMPTY).workingDir("/").build();
        return state(platform, List.of(), config, null, List.of(), null);
    }

    /** An image by name, resolved at its registry the first time it is asked for. */
    ImageState image(String name, Platform platform) throws IOException {
        ImageReference reference = ImageReference.parse(name);
        gate.requireBase(reference);
        return once("image " + name + " " + platform, () -> resolve(reference, platform));
    }

    /** The image of a named context that is in the content store. */
    ImageState stored(String context, NamedContext.Stored image, Platform platform) throws IOException {
        ContentStore store = session.workspace().content();
        return once("context " + context + " " + platform, () -> {
            Descriptor named = new Descriptor(
                    image.mediaType(), Digest.parse(image.digest()), store.size(Digest.parse(image.digest())));
            return local(
                    context,
                    named,
                    platform,
                    document -> store.readSmall(document.digest(), ImageDocuments.MAX_MANIFEST_BYTES),
                    manifest -> requireAll(context, store, named, manifest));
        });
    }

    private static void requireAll(String context, ContentStore store, Descriptor named, Manifest manifest)
            throws IOException {
        List<Descriptor> blobs = new ArrayList<>(manifest.layers());
        blobs.add(manifest.config());
        blobs.add(named);
        for (Descriptor blob : blobs) {
            if (!store.use(blob) && store.origin(blob.digest()) == null) {
                throw new IOException(
                        "the image of the named context " + context + " is not in the content store any more");
            }
        }
    }

    /** The image of a named context that is in an OCI layout. What it consists of is copied into the content store. */
    ImageState layout(String context, NamedContext.Layout image, Platform platform) throws IOException {
        gate.requireLayout(context);
        ContentStore store = session.workspace().content();
        return once("context " + context + " " + platform, () -> {
            try (OciLayout layout = OciLayout.open(Path.of(image.path()))) {
                return local(
                        context,
                        layout.find(image.digest()),
                        platform,
                        document -> layout.copyDocument(document, store),
                        manifest -> layout.copyImage(manifest, store));
            }
        });
    }

    /** A named context: only now it is asked for. */
    Source context(String name, Platform platform) throws IOException {
        return switch (session.contexts().named(name)) {
            case NamedContext.Files _, NamedContext.Repository _, NamedContext.Archive _ ->
                new Source.Files(session.contexts().files(name));
            case NamedContext.Image(String reference) ->
                new Source.Image(reference.equals("scratch") ? scratch(platform) : image(reference, platform));
            case NamedContext.Stored stored -> new Source.Image(stored(name, stored, platform));
            case NamedContext.Layout layout -> new Source.Image(layout(name, layout, platform));
        };
    }

    @FunctionalInterface
    private interface Maker {
        ImageState make() throws IOException;
    }

    @FunctionalInterface
    private interface Copier {
        void copy(Manifest manifest) throws IOException;
    }

    private ImageState once(String key, Maker maker) throws IOException {
        CompletableFuture<ImageState> mine = new CompletableFuture<>();
        CompletableFuture<ImageState> known = images.putIfAbsent(key, mine);
        if (known == null) {
            try {
                mine.complete(maker.make());
            } catch (IOException | RuntimeException e) {
                mine.completeExceptionally(e);
                throw e;
            }
            return mine.join();
        }
        return Awaited.of(known);
    }

    private ImageState local(
            String context, Descriptor named, Platform platform, LocalImage.Documents documents, Copier copier)
            throws IOException {
        Manifest manifest = LocalImage.manifest(named, platform, documents);
        if (manifest == null) {
            throw new PlatformMissingException("the named context " + context + " has no image for " + platform);
        }
        session.log()
                .emit(new BuildEvent.BaseResolved(
                        Instant.now(), context, null, named.digest().toString()));
        copier.copy(manifest);
        return state(context, manifest, null);
    }

    private ImageState resolve(ImageReference reference, Platform platform) throws IOException {
        ResolvedImage image = names.resolve(reference, platform);
        session.registry().pull(image.reference(), image.manifest().config());
        return state(reference.familiarName(), image.manifest(), image.reference());
    }

    /**
     * The image of a manifest whose config is in the content store.
     *
     * @param origin where its layers are pulled from; null if they are in the content store, too, or it says where they are
     */
    private ImageState state(String name, Manifest manifest, @Nullable ImageReference origin) throws IOException {
        ContentStore store = session.workspace().content();
        ImageConfig config =
                ImageDocuments.readConfig(store.readSmall(manifest.config().digest(), ImageDocuments.MAX_CONFIG_BYTES));
        List<Descriptor> blobs = manifest.layers();
        List<Digest> diffIds = config.rootfs().diffIds();
        if (blobs.size() != diffIds.size()) {
            throw new IOException(name + " has " + blobs.size() + " layers and " + diffIds.size() + " diff IDs");
        }
        String created = config.created() == null ? Instant.EPOCH.toString() : config.created();
        List<StepLayer> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            Layer layer = new Layer(diffIds.get(i), blobs.get(i));
            ImageReference from =
                    origin == null ? store.origin(layer.descriptor().digest()) : origin;
            layers.add(new StepLayer(
                    CompletableFuture.completedFuture(layer),
                    () -> from == null ? session.unpack(layer) : session.unpack(layer, from),
                    created,
                    List.of(),
                    from,
                    null,
                    () -> {}));
        }
        List<HistoryLine> history = new ArrayList<>();
        if (config.history() != null) {
            config.history().forEach(line -> history.add(new HistoryLine.OfBase(line)));
        }
        return state(config.platform(), layers, config.configOrEmpty(), config.author(), history, config.created());
    }

    /**
     * Starts to bring these layers of the built image into the content store, if they could not be had from their base's registry later: the
     * image is pushed nowhere, so that this store is where it is; or it takes credentials that only this build has.
     */
    void keep(List<StepLayer> layers) {
        for (StepLayer layer : layers) {
            ImageReference origin = layer.origin();
            if (origin != null && (!session.spec().pushes() || session.spec().hasOwnCredentials(origin.host()))) {
                synchronized (pulls) {
                    pulls.add(CompletableFuture.runAsync(() -> pull(origin, layer), session.executor()));
                }
            }
        }
    }

    private void pull(ImageReference origin, StepLayer layer) {
        try {
            session.registry().pull(origin, layer.layer().descriptor());
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /** Waits until the layers that are to be {@linkplain #keep kept} are in the content store. */
    void awaitPulls() throws IOException {
        List<CompletableFuture<Void>> all;
        synchronized (pulls) {
            all = List.copyOf(pulls);
        }
        for (CompletableFuture<Void> pull : all) {
            Awaited.of(pull);
        }
    }

    private ImageState state(
            Platform platform,
            List<StepLayer> layers,
            ContainerConfig config,
            @Nullable String author,
            List<HistoryLine> history,
            @Nullable String created)
            throws IOException {
        Lineage lineage = Lineage.SCRATCH;
        for (StepLayer layer : layers) {
            lineage = lineage.plus(layer);
        }
        Map<String, String> environment = new LinkedHashMap<>(BaseImage.environment(config.env()));
        ConfigDraft draft = new ConfigDraft(config);
        if (!environment.containsKey("PATH")) {
            environment.put("PATH", DEFAULT_PATH);
            draft.env("PATH", DEFAULT_PATH);
        }
        return new ImageState(
                platform,
                layers,
                lineage,
                draft.build(),
                author,
                history,
                StageScope.of(global, environment),
                false,
                created);
    }
}
