package io.slipway.image.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageReference;
import io.slipway.image.registry.RegistryException.Kind;
import io.slipway.image.store.ContentStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against real registries that want to know who asks. */
class RegistryAuthTest {
    private static final Credentials PILOT = new Credentials(TestRegistry.USER, TestRegistry.PASSWORD);
    private static final Credentials READER = new Credentials(TestTokenServer.READER, TestRegistry.PASSWORD);
    private static final Credentials STRANGER = new Credentials("stranger", "x");

    @TempDir
    static Path basicDirectory;

    @TempDir
    static Path tokenDirectory;

    private static TestRegistry basic;
    private static TestTokenServer tokenServer;
    private static TestRegistry token;

    @TempDir
    Path directory;

    private ContentStore store;
    private Descriptor image;

    @BeforeAll
    static void startRegistries() throws IOException {
        basic = TestRegistry.withBasic(basicDirectory);
        tokenServer = new TestTokenServer(tokenDirectory);
        token = TestRegistry.withTokens(tokenDirectory, tokenServer);
    }

    @AfterAll
    static void stopRegistries() {
        basic.close();
        token.close();
        tokenServer.close();
    }

    @BeforeEach
    void openStore() throws IOException {
        store = ContentStore.at(directory);
        image = TestImage.put(store, Map.of("who", "am I"));
    }

    @Test
    void basicCredentialsOpenTheRegistry() throws IOException {
        RegistryClient client = client(basic, PILOT);
        client.checkPush(basic.image("a/b:1"));
        client.push(basic.image("a/b:1"), image, Map.of());
        assertThat(client.fetch(basic.image("a/b:1"))).isEqualTo(image);
    }

    @Test
    void withoutBasicCredentialsTheRegistryStaysShut() {
        assertThatFailure(() -> client(basic, null).fetch(basic.image("a/b:1")))
                .isEqualTo(Kind.UNAUTHORIZED + " can't resolve " + basic.host() + "/a/b:1: " + basic.host()
                        + " wants to know who asks, and no credentials are configured for it (or there is no such"
                        + " repository) (401, UNAUTHORIZED: authentication required)");
        assertThatFailure(() -> client(basic, STRANGER).checkPush(basic.image("a/b:1")))
                .startsWith(Kind.UNAUTHORIZED + " can't push to")
                .contains("does not accept the credentials of stranger");
    }

    @Test
    void tokensAreFetchedOnceForEachScope() throws IOException {
        RegistryClient client = client(token, PILOT);
        ImageReference target = token.image("counted/app:1");
        client.checkPush(target);
        client.push(target, image, Map.of());
        assertThat(client.fetch(target)).isEqualTo(image);
        assertThat(tokenServer.requests().stream().filter(request -> request.contains("counted/app")))
                .containsExactly(
                        "pilot repository:counted/app:pull,push", // once for the check and the push
                        "pilot repository:counted/app:pull,push,delete", // to cancel the check's upload
                        "pilot repository:counted/app:pull");
    }

    @Test
    void aMountAsksForTheRightToReadItsSource() throws IOException {
        RegistryClient client = client(token, PILOT);
        ImageReference base = token.image("source/base:1");
        client.push(base, image, Map.of());
        Map<Digest, ImageReference> origins = new HashMap<>();
        TestImage.manifest(store, image).layers().forEach(layer -> origins.put(layer.digest(), base));
        PushResult pushed = client.push(token.image("mounting/app:1"), image, origins);
        assertThat(pushed.mountedBlobs()).isEqualTo(1);
        assertThat(tokenServer.requests())
                .contains("pilot repository:mounting/app:pull,push repository:source/base:pull");
    }

    @Test
    void nobodyMayPullWhatIsPublic() throws IOException {
        client(token, PILOT).push(token.image("public/app:1"), image, Map.of());
        assertThat(client(token, null).fetch(token.image("public/app:1"))).isEqualTo(image);
        assertThatFailure(() -> client(token, null).fetch(token.image("private/app:1")))
                .startsWith(Kind.DENIED + " can't resolve")
                .contains("does not allow it to everybody");
    }

    @Test
    void whoMayOnlyReadIsToldBeforeTheBuild() throws IOException {
        assertThatFailure(() -> client(token, READER).checkPush(token.image("counted/app:2")))
                .startsWith(Kind.DENIED + " can't push to")
                .contains("does not allow it to reader");
    }

    @Test
    void wrongCredentialsAreRefusedByTheTokenServer() {
        assertThatFailure(() -> client(token, STRANGER).fetch(token.image("a/b:1")))
                .startsWith(Kind.UNAUTHORIZED + " can't resolve")
                .contains("does not accept the credentials of stranger");
    }

    @Test
    void identityTokensAreUsedInsteadOfPasswords() {
        RegistryClient client = client(token, new Credentials("<token>", "unused", TestTokenServer.REFRESH_TOKEN));
        assertThatCode(() -> client.checkPush(token.image("identity/app:1"))).doesNotThrowAnyException();
        assertThatFailure(() -> client(token, new Credentials("<token>", "unused", "wrong"))
                        .checkPush(token.image("identity/app:1")))
                .startsWith(Kind.UNAUTHORIZED + " can't push to");
    }

    @Test
    void passwordsAreNotShown() {
        assertThat(RegistrySettings.DEFAULT
                        .with("x", HostSettings.DEFAULT.withCredentials(PILOT))
                        .toString())
                .contains(TestRegistry.USER)
                .doesNotContain(TestRegistry.PASSWORD);
    }

    private RegistryClient client(TestRegistry registry, @Nullable Credentials credentials) {
        RegistrySettings settings = RegistrySettings.DEFAULT
                .withTimes(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofMillis(5))
                .with(registry.host(), HostSettings.DEFAULT.withCredentials(credentials));
        return new RegistryClient(settings, store);
    }

    private static AbstractStringAssert<?> assertThatFailure(ThrowingCallable call) {
        return assertThat(failure(call));
    }

    private static String failure(ThrowingCallable call) {
        StringBuilder said = new StringBuilder();
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        RegistryException.class,
                        e -> said.append(e.kind()).append(' ').append(e.getMessage()));
        return said.toString();
    }
}
