package io.slipway.worker.cache;

import io.slipway.image.Digest;
import io.slipway.image.tar.FileName;
import io.slipway.protocol.ChangedInput;
import io.slipway.protocol.InputChange;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a step's result depends on, by name, as hashes of 64 bits: enough to say what differs, and nothing that a value could be read from.
 * Not thread-safe.
 */
public final class Inputs {
    private static final int MOST_FILES = 50_000;
    /** In characters: longer than any path. */
    private static final int LONGEST_NAME = 5000;

    /** What an input is. The order is that in which differences are told. */
    public enum Kind {
        INSTRUCTION("instruction"),
        VARIABLE("variable"),
        USER("user"),
        WORKING_DIRECTORY("working directory"),
        NETWORK("network"),
        HOSTNAME("hostname"),
        MOUNT("mount"),
        /** The files of another stage or of an image. */
        SOURCE("content of --from"),
        /** What is at an address, which may have a password in it; its number among those of the step. */
        ADDRESS("address"),
        EPOCH("source date epoch"),
        COMPRESSION("compression"),
        FILE("file"),
        /** Mode, owner and extended attributes of a file. */
        ATTRIBUTES("attributes of"),
        /** All files together, where there are too many. */
        FILES("files"),
        /** How Slipway itself makes such layers. */
        BUILDER("version of Slipway");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** As people are told it. */
        String words() {
            return words;
        }

        boolean isOfFile() {
            return this == FILE || this == ATTRIBUTES;
        }
    }

    /**
     * The name of an input.
     *
     * @param name empty for a kind of which a step has one
     */
    private record Name(Kind kind, String name) {
        Name of(Kind other) {
            return new Name(other, name);
        }

        ChangedInput changed(InputChange change) {
            return new ChangedInput(name.isEmpty() ? kind.words : kind.words + " " + FileName.display(name), change);
        }
    }

    private final Map<Name, Long> hashes = new LinkedHashMap<>();
    private final MessageDigest hash = Digest.sha256();
    private Name current = new Name(Kind.BUILDER, "");
    private int files;

    MessageDigest hash() {
        return hash;
    }

    void part(Kind kind, String name) {
        end();
        current = new Name(kind, name.length() <= LONGEST_NAME ? name : shortened(name));
    }

    private static String shortened(String name) {
        boolean half = Character.isHighSurrogate(name.charAt(LONGEST_NAME - 1));
        return name.substring(0, half ? LONGEST_NAME - 1 : LONGEST_NAME);
    }

    private void end() {
        long value = ByteBuffer.wrap(hash.digest()).getLong();
        if (current.kind().isOfFile() && files >= MOST_FILES) {
            add(new Name(Kind.FILES, ""), value);
            return;
        }
        add(current, value);
        if (current.kind() == Kind.FILE && ++files == MOST_FILES) {
            List<Map.Entry<Name, Long>> all = List.copyOf(hashes.entrySet());
            for (Map.Entry<Name, Long> input : all) {
                if (input.getKey().kind().isOfFile()) {
                    hashes.remove(input.getKey());
                    add(new Name(Kind.FILES, ""), input.getValue());
                }
            }
        }
    }

    /** An input may come in pieces. */
    private void add(Name name, long value) {
        hashes.merge(name, value, (one, other) -> one * 31 + other);
    }

    /** Ends the description. */
    public Inputs ended() {
        end();
        current = new Name(Kind.BUILDER, "");
        return this;
    }

    int size() {
        return hashes.size();
    }

    /** The hash of the instruction; 0 if there is none. */
    long instruction() {
        return hashes.getOrDefault(new Name(Kind.INSTRUCTION, ""), 0L);
    }

    /** Whether the instructions are the same, so that the rest can be compared. */
    boolean hasSameInstruction(Inputs other) {
        return instruction() == other.instruction();
    }

    /** Whether both are of the same kind of step, as this version of Slipway makes it. */
    boolean isOfSameKind(Inputs other) {
        return same(other, new Name(Kind.BUILDER, ""));
    }

    /** What differs from an earlier description of the same step. */
    List<ChangedInput> changesSince(Inputs earlier) {
        record Changed(Name name, InputChange change) {}
        List<Changed> changed = new ArrayList<>();
        hashes.forEach((name, value) -> {
            Long before = earlier.hashes.get(name);
            if (before == null) {
                changed.add(new Changed(name, InputChange.ADDED));
            } else if (!before.equals(value)) {
                changed.add(new Changed(name, InputChange.MODIFIED));
            }
        });
        earlier.hashes.keySet().stream()
                .filter(name -> !hashes.containsKey(name))
                .forEach(name -> changed.add(new Changed(name, InputChange.REMOVED)));
        List<ChangedInput> told = new ArrayList<>();
        changed.sort(Comparator.comparing(change -> change.name().kind()));
        for (Changed change : changed) {
            Name name = change.name();
            if (name.kind() != Kind.ATTRIBUTES) {
                told.add(name.changed(change.change()));
            } else if (same(earlier, name.of(Kind.FILE))) {
                told.add(name.of(Kind.FILE).changed(InputChange.ATTRIBUTES));
            }
        }
        return told;
    }

    private boolean same(Inputs earlier, Name name) {
        Long value = hashes.get(name);
        return value != null && value.equals(earlier.hashes.get(name));
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(hashes.size());
        for (Map.Entry<Name, Long> input : hashes.entrySet()) {
            byte[] name = FileName.encode(input.getKey().name());
            out.writeUTF(input.getKey().kind().name());
            out.writeShort(name.length);
            out.write(name);
            out.writeLong(input.getValue());
        }
    }

    static Inputs read(DataInputStream in) throws IOException {
        Inputs inputs = new Inputs();
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            Kind kind = Kind.valueOf(in.readUTF());
            byte[] name = new byte[in.readUnsignedShort()];
            in.readFully(name);
            inputs.hashes.put(new Name(kind, FileName.decode(name)), in.readLong());
        }
        return inputs;
    }
}
