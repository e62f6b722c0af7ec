package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretMaskTest {
    private static final String SECRET = "kX9-t?q0~Zw7";
    private static final String KEY = """
            -----BEGIN PRIVATE KEY-----
            MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
            q0~Zw7kX9-t?
            }
            -----END PRIVATE KEY-----
            """;

    private static final SecretMask MASK = mask(SECRET + "\n", KEY, "12345", "ababac");

    private static SecretMask mask(String... secrets) {
        return SecretMask.of(
                Arrays.stream(secrets).map(secret -> secret.getBytes(UTF_8)).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "token=kX9-t?q0~Zw7;|token=***;",
                "kX9-t?q0~Zw7kX9-t?q0~Zw7|******",
                "kX9-t?q0~Zw|kX9-t?q0~Zw",
                "https://x:kX9-t%3Fq0%7EZw7@host|https://x:***@host",
                "ab ababababac ab|ab abab*** ab",
                "12345|12345",
                "a line } of text|a line } of text"
            })
    void secretsAreReplacedHoweverTheOutputIsCut(String row) {
        String[] columns = row.split("\\|", 2);
        byte[] text = columns[0].getBytes(UTF_8);
        assertThat(MASK.text(columns[0])).isEqualTo(columns[1]);
        for (int piece = 1; piece <= text.length; piece++) {
            assertThat(inPieces(MASK, text, piece)).as("pieces of " + piece).isEqualTo(columns[1]);
        }
    }

    private static String inPieces(SecretMask mask, byte[] text, int piece) {
        SecretMask.Stream stream = mask.stream();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < text.length; from += piece) {
            out.writeBytes(stream.take(Arrays.copyOfRange(text, from, Math.min(text.length, from + piece))));
        }
        out.writeBytes(stream.rest());
        return out.toString(UTF_8);
    }

    @Test
    void aSecretIsReplacedInAnyBase64() {
        for (String before : List.of("", "u", "us", "user:")) {
            for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                String text = encoder.encodeToString((before + SECRET + "xy").getBytes(UTF_8));
                String masked = MASK.text(text);
                assertThat(masked).as(text).contains("***");
                assertThat(masked.length()).isLessThan(text.length() - 8);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 76})
    void base64OfALongSecretIsReplacedLineByLine(int width) {
        String wrapped = Base64.getMimeEncoder(width, new byte[] {'\n'}).encodeToString(KEY.getBytes(UTF_8));
        String masked = MASK.text(wrapped + "\n");
        assertThat(masked.lines()).allMatch(line -> line.equals("***") || line.length() < 8);
    }

    @Test
    void eachLineOfASecretIsReplacedButThoseThatAreWords() {
        assertThat(MASK.text(KEY)).isEqualTo("***\n");
        String numbered = KEY.replaceAll("(?m)^", "> ").replace("\n", "\r\n");
        assertThat(MASK.text(numbered)).isEqualTo("> ***\r\n> ***\r\n> ***\r\n> }\r\n> ***\r\n");
    }

    @Test
    void aLargeSecretIsReplacedInPieces() {
        byte[] secret = new byte[500_000];
        new Random(2).nextBytes(secret);
        SecretMask mask = SecretMask.of(List.of(secret));
        String masked = new String(mask.whole(secret), ISO_8859_1);
        assertThat(masked.replace("***", "").length()).isLessThan(64);
    }

    @Test
    void onlyWhatMayBecomeASecretWaits() {
        SecretMask.Stream stream = MASK.stream();
        assertThat(stream.take("Password: ".getBytes(UTF_8))).asString().isEqualTo("Password: ");
        assertThat(stream.take("is kX9".getBytes(UTF_8))).asString().isEqualTo("is ");
        assertThat(stream.take("!".getBytes(UTF_8))).asString().isEqualTo("kX9!");
    }

    @Test
    void withoutSecretsNothingIsLookedFor() {
        assertThat(mask("12345").isEmpty()).isTrue();
        assertThat(mask("12345").text("12345")).isEqualTo("12345");
    }
}
