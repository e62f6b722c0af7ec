package io.slipway.image.registry;

import java.io.IOException;
import java.util.Set;

/** Sends requests to an endpoint as who we are there. Thread-safe. */
final class Requests {
    private final Http http;
    private final Authorizer authorizer;

    Requests(RegistrySettings settings) {
        this.http = new Http(settings);
        this.authorizer = new Authorizer(http);
    }

    /**
     * Sends the request, with an Authorization header if the host has asked for one and the request goes to no other host.
     *
     * @param scopes what is done, in the words of token servers
     * @return the answer, of any status but 429 and the passing ones of 5xx; must be closed
     * @throws Retries.BusyException on 429 and passing 5xx
     * @throws RegistryException if a token server refuses
     * @throws IOException see {@link Http#send}
     */
    HttpResponse send(Purpose purpose, Endpoint endpoint, HttpRequest request, Set<String> scopes) throws IOException {
        boolean elsewhere = !Http.sameOrigin(endpoint.root(), request.uri());
        String header = elsewhere ? null : authorizer.header(purpose, endpoint, scopes);
        HttpResponse response = http.send(header == null ? request : request.with("Authorization", header));
        try {
            if (response.status() == 401 && !elsewhere && Http.sameOrigin(endpoint.root(), response.uri())) {
                String answer =
                        authorizer.answer(purpose, endpoint, scopes, response.headers("WWW-Authenticate"), header);
                if (answer != null) {
                    response.close();
                    response = http.send(request.with("Authorization", answer));
                }
            }
            if (Answers.isPassing(response.status())) {
                throw new Retries.BusyException(
                        Answers.refusal(purpose, endpoint, response), response.header("Retry-After"));
            }
            return response;
        } catch (IOException e) {
            response.close();
            throw e;
        }
    }
}
