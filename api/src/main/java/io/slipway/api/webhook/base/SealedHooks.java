package io.slipway.api.webhook.base;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.secret.SecretBox;
import io.slipway.api.webhook.host.HookRequest;
import io.slipway.api.webhook.host.RegistryProof;
import io.slipway.db.webhook.RegistryHook;
import io.slipway.db.webhook.RegistryHooks;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Finds out which registry has sent something. For a hook that does not exist the same is done with a secret that nobody knows: how long the answer
 * takes tells nothing. Thread-safe.
 */
@Component
final class SealedHooks {
    private static final String NOBODY = "rgh_nobody";

    private final RegistryHooks hooks;
    private final SlipwayProperties properties;
    private final SecretBox box;
    private final String unknown;

    SealedHooks(RegistryHooks hooks, SlipwayProperties properties, SecretBox box) {
        this.hooks = hooks;
        this.properties = properties;
        this.box = box;
        this.unknown = seal(NOBODY, RegistryProof.newSecret());
    }

    /**
     * Who tells something.
     *
     * @param hook its id, or null for a registry of the service
     * @param project whose registry it is, or null for all
     * @param host what image names call the registry, or null: as it says itself
     */
    record Sender(
            @Nullable String hook,
            @Nullable String project,
            @Nullable String host) {}

    /** A secret as it is stored. */
    String seal(String id, String secret) {
        return box.seal(owner(id), secret.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The sender, if it has proven who it is.
     *
     * @param name a hook's id, or the host of a registry that the service's settings have a secret of
     */
    Optional<Sender> prove(String name, HookRequest request) {
        RegistryHook hook = hooks.find(name).orElse(null);
        String stored = hook == null ? open(NOBODY, unknown) : open(hook.id(), hook.secret());
        SlipwayProperties.Registry registry = properties.registries().stream()
                .filter(each -> each.webhookSecret() != null && each.host().equals(name))
                .findFirst()
                .orElse(null);
        String configured = registry == null ? null : registry.webhookSecret();
        boolean proven = RegistryProof.isProven(request, configured == null ? stored : configured);
        if (!proven) {
            return Optional.empty();
        }
        if (registry != null) {
            return Optional.of(new Sender(null, null, registry.host()));
        }
        return hook == null ? Optional.empty() : Optional.of(new Sender(hook.id(), hook.project(), hook.host()));
    }

    private String open(String id, String sealed) {
        return new String(box.open(owner(id), sealed), StandardCharsets.UTF_8);
    }

    private static String owner(String id) {
        return id + "/secret";
    }
}
