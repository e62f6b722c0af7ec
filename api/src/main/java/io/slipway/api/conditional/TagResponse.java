package io.slipway.api.conditional;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** The answer to a {@link TagRequest}, which nobody gets: of all that is said only the entity tag is kept. */
final class TagResponse extends HttpServletResponseWrapper {
    private @Nullable String tag;
    private int status = SC_OK;

    /** @param untouched the answer to the request that changes something; nothing of it is changed */
    TagResponse(HttpServletResponse untouched) {
        super(untouched);
    }

    @Nullable
    String tag() {
        return tag;
    }

    @Override
    public void setHeader(String name, @Nullable String value) {
        if (name.equalsIgnoreCase(HttpHeaders.ETAG)) {
            tag = value;
        }
    }

    @Override
    public void addHeader(String name, @Nullable String value) {
        setHeader(name, value);
    }

    @Override
    public void setStatus(int code) {
        status = code;
    }

    @Override
    public int getStatus() {
        return status;
    }

    @Override
    public ServletOutputStream getOutputStream() {
        return new ServletOutputStream() {
            @Override
            public void write(int value) {
                // Nobody reads it.
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                // Nobody reads it.
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {
                throw new IllegalStateException("what has an entity tag is not streamed");
            }
        };
    }

    @Override
    public PrintWriter getWriter() {
        return new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    }

    @Override
    public void flushBuffer() {
        // Nothing goes out.
    }

    @Override
    public boolean isCommitted() {
        return false;
    }

    @Override
    public void setContentType(@Nullable String type) {
        // Nobody reads it.
    }

    @Override
    public void setCharacterEncoding(@Nullable String encoding) {
        // Nobody reads it.
    }

    @Override
    public void setContentLength(int length) {
        // Nobody reads it.
    }

    @Override
    public void setContentLengthLong(long length) {
        // Nobody reads it.
    }

    @Override
    public void setIntHeader(String name, int value) {
        // Nobody reads it.
    }

    @Override
    public void addIntHeader(String name, int value) {
        // Nobody reads it.
    }

    @Override
    public void setDateHeader(String name, long date) {
        // Nobody reads it.
    }

    @Override
    public void addDateHeader(String name, long date) {
        // Nobody reads it.
    }

    @Override
    public void sendError(int code) {
        status = code;
    }

    @Override
    public void sendError(int code, String message) {
        status = code;
    }
}
