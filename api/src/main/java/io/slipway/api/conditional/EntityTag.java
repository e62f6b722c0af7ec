package io.slipway.api.conditional;

import jakarta.servlet.http.HttpServletRequest;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.json.JsonMapper;

/** Makes entity tags, with their quotation marks: the beginning of the SHA-256 of what is tagged. */
public final class EntityTag {
    private static final int BYTES = 15;

    private EntityTag() {}

    /**
     * Whether a request says that its caller has what has this tag ({@code If-None-Match}): the answer is 304 then.
     *
     * @throws io.slipway.api.problem.ProblemException if the header is no list of tags
     */
    public static boolean isKnown(HttpServletRequest request, String tag) {
        return EntityTags.of(request, HttpHeaders.IF_NONE_MATCH)
                .filter(known -> known.matchWeakly(tag))
                .isPresent();
    }

    /** The strong tag of a text. */
    public static String of(String content) {
        MessageDigest hash = sha256();
        hash.update(content.getBytes(StandardCharsets.UTF_8));
        return tag(hash);
    }

    /** The strong tag of a document as {@code json} writes it. Nothing of it is kept in memory: some have many megabytes. */
    static String of(JsonMapper json, Object document) {
        MessageDigest hash = sha256();
        json.writeValue(new DigestOutputStream(OutputStream.nullOutputStream(), hash), document);
        return tag(hash);
    }

    private static String tag(MessageDigest hash) {
        return '"' + Base64.getUrlEncoder().encodeToString(Arrays.copyOf(hash.digest(), BYTES)) + '"';
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has it", e);
        }
    }
}
