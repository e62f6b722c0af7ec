package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.OpenIdProvider;
import io.slipway.api.testing.Ports;
import io.slipway.api.testing.RunningService;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** CI jobs come with tokens of their host, which is a real provider here: a server with keys of its own. */
final class OpenIdTest {
    private static final String AUDIENCE = "https://builds.example";
    private static final Map<String, Object> MAIN =
            Map.of("repository", "org/app", "ref", "refs/heads/main", "protected", true, "groups", List.of("a", "b"));

    private static OpenIdProvider provider;
    private static OpenIdProvider rotating;
    private static OpenIdProvider untrusted;
    private static OpenIdProvider impostor;
    private static RunningService service;
    private static String awayIssuer;
    private static Tenant tenant;

    @BeforeAll
    static void start() throws IOException {
        provider = OpenIdProvider.start();
        rotating = OpenIdProvider.start();
        untrusted = OpenIdProvider.start();
        impostor = OpenIdProvider.start();
        awayIssuer = "http://127.0.0.1:" + Ports.free();
        service = RunningService.start(
                "slipway.access.issuers[0].issuer=" + provider.issuer(),
                "slipway.access.issuers[1].issuer=" + rotating.issuer(),
                "slipway.access.issuers[1].jwks-uri=" + rotating.issuer() + "/keys",
                "slipway.access.issuers[2].issuer=" + awayIssuer,
                "slipway.access.issuers[3].issuer=" + impostor.issuer(),
                "slipway.access.identities[0].issuer=" + provider.issuer(),
                "slipway.access.identities[0].audience=" + AUDIENCE,
                "slipway.access.identities[0].role=viewer",
                "slipway.access.identities[0].claims.team=operators");
        tenant = Tenant.in(service);
        trust(tenant, provider.issuer(), Role.BUILDER, "{\"repository\": \"org/app\", \"ref\": \"refs/heads/*\"}");
    }

    @AfterAll
    static void stop() throws IOException {
        service.close();
        provider.close();
        rotating.close();
        untrusted.close();
        impostor.close();
    }

    private static String trust(Tenant tenant, String issuer, Role role, String claims) throws IOException {
        ApiClient.Answer made = tenant.as(Role.ADMIN)
                .postJson("/v1/projects/" + tenant.project() + "/identities", """
                        {"name": "ci", "role": "%s", "issuer": "%s", "audience": "%s", "claims": %s}
                        """.formatted(
                                role.wireName(), issuer, AUDIENCE, claims));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("id").stringValue();
    }

    private static ApiClient with(String token) {
        return new ApiClient(service.url(), token);
    }

    private static String valid() {
        return provider.token(provider.claims(AUDIENCE, MAIN).build());
    }

    @Test
    void aJobMayDoWhatItsIdentityMayAndNothingElse() throws IOException {
        ApiClient job = with(valid());
        ApiClient.Answer caller = job.get("/v1/caller");
        assertThat(caller.status()).as(caller.text()).isEqualTo(200);
        assertThat(caller.json().path("kind").stringValue()).isEqualTo("identity");
        assertThat(caller.json().path("name").stringValue()).isEqualTo("repo:org/app:ref:refs/heads/main");
        assertThat(caller.json().at("/projects/0/name").stringValue()).isEqualTo(tenant.project());
        assertThat(caller.json().at("/projects/0/role").stringValue()).isEqualTo("builder");
        assertThat(caller.json().has("role")).isFalse();

        assertThat(job.post("/v1/builds?project=" + tenant.project(), dockerfile())
                        .status())
                .isEqualTo(202);
        assertThat(job.post("/v1/builds?project=default", dockerfile()).status())
                .isEqualTo(404);
        assertThat(job.get("/v1/projects/" + tenant.project() + "/tokens").status())
                .isEqualTo(403);
        assertThat(job.get("/v1/builds/" + Tenant.in(service).queuedBuild()).status())
                .isEqualTo(404);
    }

    private static byte[] dockerfile() {
        return io.slipway.api.testing.Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n")
                .bytes();
    }

    @Test
    void registryClientsSendItAsPassword() throws IOException {
        String pair = Base64.getEncoder().encodeToString(("any:" + valid()).getBytes(UTF_8));
        ApiClient nobody = new ApiClient(service.url(), null);
        assertThat(nobody.get("/v2/", "Authorization", "Basic " + pair).status())
                .isEqualTo(200);
        String wrong = Base64.getEncoder().encodeToString("any:eyJhbGciOiJub25lIn0.e30.".getBytes(UTF_8));
        assertThat(nobody.get("/v2/", "Authorization", "Basic " + wrong).status())
                .isEqualTo(401);
    }

