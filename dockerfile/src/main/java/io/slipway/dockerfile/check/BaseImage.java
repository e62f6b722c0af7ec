package io.slipway.dockerfile.check;

import java.util.HashMap;
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
     * @param env {@code Env}, pairs with an equals sign; null for none
     * @param onBuild {@code OnBuild}, or null
     * @param shell {@code Shell}, or null
     * @param platform what it is for
     */
    public static BaseImage of(
            @Nullable List<String> env, @Nullable List<String> onBuild, @Nullable List<String> shell, String platform) {
        Map<String, String> environment = new HashMap<>();
        for (String pair : env == null ? List.<String>of() : env) {
            String[] parts = pair.split("=", 2);
            environment.put(parts[0], parts.length == 2 ? parts[1] : "");
        }
        return new BaseImage(
                environment, onBuild == null ? List.of() : onBuild, shell != null && !shell.isEmpty(), platform);
    }

    public BaseImage {
        environment = Map.copyOf(environment);
        triggers = List.copyOf(triggers);
    }
}
