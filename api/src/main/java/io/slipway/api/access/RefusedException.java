package io.slipway.api.access;

import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.Token;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.AuthenticationException;

/** Credentials are not taken, or can't be checked: carries the problem that is the answer through Spring Security. */
final class RefusedException extends AuthenticationException {
    private final transient ProblemException problem;
    private final transient @Nullable Token token;

    RefusedException(ProblemException problem) {
        this(problem, null);
    }

    private RefusedException(ProblemException problem, @Nullable Token token) {
        super(String.valueOf(problem.getMessage()), problem);
        this.problem = problem;
        this.token = token;
    }

    /** Credentials that are not valid. */
    static RefusedException invalid(String detail) {
        return new RefusedException(new ProblemException(ProblemType.UNAUTHORIZED, detail));
    }

    /** A token that was valid once. */
    static RefusedException invalid(Token token, String detail) {
        return new RefusedException(new ProblemException(ProblemType.UNAUTHORIZED, detail), token);
    }

    /** The token that is not valid any more, if it is known. */
    @Nullable
    Token token() {
        return token;
    }

    ProblemException problem() {
        return problem;
    }
}
