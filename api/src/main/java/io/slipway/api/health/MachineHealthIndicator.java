package io.slipway.api.health;

import io.slipway.api.launch.MachineCheck;
import io.slipway.api.launch.WorkerPool;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Health component {@code machine}: whether builds can run here, and what is missing if not. */
@Component
final class MachineHealthIndicator implements HealthIndicator {
    private final MachineCheck check;
    private final WorkerPool pool;

    MachineHealthIndicator(MachineCheck check, WorkerPool pool) {
        this.check = check;
        this.pool = pool;
    }

    @Override
    public Health health() {
        List<String> missing = new ArrayList<>(check.missing());
        String trouble = pool.trouble();
        if (trouble != null) {
            missing.add(trouble);
        }
        return missing.isEmpty()
                ? Health.up().build()
                : Health.outOfService().withDetail("missing", missing).build();
    }
}
