package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import org.springframework.security.core.AuthenticationException;

/** Credentials are not taken, or can't be checked: carries the problem that is the answer through Spring Security. */
final class RefusedException extends AuthenticationException {
    private final transient ProblemException problem;

    RefusedException(ProblemException problem) {
        super(String.valueOf(problem.getMessage()), problem);
        this.problem = problem;
    }

    /** Credentials that are not valid. */
    static RefusedException invalid(String detail) {
        return new RefusedException(new ProblemException(ProblemType.UNAUTHORIZED, detail));
    }

    ProblemException problem() {
        return problem;
    }
}
