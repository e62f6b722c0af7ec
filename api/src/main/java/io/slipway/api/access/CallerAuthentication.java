package io.slipway.api.access;

import java.util.List;
import org.springframework.security.authentication.AbstractAuthenticationToken;

/** Tells Spring Security that the caller is known. What it may do depends on the project: there are no authorities. */
final class CallerAuthentication extends AbstractAuthenticationToken {
    private final transient Caller caller;

    CallerAuthentication(Caller caller) {
        super(List.of());
        this.caller = caller;
        super.setAuthenticated(true);
    }

    Caller caller() {
        return caller;
    }

    @Override
    public Object getPrincipal() {
        return caller;
    }

    /** They were checked, and nobody needs them any more. */
    @Override
    public Object getCredentials() {
        return "";
    }
}
