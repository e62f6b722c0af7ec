package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How a secret is written down. */
final class SecretForms {
    /** Shorter secrets would be found everywhere. */
    static final int LEAST_SECRET_BYTES = 6;

    private SecretForms() {}

    /** Without white space at its ends: {@code $(cat /run/secrets/x)} loses the last newline, too. */
    static byte[] stripped(byte[] value) {
        int from = 0;
        int to = value.length;
        while (from < to && value[from] >= 0 && value[from] <= ' ') {
            from++;
        }
        while (to > from && value[to - 1] >= 0 && value[to - 1] <= ' ') {
            to--;
        }
        return Arrays.copyOfRange(value, from, to);
    }

    /** As it is, and what of its base64 does not depend on what comes before and after it. */
    static List<byte[]> withBase64(byte[] secret) {
        Set<String> forms = new LinkedHashSet<>();
        for (Base64.Encoder base64 : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            for (int before = 0; before < 3; before++) {
                byte[] shifted = new byte[before + secret.length];
                System.arraycopy(secret, 0, shifted, before, secret.length);
                String text = base64.withoutPadding().encodeToString(shifted);
                int from = (before * 8 + 5) / 6;
                forms.add(text.substring(from, shifted.length * 8 / 6));
            }
        }
        List<byte[]> all = new ArrayList<>(List.of(secret));
        forms.forEach(form -> all.add(form.getBytes(UTF_8)));
        return all;
    }
}
