package io.slipway.api.webhook.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What proves that a host knows the secret, and what does not. */
final class ProofTest {
    private static final String SECRET = "It's a Secret to Everybody";

    /** Of SECRET over "Hello, World!": docs.github.com, "Validating webhook deliveries". */
    private static final String HELLO = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    /** Of SECRET over "Hello World!": support.atlassian.com, "Manage webhooks". */
    private static final String ATLASSIAN_HELLO = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9";

    private static final String WRONG = "0".repeat(64);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "github | X-Hub-Signature-256 | sha256=HELLO | - | true",
                "github | x-hub-signature-256 | sha256=HELLO | - | true",
                "github | X-Hub-Signature-256 | HELLO        | - | false",
                "github | X-Hub-Signature-256 | sha256=WRONG | - | false",
                "github | X-Hub-Signature-256 | sha256=      | - | false",
                "github | X-Hub-Signature     | sha256=HELLO | - | false",
                "github | -                   | -            | - | false",
                "gitea  | X-Gitea-Signature   | HELLO        | - | true",
                "gitea  | X-Gitea-Signature   | sha256=HELLO | - | false",
                "gitea  | X-Gitea-Signature   | WRONG        | - | false",
                "gitea  | X-Forgejo-Signature | HELLO        | - | false",
                "gitea  | X-Hub-Signature-256 | sha256=HELLO | - | false",
                "forgejo | X-Forgejo-Signature | HELLO | -     | true",
                "forgejo | X-Forgejo-Signature | HELLO | WRONG | true",
                "forgejo | X-Forgejo-Signature | WRONG | HELLO | false",
                "forgejo | X-Forgejo-Signature | ''    | HELLO | false",
                "forgejo | X-Gitea-Signature   | HELLO | -     | true",
                "gitlab | X-Gitlab-Token | It's a Secret to Everybody  | - | true",
                "gitlab | X-Gitlab-Token | It's a Secret to everybody  | - | false",
                "gitlab | X-Gitlab-Token | It's a Secret to Everybody! | - | false",
                "gitlab | -              | -                           | - | false",
            })
    void aProof(String kind, @Nullable String header, @Nullable String value, @Nullable String gitea, boolean right) {
        HookHeaders headers;
        if (header == null || value == null) {
            headers = Payloads.headers();
        } else if (gitea == null) {
            headers = Payloads.headers(header, filled(value));
        } else {
            headers = Payloads.headers(header, filled(value), "X-Gitea-Signature", filled(gitea));
        }
        assertThat(proven(kind, headers, "Hello, World!", SECRET)).isEqualTo(right);
    }

    private static String filled(String value) {
        return value.replace("HELLO", HELLO).replace("WRONG", WRONG);
    }

    private static boolean proven(String kind, HookHeaders headers, String body, String secret) {
        return HostKind.parse(kind)
                .orElseThrow()
                .host()
                .isProven(new HookRequest(headers, body.getBytes(UTF_8), Instant.ofEpochSecond(1614265330)), secret);
    }

    @ParameterizedTest
    @CsvSource({"bitbucket_cloud", "bitbucket_data_center"})
    void bitbucketSignsWithSha256UnderTheOlderName(String kind) {
        HookHeaders right = Payloads.headers("X-Hub-Signature", "sha256=" + ATLASSIAN_HELLO, "X-Hook-UUID", "{1}");
        assertThat(proven(kind, right, "Hello World!", SECRET)).isTrue();
        assertThat(proven(kind, right, "Hello World?", SECRET)).isFalse();
        assertThat(proven(kind, Payloads.headers("X-Hook-UUID", "{1}"), "Hello World!", SECRET))
                .isFalse();
    }

    @Test
    void aHeaderThatIsThereTwiceProvesNothing() {
        HookHeaders twice =
                Payloads.headers("X-Hub-Signature-256", "sha256=" + HELLO, "X-Hub-Signature-256", "sha256=" + HELLO);
        assertThat(proven("github", twice, "Hello, World!", SECRET)).isFalse();
    }

    // The example of the libraries of Standard Webhooks.
    private static final String STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String STANDARD_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private static final String STANDARD_BODY = "{\"test\": 2432232314}";
    private static final String STANDARD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SIGNATURE                    | 1614265330 | true",
                "v1,AAAA SIGNATURE            | 1614265330 | true",
                "v1a,AAAA SIGNATURE v1,BBBB   | 1614265330 | true",
                "v1,AAAA                      | 1614265330 | false",
                "v2,SIGNATURE                 | 1614265330 | false",
                "SIGNATURE                    | 1614265331 | false",
                "SIGNATURE                    | now        | false",
            })
    void aStandardWebhook(String signatures, String timestamp, boolean right) {
        HookHeaders headers = Payloads.headers(
                "webhook-id",
                STANDARD_ID,
                "webhook-timestamp",
                timestamp,
                "webhook-signature",
                signatures.replace("SIGNATURE", STANDARD));
        assertThat(proven("generic", headers, STANDARD_BODY, STANDARD_SECRET)).isEqualTo(right);
        assertThat(proven("gitlab", headers, STANDARD_BODY, STANDARD_SECRET)).isEqualTo(right);
    }

    @ParameterizedTest
    @CsvSource({"-301, false", "-300, true", "0, true", "300, true", "301, false"})
    void aStandardWebhookIsGoodForFiveMinutes(int seconds, boolean right) {
        HookHeaders headers = Payloads.headers(
                "webhook-id", STANDARD_ID, "webhook-timestamp", "1614265330", "webhook-signature", STANDARD);
        HookRequest request =
                new HookRequest(headers, STANDARD_BODY.getBytes(UTF_8), Instant.ofEpochSecond(1614265330 + seconds));
        assertThat(HostKind.GENERIC.host().isProven(request, STANDARD_SECRET)).isEqualTo(right);
    }

    @Test
    void whereGitLabSignsTheSignatureDecides() {
        HookHeaders both = Payloads.headers(
                "webhook-id",
                STANDARD_ID,
                "webhook-timestamp",
                "1614265330",
                "webhook-signature",
                "v1,AAAA",
                "X-Gitlab-Token",
                SECRET);
        assertThat(proven("gitlab", both, STANDARD_BODY, SECRET)).isFalse();
        HookHeaders leaked = Payloads.headers("X-Gitlab-Token", STANDARD_SECRET);
        assertThat(proven("gitlab", leaked, STANDARD_BODY, STANDARD_SECRET)).isFalse();
    }

    @Test
    void aStandardWebhookMayBeSignedWithAKeyThatOnlyTheSenderHas() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] encoded = pair.getPublic().getEncoded();
        String key = "whpk_"
                + Base64.getEncoder().encodeToString(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(pair.getPrivate());
        signer.update((STANDARD_ID + ".1614265330." + STANDARD_BODY).getBytes(UTF_8));
        String signature = "v1a," + Base64.getEncoder().encodeToString(signer.sign());
        HookHeaders headers = Payloads.headers(
                "webhook-id", STANDARD_ID, "webhook-timestamp", "1614265330", "webhook-signature", signature);
        assertThat(HostKind.GENERIC.host().faultOf(key)).isNull();
        assertThat(proven("generic", headers, STANDARD_BODY, key)).isTrue();
        assertThat(proven("generic", headers, STANDARD_BODY + " ", key)).isFalse();
        assertThat(proven("generic", headers, STANDARD_BODY, STANDARD_SECRET)).isFalse();
        String other = "v1a," + Base64.getEncoder().encodeToString(new byte[64]) + " ";
        for (int before = 0; before <= 2; before++) {
            HookHeaders several = Payloads.headers(
                    "webhook-id",
                    STANDARD_ID,
                    "webhook-timestamp",
                    "1614265330",
                    "webhook-signature",
                    other.repeat(before) + signature);
            assertThat(proven("generic", several, STANDARD_BODY, key))
                    .as("no more than two are verified")
                    .isEqualTo(before < 2);
        }
    }

    @Test
    void aSignatureWithTheKeyOfNobodyProvesNothing() throws Exception {
        // RFC 8032, section 7.1, test 1: with it is verified where there is no public key, so that it takes as long.
        byte[] privateKey = HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, privateKey)));
        signer.update((STANDARD_ID + ".1614265330." + STANDARD_BODY).getBytes(UTF_8));
        HookHeaders headers = Payloads.headers(
                "webhook-id",
                STANDARD_ID,
                "webhook-timestamp",
                "1614265330",
                "webhook-signature",
                "v1a," + Base64.getEncoder().encodeToString(signer.sign()));
        String nobodys = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assertThat(proven("generic", headers, STANDARD_BODY, nobodys))
                .as("it is that key")
                .isTrue();
        for (String secret : List.of(STANDARD_SECRET, SECRET)) {
            assertThat(proven("generic", headers, STANDARD_BODY, secret)).isFalse();
            assertThat(proven("gitlab", headers, STANDARD_BODY, secret)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNewSecretIsOneThatTheHostCanUse(HostKind kind) {
        String secret = kind.host().newSecret();
        assertThat(kind.host().faultOf(secret)).isNull();
        assertThat(secret).hasSizeGreaterThan(40).isNotEqualTo(kind.host().newSecret());
    }

    @ParameterizedTest
    @CsvSource({
        "generic, whsec_AAAA, false",
        "generic, a-long-secret-of-mine, false",
        "generic, whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, true",
        "generic, whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, false",
        "gitlab, a-long-secret-of-mine, true",
        "gitlab, whsec_AAAA, false",
        "github, a-long-secret-of-mine, true",
    })
    void aSecretThatTheHostCannotUseHasAFault(String kind, String secret, boolean right) {
        assertThat(HostKind.parse(kind).orElseThrow().host().faultOf(secret) == null)
                .isEqualTo(right);
    }

    @Test
    void whatProvesSomethingIsNotKept() {
        HookHeaders headers = Payloads.headers(
                "X-Gitlab-Token", SECRET, "X-Hub-Signature-256", HELLO, "Authorization", "Bearer x", "X-Other", "y");
        assertThat(headers.masked().toString())
                .doesNotContain(SECRET, HELLO, "Bearer")
                .contains("x-other=[y]", "x-gitlab-token=[***]");
    }
}
