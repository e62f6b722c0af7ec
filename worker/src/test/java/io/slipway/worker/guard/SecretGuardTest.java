package io.slipway.worker.guard;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.check.Rule;
import io.slipway.image.tar.TarEntry;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.snapshot.EntrySink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretGuardTest {
    private static final String SECRET = "kX9-t?q0~Zw7";
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final SecretGuard GUARD = SecretGuard.of(Map.of("token", (SECRET + "\n").getBytes(UTF_8)));
    private static final SecretGuard WITHOUT = SecretGuard.of(Map.of("short", "12345".getBytes(UTF_8)));

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 65_530, 65_536, 131_070, 1_048_564, 1_048_565, 3_000_000})
    void aSecretIsFoundWhereverItIs(int offset) throws IOException {
        byte[] file = new byte[offset + 70_000];
        new Random(1).nextBytes(file);
        System.arraycopy(SECRET.getBytes(UTF_8), 0, file, offset, SECRET.length());
        assertThat(messages(GUARD, "opt/data.bin", file))
                .containsExactly("The layer has the secret token in /opt/data.bin");
    }

    @Test
    void aSecretIsFoundInAnyBase64() throws IOException {
        for (String before : List.of("", "u", "us", "user:")) {
            for (String after : List.of("", "x", "xy")) {
                byte[] whole = (before + SECRET + after).getBytes(UTF_8);
                for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
                    assertThat(messages(GUARD, "f", encoder.encode(whole)))
                            .as(before + "…" + after)
                            .hasSize(1);
                }
            }
        }
    }

    @Test
    void ofALongSecretTheMiddleIsFound() throws IOException {
        byte[] secret = new byte[100_000];
        new Random(2).nextBytes(secret);
        SecretGuard guard = SecretGuard.of(Map.of("file", secret));
        assertThat(messages(guard, "f", secret)).hasSize(1);
        assertThat(messages(guard, "f", Arrays.copyOf(secret, 50_000))).isEmpty();
    }

    @Test
    void aSecretIsFoundInNamesTargetsAndAttributesToo() throws IOException {
        byte[] secret = SECRET.getBytes(UTF_8);
        SecretGuard.Watch watch = GUARD.watch();
        EntrySink sink = watch.over((_, _) -> {});
        for (TarEntry entry : List.of(
                TarEntry.directory("a/" + SECRET, 0755),
                TarEntry.file("a/" + SECRET + "/empty", 0644, 0),
                TarEntry.symlink("link", "/" + SECRET),
                TarEntry.symlink("harmless", "/target"),
                TarEntry.file("attributed", 0644, 0).withXattrs(new TreeMap<>(Map.of("user.note", secret))))) {
            sink.add(entry, InputStream.nullInputStream());
        }
        sink.add(TarEntry.file("b/" + SECRET, 0644, secret.length), new ByteArrayInputStream(secret));
        assertThat(watch.remarks())
                .extracting(Remark::message)
                .containsExactly(
                        "The layer has the secret token in the name of a file",
                        "The layer has the secret token in the target of the symbolic link /link",
                        "The layer has the secret token in an extended attribute of /attributed");
    }

    @Test
    void aShortSecretWouldBeEverywhere() throws IOException {
        assertThat(messages(WITHOUT, "f", "12345".getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ghp_%36                        | a GitHub token
            github_pat_%22_%59             | a GitHub token
            glpat-%20                      | a GitLab token
            xoxb-1234567890-%24            | a Slack token
            npm_%36                        | an npm token
            AIza%35                        | a Google API key
            slp_%43                        | a Slipway token
            slw_%43                        | a Slipway token
            id=AKIAQ7X2MZ5NPL3TR6WV key=%40 | an AWS access key
            """)
    void tokensAreKnownByHowTheyLook(String form, String name) throws IOException {
        byte[] text = ("export TOKEN=" + filled(form) + "\n").getBytes(UTF_8);
        assertThat(messages(WITHOUT, "root/.profile", text))
                .containsExactly("The layer has " + name + " in /root/.profile");
        assertThat(messages(WITHOUT, "usr/share/doc/x/sample", text)).isEmpty();
        assertThat(messages(WITHOUT, "app/node_modules/x/test.js", text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "})
    void privateKeysAreKnown(String kind) throws IOException {
        assertThat(messages(WITHOUT, "home/me/key", """
                        -----BEGIN %sPRIVATE KEY-----
                        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7
                        -----END""".formatted(kind).getBytes(UTF_8)))
                .containsExactly("The layer has a private key in /home/me/key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN PRIVATE KEY-----\\n…",
                "-----BEGIN PUBLIC KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n",
                "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n",
                "ghp_short",
                "xghp_%36",
                "AKIAQ7X2MZ5NPL3TR6WV",
                "AKIAIOSFODNN7EXAMPLE %40",
                "AKIAQ7X2MZ5NPL3TR6WV da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "npm_config_registry",
                "xoxb-token"
            })
    void whatOnlyLooksLikeOneIsNone(String text) throws IOException {
        assertThat(messages(WITHOUT, "etc/f", filled(text).getBytes(UTF_8))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            root/.docker/config.json | {"auths": {"r.example": {"auth": "dXNlcjpwYXNz"}}} | credentials for a registry
            root/.netrc              | machine r.example login me password pw            | a password for a server
            """)
    void filesOfCredentialsAreKnownByTheirPlace(String path, String text, String name) throws IOException {
        assertThat(messages(WITHOUT, path, text.getBytes(UTF_8)))
                .containsExactly("The layer has %s in /%s".formatted(name, path));
        assertThat(messages(WITHOUT, "etc/other", text.getBytes(UTF_8))).isEmpty();
    }

    @Test
    void atMostTenFilesAreTold() throws IOException {
        SecretGuard.Watch watch = GUARD.watch();
        EntrySink sink = watch.over((_, content) -> content.readAllBytes());
        for (int i = 0; i < 20; i++) {
            sink.add(TarEntry.file("f" + i, 0644, SECRET.length()), new ByteArrayInputStream(SECRET.getBytes(UTF_8)));
        }
        assertThat(watch.remarks()).hasSize(10).allMatch(remark -> remark.rule() == Rule.SECRET_IN_LAYER);
        assertThat(watch.remarks().toString()).doesNotContain(SECRET);
    }

    @Test
    void textsAreLookedThroughToo() {
        assertThat(GUARD.inText("ENV A=" + SECRET)).isEqualTo("the secret token");
        assertThat(GUARD.inText(filled("LABEL a=glpat-%20"))).isEqualTo("a GitLab token");
        assertThat(GUARD.inText("ENV A=b")).isNull();
    }

    /** The same needles, looked for in the simplest way. */
    @Test
    void needlesAreFoundAsBySimpleSearch() {
        Random random = new Random(3);
        for (int round = 0; round < 500; round++) {
            List<byte[]> needles = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(4); i++) {
                needles.add(text(random, 2 + random.nextInt(6)));
            }
            byte[] text = text(random, random.nextInt(60));
            List<String> expected = new ArrayList<>();
            for (int offset = 0; offset < text.length; offset++) {
                for (int n = 0; n < needles.size(); n++) {
                    if (new String(text, ISO_8859_1).startsWith(new String(needles.get(n), ISO_8859_1), offset)) {
                        expected.add(n + "@" + offset);
                    }
                }
            }
            List<String> actual = new ArrayList<>();
            new Needles(needles).find(text, text.length, (needle, offset) -> actual.add(needle + "@" + offset));
            assertThat(actual).containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static byte[] text(Random random, int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ('a' + random.nextInt(2));
        }
        return text;
    }

    /** With {@code %20} as that many letters and digits. */
    private static String filled(String form) {
        StringBuilder filled = new StringBuilder();
        int at = 0;
        while (at < form.length()) {
            if (form.charAt(at) == '%') {
                int count = Integer.parseInt(form.substring(at + 1, at + 3));
                for (int i = 0; i < count; i++) {
                    filled.append(LETTERS.charAt(i * 7 % LETTERS.length()));
                }
                at += 3;
            } else {
                filled.append(form.charAt(at++));
            }
        }
        return filled.toString();
    }

    private static List<String> messages(SecretGuard guard, String path, byte[] file) throws IOException {
        SecretGuard.Watch watch = guard.watch();
        byte[][] copy = new byte[1][];
        EntrySink sink = watch.over((_, content) -> copy[0] = readInPieces(content));
        sink.add(TarEntry.file(path, 0644, file.length), new ByteArrayInputStream(file));
        assertThat(copy[0]).as("what passes is not changed").isEqualTo(file);
        return watch.remarks().stream().map(Remark::message).toList();
    }

    /** As a tar is written: in blocks of 64 KiB. */
    private static byte[] readInPieces(InputStream content) throws IOException {
        byte[] whole = new byte[0];
        byte[] block = new byte[64 * 1024];
        for (int count = content.read(block, 0, block.length);
                count > 0;
                count = content.read(block, 0, block.length)) {
            whole = Arrays.copyOf(whole, whole.length + count);
            System.arraycopy(block, 0, whole, whole.length - count, count);
        }
        return whole;
    }
}
