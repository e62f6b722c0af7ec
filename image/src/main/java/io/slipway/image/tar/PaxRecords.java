package io.slipway.image.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of a pax extended header, {@code LENGTH KEY=VALUE\n} each (POSIX.1-2024 pax, "pax Extended Header"). Values
 * are bytes: xattrs are binary, and names need not be UTF-8.
 */
final class PaxRecords {
    static final String PATH = "path";
    static final String LINK_PATH = "linkpath";
    static final String SIZE = "size";
    static final String UID = "uid";
    static final String GID = "gid";
    static final String MTIME = "mtime";

    static final String SPARSE_MAJOR = "GNU.sparse.major";
    static final String SPARSE_MINOR = "GNU.sparse.minor";
    static final String SPARSE_NAME = "GNU.sparse.name";
    static final String SPARSE_SIZE = "GNU.sparse.size";
    static final String SPARSE_REAL_SIZE = "GNU.sparse.realsize";
    static final String SPARSE_MAP = "GNU.sparse.map";
    private static final String SPARSE_OFFSET = "GNU.sparse.offset";
    private static final String SPARSE_BYTES = "GNU.sparse.numbytes";

    private static final String XATTR = "SCHILY.xattr.";
    private static final String BASE64_XATTR = "LIBARCHIVE.xattr.";

    private final Map<String, byte[]> records;
    /** The position of the header that the records are from, for messages. */
    private final long position;

    private PaxRecords(Map<String, byte[]> records, long position) {
        this.records = records;
        this.position = position;
    }

    static PaxRecords none() {
        return new PaxRecords(new HashMap<>(), 0);
    }

    /**
     * Parses the data of an extended header. GNU's sparse format 0.0 repeats its keys; they are folded into one
     * {@link #SPARSE_MAP} record, as format 0.1 has it.
     */
    static PaxRecords parse(byte[] data, long position) throws TarException {
        Map<String, byte[]> records = new HashMap<>();
        StringBuilder sparse = new StringBuilder();
        boolean offsetPending = false;
        int at = 0;
        while (at < data.length) {
            int space = at;
            int length = 0;
            while (space < data.length && data[space] >= '0' && data[space] <= '9' && space - at < 9) {
                length = length * 10 + (data[space++] - '0');
            }
            int end = at + length;
            if (space == at || space >= data.length || data[space] != ' ' || end > data.length || end < space + 3) {
                throw malformed("a record's length is wrong", position);
            }
            int equals = space + 1;
            while (equals < end && data[equals] != '=') {
                equals++;
            }
            if (equals >= end - 1 || equals == space + 1 || data[end - 1] != '\n') {
                throw malformed("a record is not KEY=VALUE and a newline", position);
            }
            String key = FileName.decode(data, space + 1, equals - space - 1);
            byte[] value = Arrays.copyOfRange(data, equals + 1, end - 1);
            if (key.equals(SPARSE_OFFSET) || key.equals(SPARSE_BYTES)) {
                if (key.equals(SPARSE_OFFSET) == offsetPending) {
                    throw malformed("sparse offsets and lengths do not alternate", position);
                }
                offsetPending = !offsetPending;
                sparse.append(sparse.isEmpty() ? "" : ",").append(FileName.decode(value));
            } else {
                records.put(key, value);
            }
            at = end;
        }
        if (offsetPending) {
            throw malformed("a sparse offset has no length", position);
        }
        if (!sparse.isEmpty()) {
            records.put(SPARSE_MAP, sparse.toString().getBytes(StandardCharsets.ISO_8859_1));
        }
        return new PaxRecords(records, position);
    }

    /** These records, and for keys that they lack those of {@code defaults}. An empty value hides a default. */
    PaxRecords over(PaxRecords defaults) {
        if (defaults.records.isEmpty()) {
            return this;
        }
        Map<String, byte[]> merged = new HashMap<>(defaults.records);
        merged.putAll(records);
        return new PaxRecords(merged, position);
    }

    /** The keys' and values' size in bytes, roughly: what a limit is put on. */
    long weight() {
        return records.entrySet().stream()
                .mapToLong(r -> r.getKey().length() + r.getValue().length)
                .sum();
    }

    boolean has(String key) {
        return value(key) != null;
    }

    /** A record's bytes, or null if it is absent or empty: an empty value means "as if it were not there". */
    private byte @Nullable [] value(String key) {
        byte[] value = records.get(key);
        return value == null || value.length == 0 ? null : value;
    }

    /** A name, or {@code otherwise} without such a record. */
    String name(String key, String otherwise) throws TarException {
        byte[] value = value(key);
        if (value == null) {
            return otherwise;
        }
        for (byte b : value) {
            if (b == 0) {
                throw malformed(key + " has a NUL byte", position);
            }
        }
        return FileName.decode(value);
    }

    /** A whole number of at least 0, or {@code otherwise} without such a record. */
    long number(String key, long otherwise) throws TarException {
        byte[] value = value(key);
        return value == null ? otherwise : parseNumber(FileName.decode(value), key, position);
    }

