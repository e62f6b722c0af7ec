package io.slipway.worker.cache;

import io.slipway.image.Digest;
import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.ChangedInput;
import io.slipway.protocol.InputChange;
import io.slipway.protocol.MissReason;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of one tenant that were done before depended on: so that a later miss can be explained. They are found by what the
 * instruction says, wherever it stands, since steps move when others are added; and by their place in the Dockerfile, since instructions are
 * edited. Of each the last few are kept: for branches that are built in turn, and for projects with several Dockerfiles
 * of one name. Thread-safe.
 */
public final class StepHistory {
    private static final int SLOTS = 12;
    /** Of a step that depends on more than this, such as a COPY of a large tree, only the last is kept: reading several would cost more than they tell. */
    private static final int MANY_INPUTS = 2000;

    private static final int FORMAT = 1;

    private final Path directory;
    private final Supplier<Path> unfinished;

    /**
     * The history of a tenant: a project, or a scope of it.
     *
     * @param root the directory of all tenants' histories
     * @param unfinished gives new paths on the same file system, where records lie until they are whole
     */
    public StepHistory(Path root, String tenant, Supplier<Path> unfinished) {
        this.directory = root.resolve(tenant);
        this.unfinished = unfinished;
    }

    /**
     * A step that is done because it was not found.
     *
     * @param inputs what it depends on beside the content below
     * @param base the content of the base image of its stage
     */
    public record Done(Inputs inputs, Digest base) {}

    /**
     * The explanation of a miss.
     *
     * @param slots where {@link #keep} puts the step, instead of what is least needed there
     */
    public record Explained(CacheMiss miss, Slots slots) {
        /** The same, if something else is to be told. */
        public Explained as(CacheMiss other) {
            return new Explained(other, slots);
        }
    }

    /**
     * Two of the few that are kept.
     *
     * @param place of those of the same place
     * @param instruction of those of the same instruction
     */
    public record Slots(int place, int instruction) {}

    private record Earlier(int slot, Digest base, Digest lineage, Inputs inputs, List<ChangedInput> changes) {
        boolean hasSameInstruction(Inputs now) {
            return inputs.hasSameInstruction(now);
        }
    }

    /**
     * Explains a miss.
     *
     * @param lineage the content below where that is known without waiting, else null
     */
    public Explained explain(Digest place, Done done, @Nullable Digest lineage) throws IOException {
        List<Earlier> atPlace = earlier(place, done.inputs());
        List<Earlier> ofInstruction = earlier(instruction(done.inputs()), done.inputs());
        Slots slots = new Slots(
                slot(place, atPlace, done.inputs()), slot(instruction(done.inputs()), ofInstruction, done.inputs()));
        CacheMiss miss = Stream.concat(atPlace.stream(), ofInstruction.stream())
                .min(Comparator.comparing((Earlier one) -> !one.hasSameInstruction(done.inputs()))
                        .thenComparingInt(one -> one.changes().size()))
                .map(nearest -> miss(nearest, done, lineage))
                .orElseGet(() -> CacheMiss.of(MissReason.FIRST));
        return new Explained(miss, slots);
    }

    /** What the steps of an instruction are found by: a hash, as all that is kept of it. */
    private static Digest instruction(Inputs inputs) {
        return new KeyHash("instruction")
                .add(Long.toHexString(inputs.instruction()))
                .digest();
    }

    private List<Earlier> earlier(Digest place, Inputs now) throws IOException {
        List<Earlier> earlier = new ArrayList<>();
        for (int slot = 0; slot < slots(now); slot++) {
            Earlier found = read(place, slot, now);
            if (found != null) {
                earlier.add(found);
            }
        }
        return earlier;
    }

    private static int slots(Inputs inputs) {
        return inputs.size() > MANY_INPUTS ? 1 : SLOTS;
    }

    /** That of the same step, else one that is free, else the oldest. */
    private int slot(Digest place, List<Earlier> earlier, Inputs now) throws IOException {
        for (Earlier one : earlier) {
            if (one.changes().isEmpty()) {
                return one.slot();
            }
        }
        for (int slot = 0; slot < slots(now); slot++) {
            int free = slot;
            if (earlier.stream().noneMatch(one -> one.slot() == free)) {
                return free;
            }
        }
        return oldest(place, slots(now));
    }

    private static CacheMiss miss(Earlier earlier, Done done, @Nullable Digest lineage) {
        List<ChangedInput> changes = new ArrayList<>(
                earlier.hasSameInstruction(done.inputs()) || earlier.inputs().isOfSameKind(done.inputs())
                        ? earlier.changes()
                        // Another kind of step: nothing else can be compared.
                        : List.of(new ChangedInput(Inputs.Kind.INSTRUCTION.words(), InputChange.MODIFIED)));
        boolean sameInputs = changes.isEmpty();
        if (!earlier.base().equals(done.base())) {
            changes.add(new ChangedInput("base image", InputChange.MODIFIED));
        } else if (sameInputs && lineage != null && !lineage.equals(earlier.lineage())) {
            changes.add(new ChangedInput("layers below", InputChange.MODIFIED));
        }
        if (changes.isEmpty()) {
            return CacheMiss.of(MissReason.COLLECTED);
        }
        int told = Math.min(changes.size(), CacheMiss.MOST_INPUTS);
        return new CacheMiss(
                sameInputs ? MissReason.CONTENT_BELOW : MissReason.CHANGED,
                changes.subList(0, told),
                changes.size() - told);
    }

    /** Keeps what a step depended on, once its result is in the cache. */
    public void keep(Digest place, Slots slots, Done done, Digest lineage) throws IOException {
        Path record = unfinished.get();
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream out =
                new DataOutputStream(new DeflaterOutputStream(Files.newOutputStream(record), deflater, 8192))) {
            out.writeByte(FORMAT);
            out.writeUTF(done.base().toString());
            out.writeUTF(lineage.toString());
            done.inputs().write(out);
        } finally {
            deflater.end();
        }
        // One file with two names, of which either may go first.
        Path second = unfinished.get();
        Files.createLink(second, record);
        RecordFile.move(record, file(place, slots.place()));
        RecordFile.move(second, file(instruction(done.inputs()), slots.instruction()));
    }

    private @Nullable Earlier read(Digest place, int slot, Inputs now) throws IOException {
        try (DataInputStream in =
                new DataInputStream(new InflaterInputStream(Files.newInputStream(file(place, slot))))) {
            if (in.readByte() != FORMAT) {
                return null;
            }
            Digest base = Digest.parse(in.readUTF());
            Digest lineage = Digest.parse(in.readUTF());
            Inputs inputs = Inputs.read(in);
            return new Earlier(slot, base, lineage, inputs, now.changesSince(inputs));
        } catch (NoSuchFileException e) {
            return null;
        } catch (EOFException | ZipException e) {
            // Left half written by a power cut: as if it were not there.
            return null;
        }
    }

    private int oldest(Digest place, int slots) throws IOException {
        int oldest = 0;
        for (int slot = 1; slot < slots; slot++) {
            if (Files.getLastModifiedTime(file(place, slot)).compareTo(Files.getLastModifiedTime(file(place, oldest)))
                    < 0) {
                oldest = slot;
            }
        }
        return oldest;
    }

    private Path file(Digest place, int slot) {
        return directory.resolve(place.hex().substring(0, 2)).resolve(place.hex() + "." + slot);
    }
}
