package io.slipway.api.storage;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.KnownParameters;
import io.slipway.db.access.Role;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
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

    StorageController(StorageKeeper keeper) {
        this.keeper = keeper;
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
        return StorageResource.LastCollection.of(keeper.collect(Collection.Reason.REQUEST));
    }
}
