package io.slipway.worker.sandbox;

import io.slipway.image.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the kernel tells programs of one architecture: by the beginning of the ELF header (System V ABI, chapter 4, "ELF header").
 *
 * @param emulator how QEMU calls the architecture
 * @param bits 32 or 64
 * @param order the order of bytes
 * @param machine {@code e_machine}
 */
record ForeignBinary(String emulator, int bits, ByteOrder order, int machine) {
    private static final int HEADER_BYTES = 20;
    private static final int CLASS = 4;
    private static final int DATA = 5;
    private static final int VERSION = 6;
    private static final int OS_ABI = 7;
    private static final int TYPE = 16;
    private static final int MACHINE = 18;
    private static final short EXECUTABLE = 2;
    /** Lets position-independent programs pass, whose type is 3. */
    private static final short ANY_TYPE = (short) 0xfffe;

    private static final Map<String, ForeignBinary> BY_ARCHITECTURE = Map.ofEntries(
            little("386", "i386", 32, 0x03),
            little("amd64", "x86_64", 64, 0x3e),
            little("arm", "arm", 32, 0x28),
            little("arm64", "aarch64", 64, 0xb7),
            little("loong64", "loongarch64", 64, 0x102),
            Map.entry("mips64", new ForeignBinary("mips64", 64, ByteOrder.BIG_ENDIAN, 0x08)),
            little("mips64le", "mips64el", 64, 0x08),
            little("ppc64le", "ppc64le", 64, 0x15),
            little("riscv64", "riscv64", 64, 0xf3),
            Map.entry("s390x", new ForeignBinary("s390x", 64, ByteOrder.BIG_ENDIAN, 0x16)));

    private static Map.Entry<String, ForeignBinary> little(
            String architecture, String emulator, int bits, int machine) {
        return Map.entry(architecture, new ForeignBinary(emulator, bits, ByteOrder.LITTLE_ENDIAN, machine));
    }

    /** The programs of a platform, or null if none is known that could run them. */
    static @Nullable ForeignBinary of(Platform platform) {
        return platform.os().equals("linux") ? BY_ARCHITECTURE.get(platform.architecture()) : null;
    }

    /** The line that makes an interpreter of such programs known (Linux, Documentation/admin-guide/binfmt-misc.rst). */
    String registration(String interpreter) {
        // P: argv[0] stays; O, C: the program is opened and its owner counts, for setuid; F: the interpreter is opened
        // now, on this side of
        // the container's root.
        return ":" + emulator + ":M::" + escaped(header(EXECUTABLE)) + ":" + escaped(mask()) + ":" + interpreter
                + ":POCF";
    }

    /** The beginning of a program that does nothing: a kernel that cannot run its kind says so, whatever follows. */
    byte[] stub() {
        return ByteBuffer.allocate(64).put(header(EXECUTABLE)).array();
    }

    private byte[] header(short type) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(order);
        header.put(new byte[] {0x7f, 'E', 'L', 'F'});
        header.put(CLASS, (byte) (bits == 64 ? 2 : 1));
        header.put(DATA, (byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2));
        header.put(VERSION, (byte) 1);
        header.putShort(TYPE, type);
        header.putShort(MACHINE, (short) machine);
        return header.array();
    }

    private byte[] mask() {
        ByteBuffer mask = ByteBuffer.allocate(HEADER_BYTES).order(order);
        for (int i = 0; i < OS_ABI; i++) {
            mask.put(i, (byte) 0xff);
        }
        mask.putShort(TYPE, ANY_TYPE);
        mask.putShort(MACHINE, (short) 0xffff);
        return mask.array();
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) {
            text.append("\\x%02x".formatted(b & 0xff));
        }
        return text.toString();
    }
}
