package io.slipway.api.access;

import io.slipway.api.testing.ApiClient;
import io.slipway.api.testing.Tars;
import io.slipway.api.testing.Tenant;
import io.slipway.db.access.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import org.jspecify.annotations.Nullable;

/**
 * What one of the service's addresses asks of its callers, and how to ask it for something of a tenant's.
 *
 * @param method HTTP's
 * @param pattern as its controller has it
 * @param needs who may
 * @param role the role that is needed, where {@code needs} asks for one
 * @param address makes what is asked for, where it is a thing, and names it
 * @param body JSON, or null for none
 */
record Endpoint(
        String method,
        String pattern,
        Needs needs,
        @Nullable Role role,
        Address address,
        @Nullable String body) {
    enum Needs {
        /** Anybody, without a token. */
        NOTHING,
        /** Whoever can sign with the secret of what is named. */
        SIGNATURE,
        /** A worker, whose token is none of the API's. */
        WORKER,
        /** Any token. */
        TOKEN,
        /** A role in the project that the request is about. */
        PROJECT,
        /** A role in some project: the request is about none. */
        SOMEWHERE,
        /** A role in all projects. */
        EVERYWHERE
    }

    /** Addresses something of a tenant's, made for this one request. */
    @FunctionalInterface
    interface Address {
        String of(Tenant tenant) throws IOException;
    }

    static Endpoint open(String method, String pattern) {
        return new Endpoint(method, pattern, Needs.NOTHING, null, _ -> pattern.replace("{slug}", "forbidden"), null);
    }

    static Endpoint signed(String method, String pattern, String address) {
        return new Endpoint(method, pattern, Needs.SIGNATURE, null, _ -> address, null);
    }

    static Endpoint worker(String pattern) {
        return new Endpoint("POST", pattern, Needs.WORKER, null, _ -> pattern.replace("{id}", "none"), null);
    }

    static Endpoint token(String method, String pattern) {
        return new Endpoint(method, pattern, Needs.TOKEN, null, _ -> pattern, null);
    }

    static Endpoint project(String method, String pattern, Role role, Address address) {
        return new Endpoint(method, pattern, Needs.PROJECT, role, address, null);
    }

    static Endpoint somewhere(String method, String pattern, Role role) {
        return new Endpoint(method, pattern, Needs.SOMEWHERE, role, _ -> pattern.replace("{id}", "none"), null);
    }

    static Endpoint everywhere(String method, String pattern, Role role) {
        return new Endpoint(method, pattern, Needs.EVERYWHERE, role, _ -> pattern.replace("{id}", "none"), null);
    }

    Endpoint at(Address other) {
        return new Endpoint(method, pattern, needs, role, other, body);
    }

    /** With a JSON body, in which {@code PROJECT} stands for the tenant's. */
    Endpoint json(String json) {
        return new Endpoint(method, pattern, needs, role, address, json);
    }

    /** Asks for something of {@code tenant}. */
    ApiClient.Answer ask(ApiClient client, Tenant tenant) throws IOException {
        String target = address.of(tenant);
        if (body != null) {
            return client.send(
                    method,
                    target,
                    BodyPublishers.ofString(body.replace("PROJECT", tenant.project())),
                    "Content-Type",
                    "application/json");
        }
        if (method.equals("PUT")) {
            return client.send(method, target, BodyPublishers.ofByteArray(new Tars().bytes()));
        }
        return method.equals("POST")
                ? client.post(
                        target,
                        Tars.dockerfile("FROM scratch\nCOPY Dockerfile /\n").bytes())
                : client.send(method, target, BodyPublishers.noBody());
    }

    @Override
    public String toString() {
        return method + " " + pattern;
    }
}
