package io.slipway.api.access;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import io.slipway.image.network.ChangingNames;
import io.slipway.remote.AddressPolicy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class IssuerKeysTest {
    @Test
    void aProvidersNameIsConnectedToWhereItWasWhenItWasChecked() throws Exception {
        String name = ChangingNames.meaning("127.0.0.1", "0.0.0.2");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            FutureTask<String> said = new FutureTask<>(() -> {
                try (Socket socket = server.accept()) {
                    byte[] beginning = new byte[4096];
                    int count = socket.getInputStream().read(beginning);
                    return new String(beginning, 0, count, ISO_8859_1);
                }
            });
            Thread.ofVirtual().start(said);
            IssuerKeys keys = new IssuerKeys(
                    "https://" + name + ":" + server.getLocalPort(), null, new AddressPolicy(List.of("0.0.0.0/8")));
            assertThatThrownBy(() -> keys.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), 0, null))
                    .isInstanceOf(JWKSetUnavailableException.class);
            assertThat(said.get(20, TimeUnit.SECONDS))
                    .as("TLS is told the name")
                    .contains(name);
            assertThatThrownBy(() -> keys.getJWKSet(JWKSetCacheRefreshEvaluator.noRefresh(), 0, null))
                    .hasMessageContaining(name + " is in the network 0.0.0.0/8");
        }
    }
}
