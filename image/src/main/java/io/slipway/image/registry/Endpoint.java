package io.slipway.image.registry;

import io.slipway.image.ImageReference;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One repository at one place: the reference's own host or a mirror of it.
 *
 * @param root scheme and authority, such as {@code https://registry-1.docker.io}
 * @param host what people call the place: host and port
 * @param repository the repository's name there
 * @param credentials who we are there, or null
 * @param mirror whether it is a mirror
 */
record Endpoint(
        URI root, String host, String repository, @Nullable Credentials credentials, boolean mirror) {
    /** Docker Hub's registry is not where its images' names say (distribution's reference and registry packages). */
    private static final String DOCKER_HUB = "registry-1.docker.io";

    private static final Pattern LOOPBACK =
            Pattern.compile("(?:localhost|127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}|\\[::1])(?::[0-9]+)?");

    /** Where to push to and what to ask in the end: the reference's own host. */
    static Endpoint origin(RegistrySettings settings, ImageReference reference) {
        HostSettings host = settings.host(reference.host());
        boolean plain = host.plainHttp() == null ? isLoopback(reference.host()) : host.plainHttp();
        return new Endpoint(
                URI.create((plain ? "http://" : "https://") + authority(reference.host())),
                reference.host(),
                reference.path(),
                host.credentials(reference.path()),
                false);
    }

    /** Host and port where the registry is that references call {@code host}. */
    static String authority(String host) {
        return host.equals(ImageReference.DEFAULT_HOST) ? DOCKER_HUB : host;
    }

    /** Where to pull from, in order: the host's mirrors, then the host. */
    static List<Endpoint> forPull(RegistrySettings settings, ImageReference reference) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (URI mirror : settings.host(reference.host()).mirrors()) {
            String authority = mirror.getRawAuthority();
            String prefix = mirror.getRawPath().replaceAll("^/+|/+$", "");
            String repository = prefix.isEmpty() ? reference.path() : prefix + "/" + reference.path();
            endpoints.add(new Endpoint(
                    URI.create(mirror.getScheme() + "://" + authority),
                    authority,
                    repository,
                    settings.host(authority).credentials(repository),
                    true));
        }
        endpoints.add(origin(settings, reference));
        return endpoints;
    }

    /** A URL of this repository. */
    URI uri(String path) {
        return URI.create(root + "/v2/" + repository + path);
    }

    /** The permission to read here, in the words of token servers. */
    String pullScope() {
        return "repository:" + repository + ":pull";
    }

    /** The permission to read and write here. */
    String pushScope() {
        return "repository:" + repository + ":pull,push";
    }

    /** The permission to cancel an upload here: the distribution project's registry asks for more than to start one. */
    String deleteScope() {
        return "repository:" + repository + ":pull,push,delete";
    }

    static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host.toLowerCase(Locale.ROOT)).matches();
    }
}
