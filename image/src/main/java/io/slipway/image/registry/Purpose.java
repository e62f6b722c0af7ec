package io.slipway.image.registry;

import io.slipway.image.ImageReference;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a request is for: the part of an error's sentence that is the same wherever it goes wrong. */
record Purpose(RegistryException.Operation operation, ImageReference reference) {

    RegistryException failure(RegistryException.Kind kind, String host, String reason, @Nullable Throwable cause) {
        return new RegistryException(kind, operation, reference, host, reason, cause);
    }

    RegistryException failure(RegistryException.Kind kind, String host, String reason) {
        return failure(kind, host, reason, null);
    }

    RegistryException unreachable(String host, IOException e) {
        return failure(RegistryException.Kind.UNREACHABLE, host, because(host, e), e);
    }

    private static String because(String host, IOException e) {
        return switch (e) {
            case UnknownHostException _ -> "the host " + host + " is not known; check its name and the DNS";
            case ConnectException _ -> host + " does not accept connections (" + e.getMessage() + ")";
            case NoRouteToHostException _ -> "there is no route to " + host;
            case SocketTimeoutException _ -> host + " does not answer in time (" + e.getMessage() + ")";
            case SSLException _ ->
                "no secure connection to " + host + " (" + e.getMessage()
                        + "); if its certificate is of an authority of your own, slipway.ca-file names it; if the host speaks plain http,"
                        + " configure it so";
            default -> "the connection to " + host + " failed (" + e.getMessage() + ")";
        };
    }
}
