package io.slipway.api.service;

import io.slipway.api.SlipwayProperties;
import io.slipway.api.intake.option.ContextNames;
import io.slipway.api.intake.option.OptionCounts;
import io.slipway.api.launch.WorkerPool;
import io.slipway.api.limit.LimitSettings;
import io.slipway.api.page.PageRequest;
import io.slipway.api.policy.ProjectPolicies;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.KnownParameters;
import io.slipway.api.secret.ProjectSecrets;
import io.slipway.api.upload.UploadProperties;
import io.slipway.api.webhook.WebhookProperties;
import io.slipway.db.access.Identities;
import io.slipway.db.access.Tokens;
import io.slipway.db.secret.RegistryCredentials;
import io.slipway.db.secret.Secrets;
import io.slipway.db.webhook.RegistryHooks;
import io.slipway.db.webhook.Triggers;
import io.slipway.db.webhook.Webhooks;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What a client can ask of this service. */
@RestController
final class ServiceController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    private final SlipwayProperties properties;
    private final UploadProperties uploads;
    private final WebhookProperties webhooks;
    private final WorkerPool pool;
    private final LimitSettings projects;

    ServiceController(
            SlipwayProperties properties,
            UploadProperties uploads,
            WebhookProperties webhooks,
            WorkerPool pool,
            LimitSettings projects) {
        this.projects = projects;
        this.properties = properties;
        this.uploads = uploads;
        this.webhooks = webhooks;
        this.pool = pool;
    }

    /**
     * The service.
     *
     * @param version of Slipway
     * @param features names of what it can do
     */
    record Service(String name, String version, List<String> features, Limits limits) {}

    /**
     * What a client plans with. Sizes in bytes, times in milliseconds. docs/api.md lists the smaller limits, which no setting changes.
     *
     * @param concurrentBuilds how many builds of all projects run side by side here
     * @param optionPairs names of build arguments, of labels and of annotations of a build; each kind
     * @param optionCharacters of a name and its value
     * @param commitPoints names of steps in {@code layers}
     * @param headBytes of a request's first line and header fields
     * @param ignoreFileBytes of an ignore file
     * @param buildSecrets secrets, and ssh agents, of a build; each kind
     * @param caches caches that a build reads, and that it writes; each kind
     * @param policyPatterns of each rule of a policy
     * @param jsonBytes of a body of JSON, unless it has a limit of its own
     * @param optionsBytes of JSON with options of a build, and of a trigger
     * @param manifestBytes of the manifest of a context
     * @param project what holds for projects that have no limits of their own
     */
    record Limits(
            long contextBytes,
            int contextEntries,
            long projectUploadBytes,
            long dockerfileBytes,
            long buildTimeoutMillis,
            long maxBuildTimeoutMillis,
            long maxWaitMillis,
            int concurrentBuilds,
            int pageSize,
            int tokens,
            int identities,
            int triggers,
            int webhooks,
            int registryHooks,
            long webhookBytes,
            long idempotencyKeyMillis,
            int secrets,
            int secretBytes,
            int registryCredentials,
            int tags,
            int platforms,
            int namedContexts,
            int optionPairs,
            int optionCharacters,
            int commitPoints,
            int headBytes,
            int ignoreFileBytes,
            int buildSecrets,
            int caches,
            int policyPatterns,
            int jsonBytes,
            int optionsBytes,
            long manifestBytes,
            Map<String, Long> project) {}

    /** {@code GET /v1}. */
    @GetMapping("/v1")
    Service get(HttpServletRequest request) {
        KNOWN.check(request);
        SlipwayProperties.Limits limits = properties.limits();
        return new Service(
                "slipway",
                Optional.ofNullable(ServiceController.class.getPackage().getImplementationVersion())
                        .orElse("development"),
                List.of(
                        "context.tar",
                        "context.multipart",
                        "context.git",
                        "context.http",
                        "context.upload",
                        "uploads",
                        "encoding.gzip",
                        "encoding.zstd",
                        "dockerfile.check",
                        "logs.text",
                        "logs.ndjson",
                        "logs.sse",
                        "events",
                        "image.oci",
                        "image.docker",
                        "image.rootfs",
                        "registry.pull",
                        "projects",
                        "tokens",
                        "identities.openid",
                        "webhooks",
                        "secrets",
                        "registry-credentials",
                        "policies",
                        "webhooks.out",
                        "rebuild-on-base",
                        "registry-hooks",
                        "statuses",
                        "check-runs",
                        "cache-scopes",
                        "cache-mounts",
                        "retry",
                        "conditional-requests",
                        "audit",
                        "idempotency-key",
                        "project-limits"),
                new Limits(
                        limits.contextSize().toBytes(),
                        limits.contextEntries(),
                        uploads.projectQuota().toBytes(),
                        limits.dockerfileSize().toBytes(),
                        limits.buildTimeout().toMillis(),
                        limits.maxBuildTimeout().toMillis(),
                        limits.maxWait().toMillis(),
                        pool.slots(),
                        PageRequest.MOST,
                        Tokens.MOST,
                        Identities.MOST,
                        Triggers.MOST,
                        Webhooks.MOST,
                        RegistryHooks.MOST,
                        webhooks.bodySize().toBytes(),
                        86_400_000,
                        Secrets.MOST,
                        ProjectSecrets.MOST_BYTES,
                        RegistryCredentials.MOST,
                        OptionCounts.TAGS,
                        OptionCounts.PLATFORMS,
                        ContextNames.MOST,
                        OptionCounts.PAIRS,
                        OptionCounts.CHARACTERS,
                        OptionCounts.COMMIT_POINTS,
                        OptionCounts.HEAD_BYTES,
                        OptionCounts.IGNORE_FILE_BYTES,
                        OptionCounts.SECRETS,
                        OptionCounts.CACHES,
                        ProjectPolicies.MOST_PATTERNS,
                        BodyFields.MOST_BYTES,
                        OptionCounts.JSON_BYTES,
                        UploadProperties.MOST_MANIFEST_BYTES,
                        projectLimits()));
    }

    private Map<String, Long> projectLimits() {
        Map<String, Long> limits = new LinkedHashMap<>();
        projects.defaults().values().forEach((limit, value) -> limits.put(limit.wireName(), value));
        return limits;
    }
}
