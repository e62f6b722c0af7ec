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
     */
    void ahead(StepLayer layer) {
        synchronized (held) {
            if (!ahead) {
                held.add(layer);
                return;
            }
        }
        send(layer);
    }

    /** Notes that a step has made something new: the registry can't have the image. */
    void startAhead() {
        List<StepLayer> waiting;
        synchronized (held) {
            ahead = true;
            waiting = List.copyOf(held);
            held.clear();
        }
        waiting.forEach(this::send);
    }

    private void send(StepLayer layer) {
        for (ImageReference target : targets) {
            layer.whenCommitted((committed, _) -> {
                if (committed != null) {
                    var _ = session.executor().submit(() -> {
                        if (layer.origin() == null) {
                            layer.fetch();
                        }
                        session.registry().pushAhead(target, committed.descriptor(), layer.origin());
                        return null;
                    });
                }
            });
        }
    }

    /** Sends what is still missing, then the manifest under every name. */
    void image(ImageExport.Exported image) throws IOException {
        Descriptor document = image.document();
        for (ImageReference target : targets) {
            if (hasSent() || !session.registry().isPushed(target, document)) {
                session.registry().push(target, document, image.origins());
            }
            session.log()
                    .emit(new BuildEvent.Pushed(
                            Instant.now(),
                            target.familiarName(),
                            document.digest().toString()));
        }
    }

    private boolean hasSent() {
        synchronized (held) {
            return ahead;
        }
    }
}
