package io.slipway.worker.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.check.Rule;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.MediaType;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CacheDocumentTest {
    private static final String DIGEST = "\"sha256:" + "a".repeat(64) + "\"";

    @Test
    void whatIsWrittenIsReadAgainWhateverTheOrder() throws IOException {
        CacheRecord one = record("one");
        CacheRecord other = record("other");
        byte[] written = CacheDocument.of(List.of(one, other, one)).write();
        assertThat(written).isEqualTo(CacheDocument.of(List.of(other, one)).write());
        assertThat(CacheDocument.read(written).records()).containsExactlyInAnyOrder(one, other);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "7",
                "[]",
                "{}",
                "{\"version\": 2, \"records\": []}",
                "{\"version\": 1}",
                "{\"version\": 1, \"records\": [null]}",
                "{\"version\": 1, \"records\": [{\"step\": 7}]}",
                "{\"version\": 1, \"records\": [{\"step\": \"sha256:x\"}]}",
                "{\"version\": 1, \"records\": [{\"step\": D, \"on\": D}]}",
                "{\"version\": 1, \"records\": [{\"step\": D, \"on\": D, \"result\": {\"diffId\": D}}]}",
                "{\"version\": 1, \"records\": [{\"step\": D, \"on\": D, \"result\": {\"diffId\": D, \"created\": \"2026-01-02T03:04:05Z\","
                        + " \"layer\": {\"mediaType\": \"\", \"digest\": D, \"size\": -1}}}]}",
                "{\"version\": 1, \"records\": [{\"step\": D, \"on\": D, \"result\": {\"diffId\": D, \"created\": \"now\","
                        + " \"layer\": {\"mediaType\": \"\", \"digest\": D, \"size\": 1}}}]}"
            })
    void whatIsNoDocumentIsRefused(String json) {
        assertThatThrownBy(() -> CacheDocument.read(json.replace("D", DIGEST).getBytes(UTF_8)))
                .isInstanceOf(IOException.class);
    }

    private static CacheRecord record(String name) {
        Digest digest = Digest.of(name.getBytes(UTF_8));
        return new CacheRecord(
                digest,
                digest,
                CachedStep.of(
                        digest,
                        new Descriptor(MediaType.OCI_LAYER_GZIP, digest, 7),
                        "2026-01-02T03:04:05Z",
                        List.of(new Remark(Rule.OVERWRITTEN_SOURCE, "Hm."))));
    }
}
