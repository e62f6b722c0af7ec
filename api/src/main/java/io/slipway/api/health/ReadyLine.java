package io.slipway.api.health;

import io.slipway.api.Shutdown;
import io.slipway.api.SlipwayProperties;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Prints {@code Slipway is ready at URL} to standard output, once, when the service can take a build. */
@Component
final class ReadyLine {
    private static final Logger LOG = LoggerFactory.getLogger(ReadyLine.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final HealthEndpoint health;
    private final WebServerApplicationContext server;
    private final SlipwayProperties properties;
    private final Shutdown shutdown;
    private final AtomicBoolean waiting = new AtomicBoolean();
    private final CountDownLatch never = new CountDownLatch(1);

    ReadyLine(
            HealthEndpoint health,
            WebServerApplicationContext server,
            SlipwayProperties properties,
            Shutdown shutdown) {
        this.health = health;
        this.server = server;
        this.properties = properties;
        this.shutdown = shutdown;
    }

    /** Not when the application is ready: Spring Boot lets readiness say so a moment later only, by this event. */
    @EventListener
    void ready(AvailabilityChangeEvent<ReadinessState> event) {
        if (event.getState() == ReadinessState.ACCEPTING_TRAFFIC && !waiting.getAndSet(true)) {
            Thread.ofVirtual().name("ready-line").start(this::awaitReadiness);
        }
    }

    private void awaitReadiness() {
        String said = "";
        while (!shutdown.hasBegun()) {
            HealthDescriptor readiness = health.healthForPath("readiness");
            if (readiness != null && Status.UP.equals(readiness.getStatus())) {
                System.out.println("Slipway is ready at " + url());
                return;
            }
            String why = ReadinessText.of(readiness);
            if (!why.equals(said)) {
                LOG.warn("Slipway listens at {} but is not ready: {}", url(), why);
                said = why;
            }
            try {
                if (never.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private String url() {
        return properties.externalUrl() != null
                ? properties.externalUrl().toString()
                : "http://127.0.0.1:"
                        + java.util.Objects.requireNonNull(server.getWebServer())
                                .getPort();
    }
}
