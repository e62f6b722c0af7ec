package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.FileUploadException;
import org.apache.tomcat.util.http.fileupload.MultipartStream.MalformedStreamException;
import org.apache.tomcat.util.http.fileupload.UploadContext;
import org.apache.tomcat.util.http.fileupload.servlet.ServletRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart body as it comes: the parts {@code build} (options as JSON, optional) and {@code context} (the archive),
 * in any order. Tomcat's own reader of multipart streams is used, because the servlet API's {@code getParts} would store the
 * context once more.
 */
final class MultipartBody {
    private static final String BUILD = "build";
    private static final String CONTEXT = "context";

    private final @Nullable String registryConfig;
    private final ContextReceiver receiver;
    private @Nullable BuildOptions options;
    private @Nullable StoredContext context;

    private MultipartBody(@Nullable String registryConfig, ContextReceiver receiver) {
        this.registryConfig = registryConfig;
        this.receiver = receiver;
    }

    /** Takes the part {@code context}. */
    @FunctionalInterface
    interface ContextReceiver {
        /**
         * Reads the part to its end.
         *
         * @param part the bytes of the part
         * @param options the options, if they came before the context; else null
         */
        StoredContext receive(InputStream part, @Nullable BuildOptions options) throws IOException;
    }

    /** What came in the two parts. */
    record Parts(BuildOptions options, StoredContext context) {}

    /**
     * Reads the whole body. On any failure the context is removed.
     *
     * @param body the request's body, decoded if it came encoded
     * @param registryConfig value of the header {@code X-Registry-Config}, or null
     * @throws ProblemException if it is malformed, has other parts, or lacks the context
     */
    static Parts read(
            HttpServletRequest request, InputStream body, @Nullable String registryConfig, ContextReceiver receiver)
            throws IOException {
        MultipartBody parts = new MultipartBody(registryConfig, receiver);
        try {
            parts.readAll(new FileUpload().getItemIterator(new Decoded(request, body)));
            return parts.whole();
        } catch (FileUploadException | MalformedStreamException e) {
            parts.discard();
            throw malformed(e);
        } catch (IOException | RuntimeException e) {
            parts.discard();
            throw e;
        }
    }

    private void readAll(FileItemIterator parts) throws IOException, FileUploadException {
        while (parts.hasNext()) {
            FileItemStream part = parts.next();
            // Not closed when a part is refused: that would read the rest of it first, however much is still to come.
            InputStream content = part.openStream();
            readPart(part.getFieldName(), content);
            content.close();
        }
    }

    private void readPart(@Nullable String name, InputStream content) throws IOException {
        if (BUILD.equals(name) && options == null) {
            options = JsonBody.options(content, registryConfig);
        } else if (CONTEXT.equals(name) && context == null) {
            context = receiver.receive(content, options);
        } else {
            throw unexpected(name);
        }
    }

    private Parts whole() {
        if (context == null) {
            throw new ProblemException(ProblemType.REQUEST_INVALID, "The multipart body has no part context.")
                    .with("hint", "curl -F build=@build.json -F context=@context.tar");
        }
        return new Parts(options == null ? noOptions(registryConfig) : options, context);
    }

    private void discard() throws IOException {
        if (context != null) {
            context.close();
        }
    }

    private static BuildOptions noOptions(@Nullable String registryConfig) {
        return BuildOptions.fromQuery(null, registryConfig);
    }

    private static RuntimeException unexpected(@Nullable String name) {
        if (BUILD.equals(name) || CONTEXT.equals(name)) {
            return new ProblemException(
                    ProblemType.REQUEST_INVALID, "The multipart body has more than one part " + name + ".");
        }
        return OptionException.unknown("part", name == null ? "" : name, List.of(BUILD, CONTEXT));
    }

    private static ProblemException malformed(Exception cause) {
        ProblemException problem = new ProblemException(
                ProblemType.REQUEST_INVALID, "The multipart body is malformed: " + cause.getMessage());
        problem.initCause(cause);
        return problem;
    }

    /** The request's head with a body of our own. */
    private static final class Decoded implements UploadContext {
        private final ServletRequestContext head;
        private final InputStream body;

        Decoded(HttpServletRequest request, InputStream body) {
            this.head = new ServletRequestContext(request);
            this.body = body;
        }

        @Override
        public @Nullable String getCharacterEncoding() {
            return head.getCharacterEncoding();
        }

        @Override
        public @Nullable String getContentType() {
            return head.getContentType();
        }

        @Override
        public long contentLength() {
            return head.contentLength();
        }

        @Override
        public InputStream getInputStream() {
            return body;
        }
    }
}
