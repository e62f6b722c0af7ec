package io.slipway.api.webhook.trigger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AppKeyTest {
    private static final KeyPair KEYS = AppKeys.rsa(2048);

    @Test
    void aKeyIsReadInBothForms() {
        assertThat(AppKey.parse(AppKeys.pkcs1(KEYS))).isEqualTo(KEYS.getPrivate());
        assertThat(AppKey.parse(AppKeys.pkcs8(KEYS))).isEqualTo(KEYS.getPrivate());
        assertThat(AppKey.parse("\n" + AppKeys.pkcs1(KEYS).replace("\n", "\r\n") + "\n\n"))
                .isEqualTo(KEYS.getPrivate());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "RSA PRIVATE KEY       | AAAA | no private RSA key that can be read",
                "PRIVATE KEY           | AAAA | no private RSA key that can be read",
                "RSA PRIVATE KEY       | A*A* | not base64",
                "PRIVATE KEY           | ''   | no private RSA key that can be read",
                "ENCRYPTED PRIVATE KEY | AAAA | encrypted with a password",
                "RSA PRIVATE KEY       | Proc-Type: 4,ENCRYPTED AAAA | encrypted with a password",
                "PUBLIC KEY            | AAAA | something else: PUBLIC KEY",
                "OPENSSH PRIVATE KEY   | AAAA | something else: OPENSSH PRIVATE KEY",
            })
    void whatIsNoKeySaysWhy(String label, String content, String why) {
        assertThatThrownBy(() ->
                        AppKey.parse("-----BEGIN " + label + "-----\n" + content + "\n-----END " + label + "-----"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void whatIsNotInPemIsNoKey() {
        for (String text : new String[] {
            "", "hidden", "-----BEGIN RSA PRIVATE KEY-----", AppKeys.pkcs1(KEYS).replace("END RSA", "END")
        }) {
            assertThatThrownBy(() -> AppKey.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no private key in PEM")
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void keysThatGitHubDoesNotHaveAreNone() throws Exception {
        assertThatThrownBy(() -> AppKey.parse(AppKeys.pkcs8(AppKeys.rsa(1024))))
                .hasMessageContaining("fewer than 2048 bits");
        KeyPair curve = KeyPairGenerator.getInstance("EC").generateKeyPair();
        assertThatThrownBy(() -> AppKey.parse(AppKeys.pkcs8(curve))).hasMessageContaining("no private RSA key");
        assertThatThrownBy(() -> AppKey.parse(AppKeys.pem("PRIVATE KEY", "hidden".getBytes(UTF_8))))
                .hasMessageNotContaining("hidden");
    }
}
