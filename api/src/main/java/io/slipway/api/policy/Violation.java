package io.slipway.api.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.slipway.dockerfile.instruction.Origin;
import io.slipway.protocol.Policy;
import org.jspecify.annotations.Nullable;

/**
 * Something that a policy does not allow.
 *
 * @param rule the rule's name
 * @param message one sentence, which names the rule
 * @param line of the Dockerfile, or null if it is no instruction's fault
 * @param instruction as written, or null
 * @param hint what to do instead
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Violation(
        String rule,
        String message,
        @Nullable Integer line,
        @Nullable String instruction,
        String hint) {
    static Violation of(Policy.Denial denial, @Nullable Origin origin) {
        return new Violation(
                denial.rule().wireName(),
                denial.message(),
                origin == null ? null : (Integer) origin.range().line(),
                origin == null ? null : origin.text(),
                denial.hint());
    }
}
