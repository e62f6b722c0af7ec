package io.slipway.api;

import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Says whether the service is stopping, so that requests which wait for something (followers of logs, workers' long polls) end
 * before the web server stops. Thread-safe.
 */
@Component
public final class Shutdown implements SmartLifecycle {
    private volatile boolean running;
    private volatile boolean begun;

    /** True from the moment on at which the service was asked to stop. */
    public boolean hasBegun() {
        return begun;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        begun = true;
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The default phase is the last one to start and the first one to stop. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
