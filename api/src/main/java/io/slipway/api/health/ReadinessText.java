package io.slipway.api.health;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.contributor.Status;

/** Puts into words what the readiness group misses. */
final class ReadinessText {
    private ReadinessText() {}

    static String of(@Nullable HealthDescriptor health) {
        return switch (health) {
            case null -> "its health is unknown";
            case CompositeHealthDescriptor composite ->
                Objects.requireNonNullElse(composite.getComponents(), Map.<String, HealthDescriptor>of())
                        .entrySet()
                        .stream()
                        .filter(component ->
                                !Status.UP.equals(component.getValue().getStatus()))
                        .map(component -> component.getKey() + ": " + of(component.getValue()))
                        .collect(Collectors.joining("; "));
            case IndicatedHealthDescriptor indicated -> {
                Map<String, Object> details = indicated.getDetails();
                yield details == null || details.isEmpty()
                        ? String.valueOf(indicated.getStatus())
                        : String.valueOf(details.getOrDefault("missing", details));
            }
            default -> String.valueOf(health.getStatus());
        };
    }
}
