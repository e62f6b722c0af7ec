package io.slipway.remote.http;

import io.slipway.image.Digest;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way: its size is held to the limit and to what was announced, its checksum to what was asked for, and why it
 * could not be read is remembered, since the network is to blame then, not the content. Not thread-safe.
 */
final class Download extends FilterInputStream {
    private final String url;
    private final long announced;
    private final long most;
    private final @Nullable String checksum;
    private final MessageDigest hash = Digest.sha256();
    private long count;
    private boolean ended;
    private @Nullable IOException failure;

    /**
     * @param url for messages
     * @param announced the size that the server announced, or -1
     * @param most the most bytes to take
     * @param checksum the SHA-256 that the whole must have, or null
     */
    Download(InputStream body, String url, long announced, long most, @Nullable String checksum) {
        super(body);
        this.url = url;
        this.announced = announced;
        this.most = most;
        this.checksum = checksum;
        if (announced > most) {
            throw tooLarge();
        }
    }

    /** Why the body could not be read, or null. */
    @Nullable
    IOException failure() {
        return failure;
    }

    /** Reads what is left, so that size and checksum are known to be right. */
    void finish() throws IOException {
        transferTo(OutputStream.nullOutputStream());
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (ended) {
            return -1;
        }
        int read;
        try {
            read = super.read(bytes, offset, length);
            // The JDK takes a connection that is closed early for the end of the body.
            if (read < 0 && announced >= 0 && count < announced) {
                throw new IOException("it ended after " + count + " of " + announced + " bytes");
            }
        } catch (IOException e) {
            failure = e;
            throw e;
        }
        if (read < 0) {
            ended = true;
            verify();
            return -1;
        }
        hash.update(bytes, offset, read);
        count += read;
        if (count > most) {
            throw tooLarge();
        }
        return read;
    }

    private void verify() {
        if (checksum == null) {
            return;
        }
        String actual = HexFormat.of().formatHex(hash.digest());
        if (!actual.equals(checksum)) {
            throw new SourceException(
                    Kind.INVALID, "what is at " + url + " has the SHA-256 " + actual + ", not " + checksum, null);
        }
    }

    private SourceException tooLarge() {
        return new SourceException(Kind.TOO_LARGE, url + " has more than " + most + " bytes", null);
    }
}
