package io.slipway.api.storage;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import io.slipway.db.audit.AuditAction;
import io.slipway.db.audit.AuditLog;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The store, for administrators. */
@RestController
final class StorageController {
    private static final KnownParameters KNOWN = KnownParameters.of();

    /** Measuring takes a process and a look at every new snapshot. */
    private static final Duration AGE = Duration.ofSeconds(5);

    private final StorageKeeper keeper;
    private final AuditLog audit;

    StorageController(StorageKeeper keeper, AuditLog audit) {
        this.keeper = keeper;
        this.audit = audit;
    }

    /** {@code GET /v1/storage}: what is in the store, measured at most a few seconds ago. */
    @GetMapping("/v1/storage")
    StorageResource get(HttpServletRequest request) {
        KNOWN.check(request);
        Caller.of(request).requireEverywhere(Role.VIEWER);
        return StorageResource.of(keeper, keeper.measured(AGE));
    }

    /** {@code POST /v1/storage/collect}: removes what the policy says, and answers when that is done. */
    @PostMapping("/v1/storage/collect")
    StorageResource.LastCollection collect(HttpServletRequest request) throws IOException {
        KNOWN.checkWithoutBody(request);
        Caller.of(request).requireEverywhere(Role.ADMIN);
        Collection collection = keeper.collect(Collection.Reason.REQUEST);
        audit.add(
                AuditAction.STORAGE_COLLECTED,
                null,
                null,
                Map.of("freedBytes", Long.toString(collection.freedBytes())));
        return StorageResource.LastCollection.of(collection);
    }
}