    @Test
    void timesCount() throws IOException {
        Instant now = Instant.now();
        JWTClaimsSet.Builder claims = provider.claims(AUDIENCE, MAIN).issueTime(Date.from(now.minusSeconds(600)));
        refused(
                provider.token(
                        claims.expirationTime(Date.from(now.minusSeconds(1200))).build()),
                "claims");
        refused(
                provider.token(
                        claims.expirationTime(Date.from(now.minusSeconds(120))).build()),
                "expired");
        refused(provider.token(claims.expirationTime(null).build()), "exp");
        claims.expirationTime(Date.from(now.plusSeconds(600)));
        refused(
                provider.token(claims.notBeforeTime(Date.from(now.plus(Duration.ofMinutes(5))))
                        .build()),
                "before");
    }

    @Test
    void anotherAudienceDoesNotDo() throws IOException {
        refused(provider.token(provider.claims("https://other.example", MAIN).build()), "audience");
        refused(
                provider.token(
                        provider.claims(AUDIENCE, MAIN).audience((String) null).build()),
                "audience");
        String two = provider.token(provider.claims(AUDIENCE, MAIN)
                .audience(List.of("https://other.example", AUDIENCE))
                .build());
        assertThat(with(two).get("/v1/caller").status()).isEqualTo(200);
    }

    @Test
    void otherClaimsDoNotDo() throws IOException {
        refused(
                provider.token(provider.claims(AUDIENCE, Map.of("repository", "org/app", "ref", "refs/tags/v1"))
                        .build()),
                "claims");
        refused(
                provider.token(provider.claims(AUDIENCE, Map.of("repository", "evil/app", "ref", "refs/heads/main"))
                        .build()),
                "claims");
        refused(
                provider.token(provider.claims(AUDIENCE, Map.of("repository", "org/app"))
                        .build()),
                "claims");
        Tenant other = Tenant.in(service);
        trust(other, provider.issuer(), Role.VIEWER, "{\"groups\": \"b\", \"protected\": \"true\"}");
        ApiClient.Answer caller = with(valid()).get("/v1/caller");
        assertThat(caller.json().path("projects").size()).isEqualTo(2);
    }

