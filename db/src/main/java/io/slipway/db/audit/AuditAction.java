package io.slipway.db.audit;

import java.util.Arrays;
import java.util.Optional;

/** What is written down. */
public enum AuditAction {
    PROJECT_CREATED("project.created"),
    PROJECT_CHANGED("project.changed"),
    PROJECT_DELETED("project.deleted"),
    POLICY_SET("policy.set"),
    TOKEN_CREATED("token.created"),
    TOKEN_REVOKED("token.revoked"),
    IDENTITY_CREATED("identity.created"),
    IDENTITY_DELETED("identity.deleted"),
    SECRET_SET("secret.set"),
    SECRET_DELETED("secret.deleted"),
    REGISTRY_CREDENTIAL_SET("registry_credential.set"),
    REGISTRY_CREDENTIAL_DELETED("registry_credential.deleted"),
    /** A build's worker was given the credentials of its project. */
    REGISTRY_CREDENTIAL_USED("registry_credential.used"),
    KEYS_RESEALED("keys.resealed"),
    TRIGGER_CREATED("trigger.created"),
    TRIGGER_CHANGED("trigger.changed"),
    TRIGGER_DELETED("trigger.deleted"),
    TRIGGER_SECRET_REPLACED("trigger.secret_replaced"),
    TRIGGER_PREVIOUS_SECRET_DROPPED("trigger.previous_secret_dropped"),
    DELIVERY_REDELIVERED("delivery.redelivered"),
    REGISTRY_HOOK_CREATED("registry_hook.created"),
    REGISTRY_HOOK_DELETED("registry_hook.deleted"),
    WEBHOOK_CREATED("webhook.created"),
    WEBHOOK_CHANGED("webhook.changed"),
    /** The service has disabled it, since its receiver does not take anything. */
    WEBHOOK_DISABLED("webhook.disabled"),
    WEBHOOK_DELETED("webhook.deleted"),
    WEBHOOK_SECRET_REPLACED("webhook.secret_replaced"),
    MESSAGE_REDELIVERED("message.redelivered"),
    BUILD_SUBMITTED("build.submitted"),
    BUILD_RETRIED("build.retried"),
    BUILD_CANCELLED("build.cancelled"),
    CACHE_MOUNT_CLEARED("cache_mount.cleared"),
    STORAGE_COLLECTED("storage.collected"),
    /** Somebody was not let in (401), or may not do what it asked for (403). */
    ACCESS_REFUSED("access.refused");

    private final String wireName;

    AuditAction(String wireName) {
        this.wireName = wireName;
    }

    /** As it is stored and shown. */
    public String wireName() {
        return wireName;
    }

    /** The action of that name. */
    public static Optional<AuditAction> parse(String wireName) {
        return Arrays.stream(values())
                .filter(action -> action.wireName.equals(wireName))
                .findFirst();
    }
}
