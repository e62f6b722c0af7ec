package io.slipway.api.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.api.access.Caller;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.access.NoSuchProjectException;
import io.slipway.db.build.BuildId;
import io.slipway.db.secret.RegistryCredential;
import io.slipway.db.secret.RegistryCredentials;
import io.slipway.db.secret.SealedCredential;
import io.slipway.protocol.RegistrySettings;
import java.time.Clock;
import java.util.List;
import org.springframework.stereotype.Component;

/** Who builds of projects are at registries: encrypted when it comes, decrypted when it is needed. Thread-safe. */
@Component
public final class ProjectRegistries {
    private final RegistryCredentials credentials;
    private final SecretBox box;
    private final Clock clock;

    ProjectRegistries(RegistryCredentials credentials, SecretBox box, Clock clock) {
        this.credentials = credentials;
        this.box = box;
        this.clock = clock;
    }

    /**
     * The credentials of a project, as a worker is told: without mirrors and plain http.
     *
     * @throws ProblemException {@link ProblemType#KEY_UNKNOWN} if one can't be decrypted
     */
    public List<RegistrySettings> of(String project) {
        return credentials.sealed(project).stream().map(this::settings).toList();
    }

    /** The same for a build's worker, which is noted. */
    public List<RegistrySettings> use(String project, BuildId build, int attempt) {
        return credentials.use(project, build, attempt).stream()
                .map(this::settings)
                .toList();
    }

    private RegistrySettings settings(SealedCredential sealed) {
        RegistryCredential credential = sealed.credential();
        String proof = new String(box.open(owner(credential), sealed.sealed()), UTF_8);
        String username = credential.username();
        return new RegistrySettings(
                credential.host(),
                List.of(),
                false,
                username,
                username == null ? null : proof,
                true,
                credential.repository().isEmpty() ? null : credential.repository(),
                username == null ? proof : null);
    }

    /**
     * Stores a credential, in the place of one for the same host and repository.
     *
     * @param proof password or token
     * @throws ProblemException if there is no such project, or it has too many
     */
    RegistryCredentials.Stored put(RegistryCredential credential, String proof) {
        try {
            return credentials
                    .put(credential, box.seal(owner(credential), proof.getBytes(UTF_8)), clock.instant())
                    .orElseThrow(() -> new ProblemException(
                            ProblemType.LIMIT_REACHED,
                            "The project `" + credential.project() + "` has " + RegistryCredentials.MOST
                                    + " registry credentials already."));
        } catch (NoSuchProjectException e) {
            throw Caller.projectNotFound(credential.project());
        }
    }

    /** What it is bound to, its host above all; {@link io.slipway.db.secret.SealedTexts} says the same in SQL. */
    private static String owner(RegistryCredential credential) {
        return credential.project() + "/registry-credential/" + credential.host() + "/" + credential.repository();
    }
}
