package io.slipway.worker.build;

import io.slipway.image.Descriptor;
import io.slipway.image.ImageReference;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends the image to where its tags say. Layers go ahead while later steps still run; the manifest, and with it the name, comes last,
 * when everything has succeeded: a registry forgets layers that no image came for. Nothing goes ahead before a step has made something
 * new: the image may be the one that the tag means already, and one question tells. Thread-safe.
 */
final class Push {
    private final Session session;
    private final List<ImageReference> targets;
    private final List<StepLayer> held = new ArrayList<>();
    private boolean ahead;

    private Push(Session session, List<ImageReference> targets) {
        this.session = session;
        this.targets = targets;
    }

    static Push of(Session session) {
        BuildSpec spec = session.spec();
        List<ImageReference> targets = new ArrayList<>();
        if (spec.pushes()) {
            for (String tag : spec.tags()) {
                targets.add(ImageReference.parse(tag));
            }
        }
        return new Push(session, List.copyOf(targets));
    }

    List<ImageReference> targets() {
        return targets;
    }

    /**
     * Sends a layer of the image as soon as it is committed, and some step has made something new. What fails here is tried again, and
     * reported, by {@link #image}.
     *
     * @param isNew whether this build made it: hardly any registry has it then
     */
    void ahead(StepLayer layer, boolean isNew) {
        if (isNew) {
            sendCommitted(layer, this::pushNew);
            return;
        }
        synchronized (held) {
            if (!ahead) {
                held.add(layer);
                return;
            }
        }
        send(layer);
    }

    /** Notes that a step has made something new: the registry can't have the image. */
    void madeNew() {
        List<StepLayer> waiting;
        synchronized (held) {
            ahead = true;
            waiting = List.copyOf(held);
            held.clear();
        }
        waiting.forEach(this::send);
    }

    /** Sends the config of the image, if it may be new. */
    void ahead(Descriptor config) {
        if (hasMadeNew()) {
            targets.forEach(target -> background(this::pushNew, target, config));
        }
    }

    private void send(StepLayer layer) {
        sendCommitted(layer, (target, blob) -> {
            if (layer.origin() == null) {
                layer.fetch();
            }
            session.registry().pushAhead(target, blob, layer.origin());
        });
    }

    private void pushNew(ImageReference target, Descriptor blob) throws IOException {
        session.registry().pushNew(target, blob);
    }

    @FunctionalInterface
    private interface Sending {
        void send(ImageReference target, Descriptor blob) throws IOException;
    }

    private void sendCommitted(StepLayer layer, Sending sending) {
        for (ImageReference target : targets) {
            layer.whenCommitted((committed, _) -> {
                if (committed != null && !committed.isEmpty()) {
                    background(sending, target, committed.descriptor());
                }
            });
        }
    }

    private void background(Sending sending, ImageReference target, Descriptor blob) {
        var _ = session.executor().submit(() -> {
            sending.send(target, blob);
            return null;
        });
    }

    /** Sends what is still missing, then the manifest under every name. */
    void image(ImageExport.Exported image) throws IOException {
        Descriptor document = image.document();
        for (ImageReference target : targets) {
            if (hasMadeNew() || !session.registry().isPushed(target, document)) {
                session.registry().push(target, document, image.origins());
            }
            session.log()
                    .emit(new BuildEvent.Pushed(
                            Instant.now(),
                            target.familiarName(),
                            document.digest().toString()));
        }
    }

    private boolean hasMadeNew() {
        synchronized (held) {
            return ahead;
        }
    }
}
