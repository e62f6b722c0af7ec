package io.slipway.api.webhook.trigger;

import io.slipway.api.intake.CommitBuilds;
import io.slipway.api.problem.BodyFields;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.webhook.host.EventKind;
import io.slipway.api.webhook.host.HostEvent;
import io.slipway.api.webhook.host.HostKind;
import io.slipway.api.webhook.host.PayloadPointers;
import io.slipway.protocol.Globs;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what somebody has written down as a trigger, refuses what can't be, and fills in what was left out. */
final class TriggerDocument {
    static final int MOST_NAME = 100;

    /** What people write into a commit's message so that nothing is built. */
    private static final List<String> SKIP_MARKS = List.of("[skip ci]", "[ci skip]", "[no ci]");

    private static final int MOST_URL = 2000;
    private static final int MOST_PATTERNS = 100;
    private static final int MOST_PATTERN = 250;
    private static final int MOST_PASSWORD = 5000;
    private static final Pattern URL =
            Pattern.compile("(?:https?|ssh|git|file)://\\S+|[^\\s/:@]+@[^\\s/:@]+:[^\\s]+", Pattern.CASE_INSENSITIVE);
    private static final Pattern PASSWORD_IN_URL =
            Pattern.compile("https?://[^/]*@.*|[a-z]+://[^/@]*:[^/@]*@.*", Pattern.CASE_INSENSITIVE);

    /** The path of a repository's URL; Bitbucket Data Center has it below {@code scm}. */
    private static final Pattern PATH = Pattern.compile(
            "(?:[a-z]+://[^/]+/|[^/:@]+@[^/:@]+:/?)(?:scm/(?=[^/]+/[^/]+$))?(.+?)(?:\\.git)?/?",
            Pattern.CASE_INSENSITIVE);

    private TriggerDocument() {}

    /**
     * Reads a document.
     *
     * @param document gets the members that were left out
     * @param project whose builds they will be
     * @throws ProblemException for the first thing that can't be
     */
    static TriggerSettings read(ObjectNode document, String project) {
        Fields fields = new Fields("", document);
        String name = fields.required("name", MOST_NAME, "by it people know later what it is for");
        HostKind host = host(fields);
        boolean enabled = fields.flag("enabled", true);
        TriggerSettings.Repository repository = repository(fields.fields("repository"));
        Set<EventKind> events = events(fields);
        boolean forks = fields.flag("forks", false);
        List<String> branches = patterns(fields, "branches");
        List<String> tags = patterns(fields, "tags");
        List<String> paths = patterns(fields, "paths");
        List<String> marks = fields.texts("skipMarks", 20, 100);
        boolean rebuildOnBase = fields.flag("rebuildOnBase", false);
        BuildTemplate build = BuildTemplate.read(fields.object("build"));
        PayloadPointers payload = payload(fields, host);
        StatusSettings status = StatusDocument.read(fields, name, host, repository.url());
        fields.finish();
        TriggerSettings settings = new TriggerSettings(
                name,
                host,
                enabled,
                repository,
                events,
                forks,
                new Globs(branches),
                new Globs(tags),
                new Globs(paths),
                marks == null ? SKIP_MARKS : marks,
                rebuildOnBase,
                build,
                payload,
                status);
        events.forEach(kind -> {
            CommitBuilds.check(build.fill(sample(kind), "team/app", project, "trg_sample"), "build.");
            StatusDocument.check(status, sample(kind));
        });
        complete(document, settings, branches, tags, paths);
        return settings;
    }

    /**
     * The same of a document that somebody has just written; those that are stored may be of a version that asked for less.
     *
     * @throws ProblemException also if it names a directory outside of the repository
     */
    static TriggerSettings readNew(ObjectNode document, String project) {
        TriggerSettings settings = read(document, project);
        String subdirectory = settings.repository().subdirectory();
        if (subdirectory != null && List.of(subdirectory.split("/")).contains("..")) {
            throw BodyFields.invalid(
                    "repository.subdirectory", "The field repository.subdirectory leaves the repository.", null);
        }
        return settings;
    }

    private static HostKind host(Fields fields) {
        String host = fields.required("host", 40, "one of " + String.join(", ", HostKind.names()));
        return HostKind.parse(host).orElseThrow(() -> fields.unknownWord("host", host, HostKind.names()));
    }

    private static TriggerSettings.Repository repository(Fields fields) {
        String url = fields.required("url", MOST_URL, "such as https://github.com/org/app.git");
        if (!URL.matcher(url).matches() || url.contains("#")) {
            throw fields.invalid(
                    "url", "is no URL that git can clone from", "https, ssh, git or http, or user@host:path");
        }
        if (PASSWORD_IN_URL.matcher(url).matches()) {
            throw fields.invalid(
                    "url", "has credentials, and it is shown", "write them into the fields username and password");
        }
        String fullName = fields.text("fullName", 500);
        String username = fields.text("username", 200);
        String password = fields.text("password", MOST_PASSWORD);
        if (username != null && password == null) {
            throw fields.invalid("password", "is missing, and there is a username", null);
        }
        TriggerSettings.Repository repository = new TriggerSettings.Repository(
                url,
                fullName == null ? fullName(url) : fullName,
                fields.text("subdirectory", 1000),
                fields.flag("submodules", true),
                username,
                password);
        fields.finish();
        return repository;
    }

