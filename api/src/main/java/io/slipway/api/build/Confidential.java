package io.slipway.api.build;

import io.slipway.api.secret.SecretBox;
import io.slipway.db.build.BuildId;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.SshSource;
import io.slipway.protocol.WireJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build may use and nobody may read. Immutable.
 *
 * @param registries credentials for this build only, by host; mirrors and plain http come from the service's configuration
 * @param secrets secrets by id
 * @param ssh private keys for SSH, by id
 */
public record Confidential(List<RegistrySettings> registries, Map<String, byte[]> secrets, Map<String, SshSource> ssh) {
    /** Nothing. */
    public static final Confidential NONE = new Confidential(List.of(), Map.of(), Map.of());

    public Confidential {
        registries = List.copyOf(registries);
        secrets = Map.copyOf(secrets);
        ssh = Map.copyOf(ssh);
    }

    /** As it is stored with the build, or null for nothing. */
    @Nullable
    String sealed(SecretBox box, BuildId build) {
        return equals(NONE) ? null : box.seal(build.value(), WireJson.MAPPER.writeValueAsBytes(this));
    }

    /** What was stored with the build. */
    public static Confidential opened(SecretBox box, BuildId build, @Nullable String sealed) {
        return sealed == null ? NONE : WireJson.MAPPER.readValue(box.open(build.value(), sealed), Confidential.class);
    }

    /** Names only. */
    @Override
    public String toString() {
        return "Confidential[registries=" + registries + ", secrets=" + secrets.keySet() + ", ssh=" + ssh.keySet()
                + "]";
    }
}
