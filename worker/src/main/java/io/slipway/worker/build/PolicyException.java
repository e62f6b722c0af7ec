package io.slipway.worker.build;

import io.slipway.protocol.Policy;
import java.io.IOException;

/** The project's policy does not allow what an instruction needs. */
final class PolicyException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String hint;

    PolicyException(Policy.Denial denial) {
        super(denial.message());
        this.hint = denial.hint();
    }

    /** What to do instead. */
    String hint() {
        return hint;
    }
}