    static long parseNumber(String digits, String what, long position) throws TarException {
        if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw malformed(what + " is not a number of at least 0", position);
        }
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw malformed(what + " is too large", position);
        }
    }

    /** Seconds since the epoch with a fraction, or {@code otherwise} without such a record. */
    Instant time(String key, Instant otherwise) throws TarException {
        byte[] value = value(key);
        return value == null ? otherwise : parseTime(FileName.decode(value), key);
    }

    private Instant parseTime(String text, String key) throws TarException {
        boolean negative = text.startsWith("-");
        String magnitude = negative ? text.substring(1) : text;
        int point = magnitude.indexOf('.');
        String whole = point < 0 ? magnitude : magnitude.substring(0, point);
        String fraction = point < 0 ? "" : magnitude.substring(point + 1);
        long seconds = whole.isEmpty() && !fraction.isEmpty() ? 0 : parseNumber(whole, key, position);
        // More than nine digits are finer than what file systems keep.
        String nanoDigits = fraction.length() > 9 ? fraction.substring(0, 9) : fraction;
        long nanos =
                nanoDigits.isEmpty() ? 0 : parseNumber(nanoDigits + "0".repeat(9 - nanoDigits.length()), key, position);
        try {
            return negative ? Instant.ofEpochSecond(-seconds, -nanos) : Instant.ofEpochSecond(seconds, nanos);
        } catch (DateTimeException | ArithmeticException e) {
            throw malformed(key + " is out of range", position);
        }
    }

    /** The extended attributes, from star's and GNU's records (raw bytes) and libarchive's (base 64). */
    SortedMap<String, byte[]> xattrs() throws TarException {
        SortedMap<String, byte[]> xattrs = new TreeMap<>();
        for (Map.Entry<String, byte[]> entry : records.entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(XATTR)) {
                xattrs.put(unescapeXattr(key.substring(XATTR.length())), entry.getValue());
            } else if (key.startsWith(BASE64_XATTR)) {
                // star's record of the same attribute wins: it is exact.
                xattrs.putIfAbsent(percentDecode(key.substring(BASE64_XATTR.length())), base64(entry.getValue(), key));
            }
        }
        for (Map.Entry<String, byte[]> entry : records.entrySet()) {
            if (entry.getKey().startsWith(XATTR)) {
                xattrs.put(unescapeXattr(entry.getKey().substring(XATTR.length())), entry.getValue());
            }
        }
        return xattrs;
    }

    private byte[] base64(byte[] value, String key) throws TarException {
        String digits = FileName.decode(value).strip();
        while (digits.endsWith("=")) {
            digits = digits.substring(0, digits.length() - 1);
        }
        try {
            return Base64.getDecoder().decode(digits);
        } catch (IllegalArgumentException e) {
            throw malformed(FileName.display(key) + " is not base 64", position);
        }
    }

    private static String percentDecode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] raw = FileName.encode(text);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == '%' && i + 2 < raw.length) {
                int high = Character.digit(raw[i + 1], 16);
                int low = Character.digit(raw[i + 2], 16);
                if (high >= 0 && low >= 0) {
                    bytes.write((high << 4) | low);
                    i += 2;
                    continue;
                }
            }
            bytes.write(raw[i]);
        }
        return FileName.decode(bytes.toByteArray());
    }

    /** The record key of an extended attribute; {@code =} would end the key, so it is escaped, as GNU tar does. */
    static String xattrKey(String xattr) {
        return XATTR + xattr.replace("%", "%25").replace("=", "%3D");
    }

    private static String unescapeXattr(String escaped) {
        return escaped.replace("%3D", "=").replace("%25", "%");
    }

    /** Formats records in the order of their keys: the same map is the same bytes. */
    static byte[] format(SortedMap<String, byte[]> records) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        records.forEach((name, value) -> {
            byte[] key = FileName.encode(name);
            // The length counts its own digits.
            int rest = key.length + value.length + 3;
            int length = rest + Integer.toString(rest).length();
            if (Integer.toString(length).length() + rest != length) {
                length++;
            }
            data.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
            data.writeBytes(key);
            data.write('=');
            data.writeBytes(value);
            data.write('\n');
        });
        return data.toByteArray();
    }

    /** Seconds with as many fractional digits as are needed. */
    static String formatTime(Instant time) {
        long seconds = time.getEpochSecond();
        int nanos = time.getNano();
        if (nanos == 0) {
            return Long.toString(seconds);
        }
        String sign = "";
        if (seconds < 0) {
            sign = "-";
            seconds = -(seconds + 1);
            nanos = 1_000_000_000 - nanos;
        }
        String fraction = "%09d".formatted(nanos);
        int end = fraction.length();
        while (fraction.charAt(end - 1) == '0') {
            end--;
        }
        return sign + seconds + "." + fraction.substring(0, end);
    }

    private static TarException malformed(String message, long position) {
        return TarException.malformed("Bad extended header: " + message, position);
    }
}