    @Test
    void onlyTheIssuersKeysCount() throws Exception {
        JWTClaimsSet claims = provider.claims(AUDIENCE, MAIN).build();
        RSAKey strange = OpenIdProvider.newKey();
        refused(OpenIdProvider.sign(claims, strange), "signature");
        RSAKey disguised =
                new RSAKey.Builder(strange).keyID(provider.key().getKeyID()).build();
        refused(OpenIdProvider.sign(claims, disguised), "signature");
        String whole = valid();
        String[] parts = whole.split("\\.");
        String other = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.toString().replace("org/app", "org/apq").getBytes(UTF_8));
        refused(parts[0] + "." + other + "." + parts[2], "signature");
    }

    @Test
    void whatIsNotSignedWithAPrivateKeyDoesNotCount() throws Exception {
        JWTClaimsSet claims = provider.claims(AUDIENCE, MAIN).build();
        refused(new PlainJWT(claims).serialize(), "algorithm");
        SignedJWT symmetric = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(provider.key().getKeyID())
                        .build(),
                claims);
        symmetric.sign(new MACSigner(
                provider.key().toPublicJWK().toRSAKey().toPublicKey().getEncoded()));
        refused(symmetric.serialize(), "algorithm");
        refused("eyJ.eyJ.eyJ", "read");
    }

    @Test
    void anIssuerThatNobodyTrustsIsNotEvenAsked() throws IOException {
        refused(untrusted.token(untrusted.claims(AUDIENCE, MAIN).build()), "issuer");
        refused(provider.token(provider.claims(AUDIENCE, MAIN).issuer(null).build()), "issuer");
        assertThat(untrusted.requests()).isZero();
    }

    @Test
    void aProjectCanNotMakeTheServiceConnectToItsOwnMachine() throws IOException {
        Tenant hostile = Tenant.in(service);
        String issuer = untrusted.issuer().replace("http:", "https:");
        trust(hostile, issuer, Role.ADMIN, "{\"sub\": \"me\"}");
        ApiClient.Answer answer = with(untrusted.token(
                        untrusted.claims(AUDIENCE, MAIN).issuer(issuer).build()))
                .get("/v1/caller");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/issuer-unavailable");
        assertThat(untrusted.requests()).isZero();
        ApiClient.Answer plain = hostile.as(Role.ADMIN)
                .postJson("/v1/projects/" + hostile.project() + "/identities", """
                        {"name": "ci", "role": "viewer", "issuer": "%s", "audience": "x", "claims": {"sub": "me"}}
                        """.formatted(untrusted.issuer()));
        assertThat(plain.status()).isEqualTo(400);
        assertThat(plain.json().path("parameter").stringValue()).isEqualTo("issuer");
    }

    @Test
    void anIssuerThatIsAwayIsNoFaultOfTheToken() throws IOException {
        Tenant other = Tenant.in(service);
        trust(other, awayIssuer, Role.VIEWER, "{\"repository\": \"org/app\"}");
        trust(other, impostor.issuer(), Role.VIEWER, "{\"repository\": \"org/app\"}");
        impostor.pretend(provider.issuer());
        for (String issuer : List.of(awayIssuer, impostor.issuer())) {
            ApiClient.Answer answer = with(provider.token(
                            provider.claims(AUDIENCE, MAIN).issuer(issuer).build()))
                    .get("/v1/caller");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.json().path("type").stringValue()).isEqualTo("/problems/issuer-unavailable");
            assertThat(answer.text()).doesNotContain("127.0.0.1");
        }
    }

    @Test
    void keysAreFetchedOnceAndWhenTheyChange() throws IOException {
        Tenant other = Tenant.in(service);
        trust(other, rotating.issuer(), Role.VIEWER, "{\"repository\": \"org/app\"}");
        for (int i = 0; i < 3; i++) {
            assertThat(with(rotating.token(rotating.claims(AUDIENCE, MAIN).build()))
                            .get("/v1/caller")
                            .status())
                    .isEqualTo(200);
        }
        assertThat(rotating.requests()).isEqualTo(1);
        String before = rotating.token(rotating.claims(AUDIENCE, MAIN).build());
        rotating.rotate();
        assertThat(with(rotating.token(rotating.claims(AUDIENCE, MAIN).build()))
                        .get("/v1/caller")
                        .status())
                .isEqualTo(200);
        assertThat(rotating.requests()).isEqualTo(2);
        refused(before, "signature");
        for (int i = 0; i < 5; i++) {
            refused(OpenIdProvider.sign(rotating.claims(AUDIENCE, MAIN).build(), OpenIdProvider.newKey()), "signature");
        }
        assertThat(rotating.requests())
                .as("strangers can't make it be asked again and again")
                .isLessThanOrEqualTo(3);
    }

    @Test
    void anIdentityThatIsRemovedIsNotTrustedFromThenOn() throws IOException {
        Tenant other = Tenant.in(service);
        String id = trust(other, provider.issuer(), Role.VIEWER, "{\"sub\": \"repo:org/other\"}");
        String token = provider.token(
                provider.claims(AUDIENCE, Map.of()).subject("repo:org/other").build());
        assertThat(with(token).get("/v1/projects/" + other.project()).status()).isEqualTo(200);
        String address = "/v1/projects/" + other.project() + "/identities/" + id;
        assertThat(other.as(Role.ADMIN)
                        .send("DELETE", address, BodyPublishers.noBody())
                        .status())
                .isEqualTo(204);
        refused(token, "claims");
    }

    @Test
    void theConfigurationTrustsForAllProjects() throws IOException {
        String token = provider.token(
                provider.claims(AUDIENCE, Map.of("team", "operators")).build());
        ApiClient.Answer caller = with(token).get("/v1/caller");
        assertThat(caller.json().path("role").stringValue()).isEqualTo("viewer");
        assertThat(with(token).get("/v1/projects/default").status()).isEqualTo(200);
        assertThat(with(token).postJson("/v1/projects", "{\"name\": \"x\"}").status())
                .isEqualTo(403);
    }

    private static void refused(String token, String word) throws IOException {
        ApiClient.Answer answer = with(token).get("/v1/caller");
        assertThat(answer.status()).as(answer.text()).isEqualTo(401);
        assertThat(answer.json().path("detail").stringValue()).contains(word);
        assertThat(answer.header("WWW-Authenticate"))
                .contains("error=\"invalid_token\"")
                .contains("error_description=\"")
                .contains(word);
    }
}
