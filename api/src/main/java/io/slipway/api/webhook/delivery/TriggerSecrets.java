package io.slipway.api.webhook.delivery;

import io.slipway.api.webhook.host.HookRequest;
import io.slipway.api.webhook.host.Host;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.trigger.SealedTriggers;
import io.slipway.db.webhook.Trigger;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Finds out whether a request is signed with a trigger's secret. For a trigger that does not exist, and for one that has only one secret, the same
 * is done with secrets that nobody knows: how long the answer takes tells nothing. Thread-safe.
 */
@Component
final class TriggerSecrets {
    private static final String NOBODY = "trg_nobody";

    private final SealedTriggers sealed;
    private final Map<HostKind, String> unknown = new EnumMap<>(HostKind.class);

    TriggerSecrets(SealedTriggers sealed) {
        this.sealed = sealed;
        for (HostKind kind : HostKind.values()) {
            unknown.put(kind, sealed.sealedSecret(NOBODY, kind.host().newSecret()));
        }
    }

    /** Whether {@code request} is signed with one of the secrets of {@code trigger}, which null has none of. */
    boolean prove(HostKind kind, @Nullable Trigger trigger, HookRequest request) {
        Host host = kind.host();
        boolean newest = host.isProven(request, secret(kind, trigger, trigger == null ? null : trigger.secret()));
        boolean previous =
                host.isProven(request, secret(kind, trigger, trigger == null ? null : trigger.previousSecret()));
        return trigger != null && (newest || (previous && trigger.previousSecret() != null));
    }

    private String secret(HostKind kind, @Nullable Trigger trigger, @Nullable String stored) {
        return trigger == null || stored == null
                ? sealed.secret(NOBODY, Objects.requireNonNull(unknown.get(kind)))
                : sealed.secret(trigger.id(), stored);
    }
}
