package io.slipway.api.intake;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.protocol.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** The header {@code Content-Encoding} of a request (RFC 9110, section 8.4). */
final class ContentEncoding {
    private static final int BUFFER_BYTES = 64 * 1024;

    private ContentEncoding() {}

    /**
     * The body without its encoding.
     *
     * @throws ProblemException {@link ProblemType#MEDIA_TYPE_UNSUPPORTED} for others than gzip, zstd and identity
     */
    static InputStream decoded(HttpServletRequest request, BodyStream body) throws IOException {
        String header = request.getHeader("Content-Encoding");
        String encoding = header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
        try {
            return switch (encoding) {
                case "identity", "" -> body;
                case "gzip", "x-gzip" -> new Decoded(new GZIPInputStream(body, BUFFER_BYTES), body);
                case "zstd" -> new Decoded(new ZstdInputStreamNoFinalizer(body), body);
                default ->
                    throw new ProblemException(
                                    ProblemType.MEDIA_TYPE_UNSUPPORTED,
                                    "The Content-Encoding of a build must be gzip or zstd.")
                            .with("hint", "other compressions of the archive are recognised without the header");
            };
        } catch (IOException e) {
            throw broken(e, body);
        }
    }

    private static ProblemException broken(IOException e, BodyStream body) throws IOException {
        if (body.isBroken()) {
            throw e;
        }
        ProblemException problem = new ProblemException(
                ProblemType.CONTEXT_INVALID,
                "The body cannot be decoded as its header Content-Encoding asks for: " + e.getMessage() + ".");
        problem.initCause(e);
        return problem.with("code", ErrorCode.CONTEXT_INVALID.wireName())
                .with("hint", "leave the header out: a compressed archive is recognised without it");
    }

    /** Tells data that is broken from a connection that is. */
    private static final class Decoded extends FilterInputStream {
        private final BodyStream body;

        Decoded(InputStream decoded, BodyStream body) {
            super(decoded);
            this.body = body;
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                throw broken(e, body);
            }
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (IOException e) {
                throw broken(e, body);
            }
        }
    }
}
