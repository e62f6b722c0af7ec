package io.slipway.worker.build;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.check.Checks;
import io.slipway.dockerfile.check.Rule;
import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.SecretPolicy;
import io.slipway.worker.guard.SecretGuard;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks for secrets in what goes into the image as it was given with the build, and not by the Dockerfile: labels of the config, annotations of the
 * manifest. Used once, before anything runs.
 */
final class GuardedOptions {
    private final BuildSpec spec;
    private final Dockerfile dockerfile;
    private final SecretGuard guard;
    private final StepLog log;

    GuardedOptions(BuildSpec spec, Dockerfile dockerfile, SecretGuard guard, StepLog log) {
        this.spec = spec;
        this.dockerfile = dockerfile;
        this.guard = guard;
        this.log = log;
    }

    /** @throws BuildFailure if there is one, and the build is to fail then */
    void check() throws BuildFailure {
        if (spec.secretsGuard() != SecretPolicy.OFF) {
            check("label", spec.labels());
            check("annotation", spec.annotations());
        }
    }

    private void check(String kind, Map<String, String> pairs) throws BuildFailure {
        for (Map.Entry<String, String> pair : new TreeMap<>(pairs).entrySet()) {
            String inName = guard.inText(pair.getKey());
            String inValue = guard.inText(pair.getValue());
            if (inName != null) {
                tell("The name of one of the options " + kind + " has " + inName);
            } else if (inValue != null) {
                tell("The option " + kind + " " + pair.getKey() + " has " + inValue);
            }
        }
    }

    private void tell(String message) throws BuildFailure {
        Checks.ofRequest(dockerfile, spec.buildArgs(), Rule.SECRET_IN_CONFIG, message)
                .forEach(log::emit);
        if (spec.secretsGuard() == SecretPolicy.FAIL) {
            throw new BuildFailure(
                    new BuildError(
                            ErrorCode.SECRET_IN_IMAGE,
                            message,
                            null,
                            null,
                            null,
                            "labels and annotations stay in the image: leave it out"),
                    null);
        }
    }
}
