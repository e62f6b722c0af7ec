package io.slipway.image.tar;

import io.slipway.image.tar.HeaderBlock.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The maps of sparse files in their four encodings (GNU tar manual, "Storing Sparse Files"): collected segment by
 * segment, then checked once.
 */
final class SparseMap {
    /** More than any file that is worth storing sparse; 64 Ki segments are 2 MiB of memory. */
    private static final int MAX_SEGMENTS = 1 << 16;

    private static final Field IS_EXTENDED = new Field(482, 1);
    private static final int HEADER_SEGMENTS_OFFSET = 386;
    private static final int HEADER_SEGMENTS = 4;
    private static final int EXTENSION_SEGMENTS = 21;
    private static final int EXTENSION_IS_EXTENDED = 504;
    static final Field REAL_SIZE = new Field(483, 12);

    private final List<SparseSegment> segments = new ArrayList<>();
    private final long position;

    /** @param position of the entry's header, for messages */
    SparseMap(long position) {
        this.position = position;
    }

    private void add(long offset, long length) throws TarException {
        if (segments.size() == MAX_SEGMENTS) {
            throw TarException.malformed(
                    "The sparse file has more than " + MAX_SEGMENTS + " segments of data", position);
        }
        segments.add(new SparseSegment(offset, length));
    }

    /** Adds the segments of an old GNU header and says whether extension blocks follow. */
    boolean addOldHeader(HeaderBlock header) throws TarException {
        addTable(header, HEADER_SEGMENTS_OFFSET, HEADER_SEGMENTS);
        return header.bytes()[IS_EXTENDED.offset()] != 0;
    }

    /** Adds the segments of an extension block and says whether another follows. */
    boolean addOldExtension(HeaderBlock block) throws TarException {
        addTable(block, 0, EXTENSION_SEGMENTS);
        return block.bytes()[EXTENSION_IS_EXTENDED] != 0;
    }

    private void addTable(HeaderBlock block, int start, int count) throws TarException {
        for (int i = 0; i < count; i++) {
            int at = start + i * 24;
            if (block.bytes()[at] == 0) {
                return;
            }
            add(
                    block.number(new Field(at, 12), "sparse offset"),
                    block.number(new Field(at + 12, 12), "sparse length"));
        }
    }

    /** Adds the segments of a 0.1 record: {@code offset,length,offset,length…}. */
    void addList(String commaSeparated) throws TarException {
        int at = 0;
        while (at < commaSeparated.length()) {
            int middle = commaSeparated.indexOf(',', at);
            if (middle < 0) {
                throw TarException.malformed("The sparse map has an offset without a length", position);
            }
            int end = commaSeparated.indexOf(',', middle + 1);
            end = end < 0 ? commaSeparated.length() : end;
            add(
                    PaxRecords.parseNumber(commaSeparated.substring(at, middle), "sparse offset", position),
                    PaxRecords.parseNumber(commaSeparated.substring(middle + 1, end), "sparse length", position));
            at = end + 1;
        }
    }

    /** Where the numbers of a 1.0 map come from, one line each. */
    interface NumberLines {
        long next() throws IOException;
    }

    /** Adds the segments of a 1.0 map: their count, then offset and length of each. */
    void addLines(NumberLines lines) throws IOException {
        long count = lines.next();
        for (long i = 0; i < count; i++) {
            add(lines.next(), lines.next());
        }
    }

    /**
     * The checked map.
     *
     * @param realSize the file's size with its holes
     * @param packedSize how many bytes of data the archive has
     */
    List<SparseSegment> toSegments(long realSize, long packedSize) throws TarException {
        long end = 0;
        long total = 0;
        List<SparseSegment> withData = new ArrayList<>(segments.size());
        for (SparseSegment segment : segments) {
            if (segment.offset() < end
                    || segment.length() < 0
                    || segment.offset() > realSize
                    || segment.length() > realSize - segment.offset()) {
                throw TarException.malformed("The sparse map is out of order or beyond the file's end", position);
            }
            end = segment.end();
            total += segment.length();
            if (segment.length() > 0) {
                withData.add(segment);
            }
        }
        if (total != packedSize) {
            throw TarException.malformed(
                    "The sparse map speaks of %d bytes of data, the entry has %d".formatted(total, packedSize),
                    position);
        }
        return withData;
    }
}
