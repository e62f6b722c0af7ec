package io.slipway.api.webhook.trigger;

import io.slipway.api.problem.BodyFields;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.remote.http.HttpUrl;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads how a git host is told what becomes of commits, the member {@code status} of a trigger's document. */
final class StatusDocument {
    private static final String CHECK_RUN = "checkRun";

    /** An id is a number; client ids begin with {@code Iv}. */
    private static final Pattern APP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private static final Pattern INSTALLATION = Pattern.compile("[1-9][0-9]{0,18}");

    private static final int MOST_KEY = 20_000;
    private static final int MOST_TOKEN = 5000;
    private static final int MOST_URL = 1000;

    /** Where the APIs of public hosts are, by the host of their repositories' URLs; those of one's own have to be named. */
    private static final Map<HostKind, Map<String, String>> PUBLIC = Map.of(
            HostKind.GITHUB, Map.of("github.com", "https://api.github.com"),
            HostKind.GITLAB, Map.of("gitlab.com", "https://gitlab.com/api/v4"),
            HostKind.BITBUCKET_CLOUD, Map.of("bitbucket.org", "https://api.bitbucket.org/2.0"));

    private StatusDocument() {}

    /**
     * Reads it.
     *
     * @param fields of the whole document
     * @param name the trigger's
     * @param repository URL of the repository
     * @return null if the host is told nothing
     */
    static @Nullable StatusSettings read(Fields fields, String name, HostKind host, String repository) {
        if (!fields.has("status")) {
            return null;
        }
        if (host == HostKind.GENERIC) {
            throw fields.invalid("status", "is there, and the host generic has no API", "leave it out");
        }
        Fields given = fields.fields("status");
        StatusSettings.Access access = given.has(CHECK_RUN) ? app(given, host) : token(given);
        String url = given.text("apiUrl", MOST_URL);
        String context = given.text("context", 200);
        given.finish();
        return new StatusSettings(
                url == null ? usual(given, host, repository) : checked(given, url),
                access,
                Template.parse("status.context", context == null ? "slipway/" + escaped(name) : context));
    }

    private static StatusSettings.Token token(Fields given) {
        String token = given.required("token", MOST_TOKEN, "the host lets set statuses whoever has one");
        return new StatusSettings.Token(given.text("username", 200), token);
    }

    private static StatusSettings.App app(Fields given, HostKind host) {
        if (host != HostKind.GITHUB) {
            throw given.invalid(
                    CHECK_RUN, "is there, and only the host github has check runs", "write a token instead of it");
        }
        for (String other : List.of("token", "username")) {
            if (given.has(other)) {
                throw given.invalid(
                        other,
                        "is there beside status.checkRun, whose App gets its own tokens",
                        "leave one of them out; in a patch, null takes it away");
            }
        }
        Fields fields = given.fields(CHECK_RUN);
        String id = fields.id("appId", APP, "the App's id or client id, from its settings at GitHub");
        String installation = fields.id(
                "installationId", INSTALLATION, "the number at the end of the address of the App's installation");
        String pem = fields.lines("privateKey", MOST_KEY, "GitHub makes one in the App's settings");
        fields.finish();
        try {
            return new StatusSettings.App(id, installation, AppKey.parse(pem));
        } catch (IllegalArgumentException e) {
            throw fields.invalid(
                    "privateKey", String.valueOf(e.getMessage()), "the whole file that GitHub has made, as it is");
        }
    }

    private static String escaped(String name) {
        return name.replace("{", "{{").replace("}", "}}");
    }

    private static String usual(Fields fields, HostKind host, String repository) {
        String usual = PUBLIC.getOrDefault(host, Map.of()).get(hostOf(repository));
        if (usual == null) {
            throw fields.invalid(
                    "apiUrl",
                    "is missing",
                    switch (host) {
                        case GITHUB -> "of GitHub Enterprise Server https://HOST/api/v3";
                        case GITLAB -> "such as https://gitlab.example/api/v4";
                        case GITEA, FORGEJO -> "such as https://git.example/api/v1";
                        case BITBUCKET_CLOUD -> "https://api.bitbucket.org/2.0";
                        case BITBUCKET_DATA_CENTER, GENERIC -> "such as https://bitbucket.example/rest/api/latest";
                    });
        }
        return usual;
    }

    private static String checked(Fields fields, String url) {
        HttpUrl parsed = HttpUrl.parse(url);
        if (parsed == null || parsed.user() != null || !parsed.query().isEmpty() || url.contains("#")) {
            throw fields.invalid(
                    "apiUrl",
                    "is no http or https URL without user, query and fragment",
                    "such as https://git.example/api/v1");
        }
        return url.replaceFirst("/+$", "");
    }

    /** The host of a repository's URL in any of git's forms; empty if that can't be seen. */
    private static String hostOf(String repository) {
        String rest = repository.replaceFirst("^[a-z]+://", "").replaceFirst("^[^/@]*@", "");
        return rest.split("[:/]", 2)[0].toLowerCase(Locale.ROOT);
    }

    /** Refuses a context that asks for what an event of this kind does not have. */
    static void check(@Nullable StatusSettings settings, HostEvent sample) {
        if (settings != null && settings.context().fill(placeholder -> placeholder.of(sample, "team/app")) == null) {
            throw BodyFields.invalid(
                    "status.context",
                    "The template status.context asks for what the event "
                            + sample.kind().wireName() + " does not have.",
                    "all events have " + String.join(", ", List.of("{event}", "{ref}", "{repository}")));
        }
    }
}
