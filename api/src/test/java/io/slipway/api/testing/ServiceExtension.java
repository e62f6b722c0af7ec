package io.slipway.api.testing;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests one {@link RunningService} that is started by the first and ended after the last test of the run. */
public final class ServiceExtension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == RunningService.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return test.getRoot()
                .getStore(ExtensionContext.Namespace.create(ServiceExtension.class))
                .computeIfAbsent(Shared.class, _ -> Shared.start(), Shared.class)
                .started();
    }

    /** A service that could not start is not started again for every test. */
    private record Shared(
            @Nullable RunningService service, @Nullable Exception failure) implements AutoCloseable {
        static Shared start() {
            try {
                return new Shared(
                        RunningService.start(
                                "slipway.limits.context-size=64MB",
                                "slipway.limits.context-entries=5000",
                                "slipway.git.allow-file=true",
                                "slipway.context.denied-networks=",
                                "slipway.context.io-timeout=10s",
                                "slipway.context.fetch-timeout=20s"),
                        null);
            } catch (IOException | RuntimeException e) {
                return new Shared(null, e);
            }
        }

        RunningService started() {
            if (service == null) {
                throw new ParameterResolutionException("the service did not start", Objects.requireNonNull(failure));
            }
            return service;
        }

        @Override
        public void close() throws IOException {
            if (service != null) {
                service.close();
            }
        }
    }
}
