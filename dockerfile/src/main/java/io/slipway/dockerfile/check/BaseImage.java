package io.slipway.dockerfile.check;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an image sets for a stage that starts from it.
 *
 * @param environment its variables
 * @param triggers its {@code OnBuild}: instructions, each a text, that the stage runs first
 * @param hasShell whether it has a {@code Shell} of its own
 * @param platform what it says that it is for, {@code os/architecture[/variant]}; null if it is for any
 */
public record BaseImage(
        Map<String, String> environment,
        List<String> triggers,
        boolean hasShell,
        @Nullable String platform) {

    /** An image that sets nothing, such as {@code scratch}. */
    public static final BaseImage EMPTY = new BaseImage(Map.of(), List.of(), false, null);

    /**
     * What an image's config says.
     *
     * @param environment the variables of {@code Env}
     * @param onBuild {@code OnBuild}, or null
     * @param shell {@code Shell}, or null
     * @param platform what it is for
     */
    public static BaseImage of(
            Map<String, String> environment,
            @Nullable List<String> onBuild,
            @Nullable List<String> shell,
            String platform) {
        return new BaseImage(
                environment, onBuild == null ? List.of() : onBuild, shell != null && !shell.isEmpty(), platform);
    }

    /**
     * The variables of an image config, in their order; one without an equals sign is empty.
     *
     * @param env {@code Env}, or null
     */
    public static Map<String, String> environment(@Nullable List<String> env) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String pair : env == null ? List.<String>of() : env) {
            int equals = pair.indexOf('=');
            environment.put(
                    equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
        }
        return Collections.unmodifiableMap(environment);
    }

    public BaseImage {
        environment = Map.copyOf(environment);
        triggers = List.copyOf(triggers);
    }
}
