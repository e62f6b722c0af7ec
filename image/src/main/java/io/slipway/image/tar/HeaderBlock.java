package io.slipway.image.tar;

import java.util.Arrays;

/**
 * The fields of one 512-byte header block (POSIX.1-2024 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar
 * Format"), read from a block or written into one.
 */
final class HeaderBlock {
    static final int SIZE = 512;

    /** Where a field is: its first byte and its length. */
    record Field(int offset, int length) {}

    static final Field NAME = new Field(0, 100);
    static final Field MODE = new Field(100, 8);
    static final Field UID = new Field(108, 8);
    static final Field GID = new Field(116, 8);
    static final Field FILE_SIZE = new Field(124, 12);
    static final Field MTIME = new Field(136, 12);
    static final Field CHECKSUM = new Field(148, 8);
    static final int TYPE = 156;
    static final Field LINK_NAME = new Field(157, 100);
    static final Field MAGIC = new Field(257, 8);
    static final Field DEVICE_MAJOR = new Field(329, 8);
    static final Field DEVICE_MINOR = new Field(337, 8);
    static final Field PREFIX = new Field(345, 155);
    /** The prefix of "star" archives, which put times behind it and "tar" at the block's end. */
    private static final Field STAR_PREFIX = new Field(345, 131);

    private static final Field STAR_TRAILER = new Field(508, 4);

    static final byte[] USTAR = {'u', 's', 't', 'a', 'r', 0, '0', '0'};

    private final byte[] block;
    private final long position;

    /**
     * @param block 512 bytes; not copied
     * @param position where the block is in the archive, for messages
     */
    HeaderBlock(byte[] block, long position) {
        this.block = block;
        this.position = position;
    }

    byte[] bytes() {
        return block;
    }

    long position() {
        return position;
    }

    boolean isZero() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the checksum is right. Old writers summed signed bytes: both sums are accepted, as everywhere. */
    boolean checksumMatches() {
        long stated;
        try {
            stated = number(CHECKSUM, "checksum");
        } catch (TarException e) {
            return false;
        }
        return stated == checksum(0xff) || stated == checksum(-1);
    }

    /** The sum of the bytes, each widened and masked with {@code mask}, the checksum field taken as spaces. */
    private long checksum(int mask) {
        long sum = 0;
        for (int i = 0; i < SIZE; i++) {
            boolean inChecksum = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length;
            sum += inChecksum ? ' ' : (block[i] & mask);
        }
        return sum;
    }

    char type() {
        return (char) (block[TYPE] & 0xff);
    }

    /** Whether this is POSIX's format, in which {@link #PREFIX} belongs to the name; GNU's has other things there. */
    private boolean isUstar() {
        return Arrays.equals(block, MAGIC.offset, MAGIC.offset + 6, USTAR, 0, 6);
    }

    /** The name, with the prefix where the format has one. */
    String name() {
        String name = string(NAME);
        if (!isUstar()) {
            return name;
        }
        boolean star = string(STAR_TRAILER).startsWith("tar");
        String prefix = string(star ? STAR_PREFIX : PREFIX);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** A field's bytes up to the first NUL. */
    String string(Field field) {
        int length = 0;
        while (length < field.length && block[field.offset + length] != 0) {
            length++;
        }
        return FileName.decode(block, field.offset, length);
    }

    /**
     * A number: octal digits, or big-endian two's complement behind a byte of 0x80 or 0xff (GNU's "base-256"). An empty
     * field is 0.
     *
     * @throws TarException if it is neither, or does not fit 64 bits
     */
    long number(Field field, String what) throws TarException {
        int first = block[field.offset] & 0xff;
        return (first & 0x80) != 0 ? base256(field, what) : octal(field, what);
    }

    private long base256(Field field, String what) throws TarException {
        boolean negative = (block[field.offset] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < field.length; i++) {
            int b = block[field.offset + i] & 0xff;
            if (i == 0) {
                b = negative ? b : b & 0x7f;
            }
            if (value >> 55 != (negative ? -1 : 0)) {
                throw TarException.malformed("The " + what + " is out of range", position);
            }
            value = (value << 8) | b;
        }
        return value;
    }

    private long octal(Field field, String what) throws TarException {
        int start = field.offset;
        int end = field.offset + field.length;
        while (start < end && isBlank(block[start])) {
            start++;
        }
        while (end > start && isBlank(block[end - 1])) {
            end--;
        }
        long value = 0;
        for (int i = start; i < end; i++) {
            int digit = block[i] - '0';
            if (digit < 0 || digit > 7) {
                // Some writers end a number with NUL and leave rubbish behind it.
                if (block[i] == 0) {
                    break;
                }
                throw TarException.malformed("The " + what + " is not a number", position);
            }
            value = (value << 3) | digit;
        }
        return value;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == 0;
    }

    void putBytes(Field field, byte[] value) {
        System.arraycopy(value, 0, block, field.offset, value.length);
    }

    /** Writes octal digits and a NUL; {@code value} must fit, see {@link #fits}. */
    void putNumber(Field field, long value) {
        long rest = value;
        for (int i = field.offset + field.length - 2; i >= field.offset; i--) {
            block[i] = (byte) ('0' + (rest & 7));
            rest >>= 3;
        }
    }

    /** Whether a number can be written with {@link #putNumber}. */
    static boolean fits(Field field, long value) {
        return value >= 0 && value < 1L << (3 * (field.length - 1));
    }

    /** Fills in the checksum: six octal digits, NUL, space. */
    void putChecksum() {
        putNumber(new Field(CHECKSUM.offset, CHECKSUM.length - 1), checksum(0xff));
        block[CHECKSUM.offset + CHECKSUM.length - 1] = ' ';
    }
}
