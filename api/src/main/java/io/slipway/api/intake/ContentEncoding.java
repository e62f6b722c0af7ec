package io.slipway.api.intake;

import com.github.luben.zstd.ZstdInputStream;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The header {@code Content-Encoding} of a request (RFC 9110, section 8.4). */
final class ContentEncoding {
    private ContentEncoding() {}

    /**
     * The body without its encoding.
     *
     * @throws ProblemException {@link ProblemType#MEDIA_TYPE_UNSUPPORTED} for others than gzip, zstd and identity
     */
    static InputStream decoded(HttpServletRequest request, InputStream body) throws IOException {
        String header = request.getHeader("Content-Encoding");
        String encoding = header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "identity", "" -> body;
            case "gzip", "x-gzip" -> gzip(body);
            case "zstd" -> new ZstdInputStream(body).setContinuous(false);
            default ->
                throw new ProblemException(
                                ProblemType.MEDIA_TYPE_UNSUPPORTED,
                                "The Content-Encoding of a build must be gzip or zstd.")
                        .with("hint", "other compressions of the archive are recognised without the header");
        };
    }

    private static InputStream gzip(InputStream body) throws IOException {
        try {
            return new GZIPInputStream(body, 64 * 1024);
        } catch (ZipException e) {
            throw new ProblemException(
                    ProblemType.CONTEXT_INVALID, "The body is not gzip, although its Content-Encoding says so.");
        }
    }
}