    /** What hosts call the repository of a URL, or null if that can't be seen. */
    static @Nullable String fullName(String url) {
        Matcher matcher = PATH.matcher(url);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /** A repository's full name that was filled in from its URL goes with the URL when somebody changes that. */
    static void forgetDerivedName(ObjectNode document, ObjectNode patch) {
        if (document.get("repository") instanceof ObjectNode repository
                && patch.path("repository").has("url")
                && !patch.path("repository").has("fullName")) {
            String derived = fullName(repository.path("url").asString(""));
            if (repository.path("fullName").asString("").equals(derived)) {
                repository.remove("fullName");
            }
        }
    }

    private static Set<EventKind> events(Fields fields) {
        List<String> names = fields.texts("events", 10, 40);
        if (names == null) {
            return EnumSet.of(EventKind.PUSH);
        }
        Set<EventKind> events = EnumSet.noneOf(EventKind.class);
        for (String name : names) {
            events.add(EventKind.parse(name).orElseThrow(() -> fields.unknownWord("events", name, EventKind.names())));
        }
        if (events.isEmpty()) {
            throw fields.invalid("events", "names none", "to build nothing for a while, set enabled to false");
        }
        return events;
    }

    private static List<String> patterns(Fields fields, String name) {
        List<String> patterns = fields.texts(name, MOST_PATTERNS, MOST_PATTERN);
        if (patterns == null) {
            return List.of();
        }
        if (patterns.contains("!")) {
            throw fields.invalid(name, "has a pattern that is only !", null);
        }
        return patterns;
    }

    private static PayloadPointers payload(Fields fields, HostKind host) {
        if (!fields.has("payload")) {
            return PayloadPointers.USUAL;
        }
        if (host != HostKind.GENERIC) {
            throw fields.invalid(
                    "payload", "is for the host generic only", "what " + host.wireName() + " sends is known");
        }
        Fields given = fields.fields("payload");
        PayloadPointers usual = PayloadPointers.USUAL;
        PayloadPointers pointers = new PayloadPointers(
                pointer(given, "repository", usual.repository()),
                pointer(given, "ref", usual.ref()),
                pointer(given, "commit", usual.commit()),
                pointer(given, "message", usual.message()),
                pointer(given, "paths", usual.paths()),
                pointer(given, "deleted", usual.deleted()),
                pointer(given, "pullRequest", usual.pullRequest()),
                pointer(given, "targetBranch", usual.targetBranch()),
                pointer(given, "fork", usual.fork()));
        given.finish();
        return pointers;
    }

    private static String pointer(Fields fields, String name, String usual) {
        String pointer = fields.text(name, 500);
        if (pointer == null) {
            return usual;
        }
        try {
            JsonPointer.compile(pointer);
            return pointer;
        } catch (IllegalArgumentException e) {
            throw fields.invalid(name, "is no JSON pointer", "such as /head_commit/id (RFC 6901)");
        }
    }

    /** Something that may happen, with which templates are tried. */
    private static HostEvent sample(EventKind kind) {
        String commit = "0123456789abcdef0123456789abcdef01234567";
        return switch (kind) {
            case PUSH -> new HostEvent(kind, "refs/heads/main", commit, "main", null, false, null, null, null, null);
            case TAG -> new HostEvent(kind, "refs/tags/v1.0", commit, null, "v1.0", false, null, null, null, null);
            case PULL_REQUEST ->
                HostEvent.pullRequest(
                        "refs/pull/1/head", commit, "topic", null, new HostEvent.PullRequest("1", "main", false));
        };
    }

    /** Writes down what was left out, so that who reads a trigger sees what it does. */
    private static void complete(
            ObjectNode document,
            TriggerSettings settings,
            List<String> branches,
            List<String> tags,
            List<String> paths) {
        document.put("enabled", settings.enabled());
        document.put("forks", settings.forks());
        put(
                document,
                "events",
                settings.events().stream().map(EventKind::wireName).sorted().toList());
        put(document, "branches", branches);
        put(document, "tags", tags);
        put(document, "paths", paths);
        put(document, "skipMarks", settings.skipMarks());
        document.put("rebuildOnBase", settings.rebuildOnBase());
        if (document.get("repository") instanceof ObjectNode repository) {
            repository.put("submodules", settings.repository().submodules());
            if (settings.repository().fullName() != null) {
                repository.put("fullName", settings.repository().fullName());
            }
        }
        StatusSettings status = settings.status();
        if (status != null && document.get("status") instanceof ObjectNode told) {
            told.put("apiUrl", status.apiUrl());
        }
        if (!document.hasNonNull("build")) {
            document.putObject("build");
        }
    }

    private static void put(ObjectNode document, String name, List<String> texts) {
        ArrayNode array = document.putArray(name);
        texts.forEach(array::add);
    }
}
