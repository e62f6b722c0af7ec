package io.slipway.api.secret;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.api.problem.UnknownName;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.build.BuildId;
import io.slipway.db.secret.SealedSecret;
import io.slipway.db.secret.Secret;
import io.slipway.db.secret.Secrets;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/** Secrets of projects: encrypted when they come, decrypted for builds that name them. Thread-safe. */
@Component
public final class ProjectSecrets {
    /** The most bytes that a secret may have: BuildKit's limit, {@code MaxSecretSize} in session/secrets/secrets.go. */
    public static final int MOST_BYTES = 500 * 1024;

    /** What a secret can be called; all of it can stand in a path and in an option as it is. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._:-]{0,199}");

    private final Secrets secrets;
    private final SecretBox box;
    private final Clock clock;

    ProjectSecrets(Secrets secrets, SecretBox box, Clock clock) {
        this.secrets = secrets;
        this.box = box;
        this.clock = clock;
    }

    /** Whether a secret of a project can be called so. */
    public static boolean canBeNamed(String name) {
        return NAME.matcher(name).matches();
    }

    /**
     * Refuses names that a project has no secret of.
     *
     * @throws ProblemException {@link ProblemType#SECRET_UNKNOWN}, with the nearest name as its hint
     */
    public void require(String project, Collection<String> names) {
        if (names.isEmpty()) {
            return;
        }
        List<String> known = secrets.names(project);
        for (String name : names) {
            if (!known.contains(name)) {
                throw new ProblemException(
                                ProblemType.SECRET_UNKNOWN,
                                "The project `" + project + "`: "
                                        + UnknownName.of("secret", name, known).message())
                        .with("secret", name)
                        .with("hint", UnknownName.of("secret", name, known).hint());
            }
        }
    }

    /**
     * Decrypts what a build is to get, and notes that it got it.
     *
     * @param names the project's names of secrets, by the ids that the build knows them by
     * @return values by id
     * @throws MissingSecretException if one is not there any more, or can't be decrypted
     */
    public Map<String, byte[]> use(String project, Map<String, String> names, BuildId build, int attempt)
            throws MissingSecretException {
        if (names.isEmpty()) {
            return Map.of();
        }
        Set<String> wanted = new HashSet<>(names.values());
        Map<String, byte[]> values = new HashMap<>();
        for (SealedSecret found : secrets.use(project, wanted, build, attempt)) {
            Secret secret = found.secret();
            try {
                values.put(secret.name(), box.open(owner(secret), found.sealed()));
            } catch (ProblemException | IllegalStateException e) {
                throw MissingSecretException.unreadable("The project's secret " + secret.name(), e);
            }
        }
        Map<String, byte[]> byId = new HashMap<>();
        for (Map.Entry<String, String> entry : names.entrySet()) {
            byte[] value = values.get(entry.getValue());
            if (value == null) {
                throw new MissingSecretException(
                        "The project has no secret " + entry.getValue() + " any more.",
                        "Set it with PUT /v1/projects/" + project + "/secrets/" + entry.getValue()
                                + ", and do the build once more.");
            }
            byId.put(entry.getKey(), value);
        }
        return byId;
    }

    /**
     * Stores a value, of which nobody but builds gets to know.
     *
     * @param createdBy id of the caller's token or identity
     * @throws ProblemException if there is no such project, or it has too many secrets
     */
    Secret put(String project, String name, byte[] value, String createdBy) {
        try {
            return secrets.put(project, name, createdBy, clock.instant(), secret -> box.seal(owner(secret), value))
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + project + "` has " + Secrets.MOST + " secrets already."));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(project);
        }
    }

    /** What a value is bound to; {@link io.slipway.db.secret.SealedTexts} says the same in SQL. */
    private static String owner(Secret secret) {
        return secret.project() + "/secret/" + secret.name() + "/" + secret.version();
    }
}
