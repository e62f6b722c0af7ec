package io.slipway.api.launch;

import io.slipway.api.SlipwayProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;

/**
 * Lets running builds finish before anything of the service is stopped (docs/decisions/0023-operating.md). It waits where Spring says that the service is going to
 * be stopped: readiness says so by then, and everything still runs that builds and those who follow them need, above all the web server.
 * Thread-safe.
 */
@Component
public final class Drain implements ApplicationListener<ContextClosedEvent>, Ordered {
    private final WorkerPool pool;
    private final SlipwayProperties.Workers settings;

    Drain(WorkerPool pool, SlipwayProperties properties) {
        this.pool = pool;
        this.settings = properties.workers();
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        pool.drain(settings.drainTimeout());
    }

    /** Waits no longer: what still runs is handed back. */
    public void cutShort() {
        pool.cutShort();
    }

    /** Before others that listen to the same. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
