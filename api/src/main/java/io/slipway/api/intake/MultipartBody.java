package io.slipway.api.intake;

import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextNames;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.dockerfile.source.DockerfileException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.FileUploadException;
import org.apache.tomcat.util.http.fileupload.MultipartStream.MalformedStreamException;
import org.apache.tomcat.util.http.fileupload.UploadContext;
import org.apache.tomcat.util.http.fileupload.servlet.ServletRequestContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads a multipart body as it comes: the parts {@code build} (options as JSON, optional), {@code context} (the archive),
 * {@code context.NAME} (archives of named contexts) and {@code dockerfile} (its text, if it is not in the context), in any order. Tomcat's own reader of multipart streams is used, because the servlet API's {@code getParts} would store the
 * context once more.
 */
final class MultipartBody {
    private static final String BUILD = "build";
    private static final String CONTEXT = "context";
    private static final String NAMED = CONTEXT + ".";
    private static final String DOCKERFILE = "dockerfile";

    private final @Nullable String registryConfig;
    private final ContextReceiver receiver;
    private @Nullable BuildOptions options;
    private @Nullable StoredContext context;
    private @Nullable String dockerfile;
    private final Map<String, StoredContext> named = new LinkedHashMap<>();
    private final int mostDockerfileBytes;

    private MultipartBody(@Nullable String registryConfig, int mostDockerfileBytes, ContextReceiver receiver) {
        this.mostDockerfileBytes = mostDockerfileBytes;
        this.registryConfig = registryConfig;
        this.receiver = receiver;
    }

    /** Takes the parts with contexts. */
    @FunctionalInterface
    interface ContextReceiver {
        /**
         * Reads the part to its end.
         *
         * @param part the bytes of the part
         * @param options the options, if they came before the context; else null
         * @param number of a named context, from 0; null for the build's own
         */
        StoredContext receive(InputStream part, @Nullable BuildOptions options, @Nullable Integer number)
                throws IOException;
    }

    /** What came in the parts. */
    record Parts(BuildOptions options, RequestContexts contexts) {}

    /**
     * Reads the whole body. On any failure the contexts are removed.
     *
     * @param body the request's body, decoded if it came encoded
     * @param registryConfig value of the header {@code X-Registry-Config}, or null
     * @param mostDockerfileBytes the most bytes of a Dockerfile
     * @throws ProblemException if it is malformed, has other parts, or lacks the context
     */
    static Parts read(
            HttpServletRequest request,
            InputStream body,
            @Nullable String registryConfig,
            int mostDockerfileBytes,
            ContextReceiver receiver)
            throws IOException {
        MultipartBody parts = new MultipartBody(registryConfig, mostDockerfileBytes, receiver);
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
            context = receiver.receive(content, options, null);
        } else if (DOCKERFILE.equals(name) && dockerfile == null) {
            dockerfile = text(content);
        } else if (name != null && name.startsWith(NAMED)) {
            readNamed(ContextNames.shortForm(name.substring(NAMED.length())), content);
        } else {
            throw unexpected(name);
        }
    }

    private void readNamed(String name, InputStream content) throws IOException {
        if (named.containsKey(name)) {
            throw more(NAMED + name);
        }
        if (named.size() == ContextNames.MOST) {
            throw new ProblemException(
                    ProblemType.REQUEST_INVALID,
                    "The multipart body has more than " + ContextNames.MOST + " named contexts.");
        }
        try {
            named.put(name, receiver.receive(content, options, named.size()));
        } catch (ProblemException e) {
            throw e.about(NAMED + name).with("parameter", NAMED + name);
        }
    }

    private String text(InputStream content) throws IOException {
        byte[] bytes = content.readNBytes(mostDockerfileBytes + 1);
        if (bytes.length > mostDockerfileBytes) {
            throw IntakeProblems.of(
                    DockerfileException.nowhere("it is larger than " + mostDockerfileBytes + " bytes", null),
                    "Dockerfile");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw IntakeProblems.of(DockerfileException.nowhere("it is not UTF-8", "save it as UTF-8"), "Dockerfile");
        }
    }

    private Parts whole() {
        if (context == null) {
            throw new ProblemException(ProblemType.REQUEST_INVALID, "The multipart body has no part context.")
                    .with("hint", "curl -F build=@build.json -F context=@context.tar");
        }
        RequestContexts contexts = new RequestContexts(context);
        named.forEach(contexts::add);
        return new Parts(optionsWithDockerfile(), contexts);
    }

    private BuildOptions optionsWithDockerfile() {
        BuildOptions given = options == null ? noOptions(registryConfig) : options;
        if (dockerfile == null) {
            return given;
        }
        if (given.dockerfile() != null || given.dockerfileInline() != null) {
            throw new OptionException(
                    given.dockerfile() == null ? "dockerfileInline" : "dockerfile",
                    "the Dockerfile is given twice: in the options and as the part dockerfile",
                    "leave one of them out");
        }
        return given.withDockerfileInline(dockerfile);
    }

    private void discard() throws IOException {
        if (context != null) {
            context.close();
        }
        for (StoredContext other : named.values()) {
            other.close();
        }
    }

    private static BuildOptions noOptions(@Nullable String registryConfig) {
        return BuildOptions.fromQuery(null, registryConfig);
    }

    private static RuntimeException unexpected(@Nullable String name) {
        if (name != null && (BUILD.equals(name) || CONTEXT.equals(name) || DOCKERFILE.equals(name))) {
            return more(name);
        }
        return OptionException.unknown(
                "part", name == null ? "" : name, List.of(BUILD, CONTEXT, DOCKERFILE, NAMED + "NAME"));
    }

    private static ProblemException more(String name) {
        return new ProblemException(
                ProblemType.REQUEST_INVALID, "The multipart body has more than one part " + name + ".");
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
