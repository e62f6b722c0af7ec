package io.slipway.worker.build;

import io.slipway.image.Digest;
import io.slipway.image.ImageConfig.History;
import io.slipway.image.ImageReference;
import io.slipway.image.layer.Layer;
import io.slipway.image.layer.LayerMerge;
import io.slipway.protocol.LayerRule;
import io.slipway.worker.cache.CachedStep;
import io.slipway.worker.cache.KeyHash;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Makes the layers of the image from those of its steps, as the build's {@link LayerRule} has it; an empty one is none of them. The cache of steps knows nothing of it; a
 * merged layer is cached by the layers that it was made of.
 */
final class MergedLayers {
    private final Session session;

    MergedLayers(Session session) {
        this.session = session;
    }

    /**
     * What becomes of an image.
     *
     * @param layers its layers, base first
     * @param history its history, base first: it has as many lines of layers as there are layers, if that was so before
     */
    record Result(List<StepLayer> layers, List<HistoryLine> history) {}

    /** Merges; waits for the layers. */
    Result of(ImageState state) throws IOException {
        LayerRule rule = session.spec().layers();
        if (rule.kind() == LayerRule.Kind.INSTRUCTION) {
            return withoutEmpty(state);
        }
        List<StepLayer> base = base(state);
        boolean flat = rule.kind() == LayerRule.Kind.FLAT;
        List<Group> groups = groups(state.history(), rule);
        if (flat) {
            return flat(state, groups.isEmpty() ? null : groups.getLast());
        }
        List<CompletableFuture<Optional<StepLayer>>> merged = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            boolean onTop = i > 0 || !base.isEmpty();
            Group group = groups.get(i);
            merged.add(beside(() -> merge(group.layers(), onTop)));
        }
        List<StepLayer> layers = new ArrayList<>(base);
        List<HistoryLine> history = new ArrayList<>(state.history());
        for (int i = 0; i < groups.size(); i++) {
            StepLayer layer = Awaited.of(merged.get(i)).orElse(null);
            if (layer != null) {
                layers.add(layer);
            }
            groups.get(i).write(history, layer);
        }
        return new Result(layers, history);
    }

    /** Each step's layer as it is, if there is something in it. What is in the base stays. */
    private static Result withoutEmpty(ImageState state) throws IOException {
        List<StepLayer> layers = new ArrayList<>(base(state));
        List<HistoryLine> history = new ArrayList<>();
        for (HistoryLine line : state.history()) {
            if (line instanceof HistoryLine.OfStep(String createdBy, StepLayer layer, int _, String step)) {
                if (layer.layer().isEmpty()) {
                    history.add(new HistoryLine.Empty(createdBy, step, layer.created()));
                    continue;
                }
                layers.add(layer);
            }
            history.add(line);
        }
        return new Result(layers, history);
    }

    private static List<StepLayer> base(ImageState state) {
        long own = state.history().stream()
                .filter(HistoryLine.OfStep.class::isInstance)
                .count();
        return state.layers().subList(0, state.layers().size() - (int) own);
    }

    /** One layer of everything. Lines of the base are kept, and none of them has a layer but the last if no step has one. */
    private Result flat(ImageState state, @Nullable Group steps) throws IOException {
        StepLayer layer = Awaited.of(beside(() -> merge(state.layers(), false))).orElse(null);
        List<HistoryLine> history = new ArrayList<>();
        int last = -1;
        for (HistoryLine line : state.history()) {
            if (line instanceof HistoryLine.OfBase(History done)) {
                last = history.size();
                history.add(base(done, true));
            } else {
                history.add(line);
            }
        }
        if (steps != null) {
            steps.write(history, layer);
        } else if (layer != null && last >= 0 && history.get(last) instanceof HistoryLine.OfBase(History done)) {
            history.set(last, base(done, null));
        }
        return new Result(layer == null ? List.of() : List.of(layer), history);
    }

    private static HistoryLine base(History line, @Nullable Boolean empty) {
        return new HistoryLine.OfBase(
                new History(line.created(), line.createdBy(), line.author(), line.comment(), empty));
    }

    /**
     * Steps whose layers become one.
     *
     * @param lines their lines in the history
     */
    private record Group(List<Integer> lines, List<StepLayer> layers) {
        Group() {
            this(new ArrayList<>(), new ArrayList<>());
        }

        void add(int line, StepLayer layer) {
            lines.add(line);
            layers.add(layer);
        }

        /** Only the last line has the layer; if that has come to nothing, none has. */
        void write(List<HistoryLine> history, @Nullable StepLayer layer) {
            for (int line : lines) {
                if (history.get(line)
                        instanceof HistoryLine.OfStep(String createdBy, StepLayer own, int stage, String step)) {
                    history.set(
                            line,
                            layer != null && line == lines.getLast()
                                    ? new HistoryLine.OfStep(createdBy, layer, stage, step)
                                    : new HistoryLine.Empty(createdBy, step, own.created()));
                }
            }
        }
    }

    private static List<Group> groups(List<HistoryLine> history, LayerRule rule) {
        List<Group> groups = new ArrayList<>();
        int stage = -1;
        boolean ended = true;
        String current = "";
        for (int i = 0; i < history.size(); i++) {
            @Nullable
            String step = switch (history.get(i)) {
                case HistoryLine.OfBase _ -> null;
                case HistoryLine.Empty empty -> empty.step();
                case HistoryLine.OfStep own -> own.step();
            };
            if (step == null) {
                continue;
            }
            // Triggers of a base are of one step together.
            ended |= rule.steps().contains(current) && !step.equals(current);
            current = step;
            if (history.get(i) instanceof HistoryLine.OfStep own) {
                ended |= rule.kind() == LayerRule.Kind.STAGE && own.stage() != stage;
                if (ended) {
                    groups.add(new Group());
                }
                ended = false;
                stage = own.stage();
                groups.getLast().add(i, own.layer());
            }
        }
        return groups;
    }

    /** One layer of these, or none if there is nothing in it. */
    private Optional<StepLayer> merge(List<StepLayer> all, boolean onTop) throws IOException {
        List<StepLayer> steps = new ArrayList<>();
        List<Layer> layers = new ArrayList<>();
        for (StepLayer step : all) {
            Layer layer = step.layer();
            if (!layer.isEmpty()) {
                steps.add(step);
                layers.add(layer);
            }
        }
        if (steps.isEmpty()) {
            return Optional.empty();
        }
        if (steps.size() == 1) {
            bring(steps.getFirst(), layers.getFirst());
            return Optional.of(steps.getFirst());
        }
        String created = steps.getLast().created();
        Layer merged = merged(steps, layers, onTop, created);
        if (merged.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new StepLayer(
                CompletableFuture.completedFuture(merged),
                () -> session.unpack(merged),
                created,
                List.of(),
                null,
                null,
                () -> {}));
    }

    private Layer merged(List<StepLayer> steps, List<Layer> layers, boolean onTop, String created) throws IOException {
        Instant epoch = session.epoch();
        KeyHash hash = new KeyHash("merge 1")
                .add(session.compression().fingerprint())
                .add(epoch == null ? null : Long.toString(epoch.getEpochSecond()))
                .add(Boolean.toString(onTop));
        hash.add(layers.stream().map(layer -> layer.diffId().hex()).toList());
        Digest key = hash.digest();
        Digest lineage = Lineage.SCRATCH.digest();
        CachedStep known = session.spec().noCache() ? null : session.cache().find(key, lineage);
        if (known != null && session.workspace().content().contains(known.layer())) {
            return new Layer(known.diffId(), known.layer());
        }
        for (int i = 0; i < layers.size(); i++) {
            bring(steps.get(i), layers.get(i));
        }
        Layer merged =
                LayerMerge.merge(session.workspace().content(), layers, onTop, session::clamp, session.compression());
        session.cache().put(key, lineage, CachedStep.of(merged.diffId(), merged.descriptor(), created, List.of()));
        return merged;
    }

    /** Has a layer in the content store that is another's. */
    private void bring(StepLayer step, Layer layer) throws IOException {
        step.fetch();
        ImageReference origin = step.origin();
        if (origin != null) {
            session.registry().pull(origin, layer.descriptor());
        }
    }

    @FunctionalInterface
    private interface Work {
        Optional<StepLayer> run() throws IOException;
    }

    /** On a thread of the build, which ends when the build is cancelled. */
    private CompletableFuture<Optional<StepLayer>> beside(Work work) {
        CompletableFuture<Optional<StepLayer>> made = new CompletableFuture<>();
        var _ = session.executor().submit(() -> {
            try {
                made.complete(work.run());
            } catch (Throwable t) {
                made.completeExceptionally(t);
            }
        });
        return made;
    }
}
