package io.slipway.api.secret;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.problem.ProblemException;
import io.slipway.db.access.Role;
import io.slipway.db.secret.SealedTexts;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The keys that everything confidential is encrypted with, for who changes them (docs/operating.md). */
@RestController
final class KeyController {
    private static final Logger LOG = LoggerFactory.getLogger(KeyController.class);
    private static final KnownParameters NONE = KnownParameters.of();

    private final SecretBox box;
    private final SealedTexts texts;

    KeyController(SecretBox box, SealedTexts texts) {
        this.box = box;
        this.texts = texts;
    }

    /**
     * A key that the service has.
     *
     * @param current whether it is the one that encrypts
     * @param texts how many texts are encrypted with it
     */
    record Key(String id, boolean current, long texts) {}

    /**
     * All keys.
     *
     * @param withoutKeyId texts of an older version of Slipway's, which don't say what they are encrypted with
     * @param withUnknownKey texts that can't be decrypted: their key is none of {@code keys}
     */
    record Keys(List<Key> keys, long withoutKeyId, long withUnknownKey) {}

    /**
     * What came of encrypting anew.
     *
     * @param resealed how many texts are encrypted with the current key now that were not before
     */
    record Resealed(long resealed, Keys keys) {}

    /** {@code GET /v1/keys}. */
    @GetMapping("/v1/keys")
    Keys get(HttpServletRequest request) {
        NONE.check(request);
        Caller.of(request).requireEverywhere(Role.ADMIN);
        return keys();
    }

    /** {@code POST /v1/keys/reseal}: answers when all that can be decrypted is encrypted with the current key. */
    @PostMapping("/v1/keys/reseal")
    Resealed reseal(HttpServletRequest request) throws IOException {
        NONE.checkWithoutBody(request);
        Caller.of(request).requireEverywhere(Role.ADMIN);
        int resealed = texts.reseal(SecretBox.mark(box.keys().current()), this::again);
        return new Resealed(resealed, keys());
    }

    private @Nullable String again(SealedTexts.Text text) {
        try {
            return box.reseal(text.owner(), text.sealed());
        } catch (ProblemException | IllegalStateException e) {
            // One that nobody can read must not keep the others from being encrypted anew; GET /v1/keys counts it.
            LOG.warn("What belongs to {} can't be decrypted: {}", text.owner(), e.getMessage());
            return null;
        }
    }

    private Keys keys() {
        Map<String, Long> counts = texts.count();
        List<Key> known = box.keys().all().stream()
                .map(key -> new Key(
                        key.name(), key.equals(box.keys().current()), counts.getOrDefault(SecretBox.mark(key), 0L)))
                .toList();
        long withoutKey = counts.entrySet().stream()
                .filter(entry -> SecretBox.isWithoutKey(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        long all = counts.values().stream().mapToLong(Long::longValue).sum();
        long readable = known.stream().mapToLong(Key::texts).sum();
        return new Keys(known, withoutKey, all - readable - withoutKey);
    }
}
