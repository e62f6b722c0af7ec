package io.slipway.worker.build;

import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.image.tar.FileName;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Inputs;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.copy.CopyException;
import io.slipway.worker.copy.CopyPlan;
import io.slipway.worker.copy.Owner;
import io.slipway.worker.linux.FileStatus;
import io.slipway.worker.rootfs.Accounts;
import io.slipway.worker.rootfs.RootTree;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** WORKDIR: makes the directory, with its parents, owned by the current USER (dockerfile.md §5 WORKDIR). */
final class WorkdirStep {
    private static final int MODE = 0755;

    private final Session session;
    private final Workdir workdir;
    private final ImageState state;

    /**
     * The step.
     *
     * @param state the image with the new working directory in its config
     */
    WorkdirStep(Session session, Workdir workdir, ImageState state) {
        this.session = session;
        this.workdir = workdir;
        this.state = state;
    }

    StepResult execute(StepLog.Running log) throws IOException, InterruptedException, BuildFailure {
        StepKey key = session.key(
                "workdir 3",
                state.lineage(),
                hash -> hash.add(state.workingDirectory())
                        .part(Inputs.Kind.USER)
                        .add(state.config().user()));
        return session.once(key, log, () -> make(key));
    }

    private StepLayer make(StepKey key) throws IOException {
        CopyPlan plan;
        try (RootTree root = session.openRoot(state.layers())) {
            plan = plan(root);
        }
        String created = session.now();
        var layer = session.commit(key, created, plan.remarks(), plan.entries(session::clamp), null);
        return StepLayer.made(layer, () -> session.unpack(layer.join()), created, plan.remarks(), key);
    }

    private CopyPlan plan(RootTree root) throws IOException {
        String path = root.resolve(state.workingDirectory());
        String user = state.config().user();
        List<Remark> remarks = new ArrayList<>();
        Owner owner = user == null || user.isEmpty()
                ? new Owner(0, 0)
                : Owner.parse("USER " + user, user, Accounts.of(root), remarks::add);
        Instant now = Instant.parse(session.now());
        List<CopyPlan.Planned> entries = new ArrayList<>();
        boolean anew = false;
        String parent = "";
        for (String part : path.split("/")) {
            parent = parent.isEmpty() ? part : parent + "/" + part;
            FileStatus status = root.status(parent);
            if (status != null && !status.isDirectory()) {
                throw new CopyException("WORKDIR " + workdir.path() + ": /" + FileName.display(parent)
                        + " is no directory in the image");
            }
            if (status == null && !part.isEmpty()) {
                anew = true;
                TarEntry entry = TarEntry.directory(parent, MODE)
                        .withOwner(owner.uid(), owner.gid())
                        .withMtime(now);
                entries.add(new CopyPlan.Planned(entry, CopyPlan.Content.NONE));
            } else if (status != null) {
                entries.add(new CopyPlan.Planned(existing(parent, status), CopyPlan.Content.NONE));
            }
        }
        return anew ? new CopyPlan(entries, remarks) : new CopyPlan(List.of(), List.of());
    }

    private static TarEntry existing(String path, FileStatus status) {
        return TarEntry.directory(path, status.permissions())
                .withOwner(status.uid(), status.gid())
                .withMtime(Instant.ofEpochSecond(status.mtimeSeconds(), status.mtimeNanos()));
    }
}
