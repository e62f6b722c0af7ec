package io.slipway.api.intake;

import io.slipway.api.build.BuildResource;
import io.slipway.api.build.BuildSettings;
import io.slipway.api.build.ContextDirectory;
import io.slipway.api.intake.option.BuildOption;
import io.slipway.api.intake.option.BuildOptions;
import io.slipway.api.intake.option.ContextSource;
import io.slipway.api.intake.option.NamedSource;
import io.slipway.api.intake.option.OptionException;
import io.slipway.api.problem.ProblemException;
import io.slipway.api.problem.ProblemType;
import io.slipway.db.build.Build;
import io.slipway.db.build.BuildId;
import io.slipway.db.build.BuildResult;
import io.slipway.db.build.Builds;
import io.slipway.image.Descriptor;
import io.slipway.image.Digest;
import io.slipway.image.ImageDocumentException;
import io.slipway.image.layout.LayoutException;
import io.slipway.image.layout.OciLayout;
import io.slipway.image.store.ContentStore;
import io.slipway.image.store.ImageBlobs;
import io.slipway.protocol.CacheScope;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.NamedContext;
import io.slipway.remote.SourceException;
import io.slipway.remote.http.HttpUrl;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Makes of a request's named contexts what its build is given. Thread-safe. */
@Component
final class NamedContexts {
    private final FetchedContexts fetched;
    private final Builds builds;
    private final ContentStore store;

    NamedContexts(FetchedContexts fetched, Builds builds, ContentStore store) {
        this.fetched = fetched;
        this.builds = builds;
        this.store = store;
    }

    /**
     * Fetches what has to be fetched and looks for what has to be there; images of registries are left to the worker.
     *
     * @param contexts what came along; what is fetched is added
     * @throws ProblemException if one is not to be had, or no context; it names the context
     */
    Map<String, NamedContext> given(BuildOptions options, RequestContexts contexts) throws IOException {
        requireMatch(options, contexts);
        Map<String, NamedContext> given = new LinkedHashMap<>();
        for (Map.Entry<String, NamedSource> entry : options.contexts().entrySet()) {
            String name = entry.getKey();
            switch (entry.getValue()) {
                case NamedSource.Image(String reference) -> given.put(name, new NamedContext.Image(reference));
                case NamedSource.Build(String id) -> given.put(name, built(name, id, options));
                case NamedSource.Layout layout
                when layout.files() == null -> given.put(name, layout(name, layout, contexts));
                case NamedSource.Layout _, ContextSource _ -> {
                    // Fetched last, when all else is right.
                }
            }
        }
        for (Map.Entry<String, NamedSource> entry : options.contexts().entrySet()) {
            String name = entry.getKey();
            if (entry.getValue() instanceof ContextSource source) {
                contexts.add(name, fetch(name, source, options, contexts));
            }
            if (entry.getValue() instanceof NamedSource.Layout layout && layout.files() != null) {
                contexts.add(name, fetch(name, layout.files(), options, contexts));
                given.put(name, layout(name, layout, contexts));
            }
        }
        contexts.named()
                .forEach((name, context) -> given.putIfAbsent(
                        name, new NamedContext.Files(ContextDirectory.name(context.path()), context.time())));
        return given;
    }

    private StoredContext fetch(String name, ContextSource source, BuildOptions options, RequestContexts contexts)
            throws IOException {
        String parameter = BuildOption.BUILD_CONTEXT.wireName();
        try {
            return fetched.fetchNamed(contexts.id(), contexts.nextNumber(), source, options);
        } catch (SourceException e) {
            throw IntakeProblems.of(e.about(parameter + " " + name)).with("parameter", parameter);
        } catch (ProblemException e) {
            throw e.about(parameter + " " + name).with("parameter", parameter);
        }
    }

    /** What the build's resource says of them, by name. */
    static List<BuildResource.NamedContext> origins(BuildOptions options, RequestContexts contexts) {
        Map<String, BuildResource.NamedContext> origins = new TreeMap<>();
        contexts.named()
                .keySet()
                .forEach(name -> origins.put(name, new BuildResource.NamedContext(name, "files", null)));
        options.contexts().forEach((name, source) -> origins.put(name, origin(name, source)));
        return List.copyOf(origins.values());
    }

    private static BuildResource.NamedContext origin(String name, NamedSource source) {
        return switch (source) {
            case NamedSource.Image(String reference) ->
                new BuildResource.NamedContext(name, "image", "docker-image://" + reference);
            case NamedSource.Build(String id) ->
                new BuildResource.NamedContext(name, "build", "slipway://" + shown(id));
            case NamedSource.Layout _ -> new BuildResource.NamedContext(name, "layout", null);
            case ContextSource.Git git ->
                new BuildResource.NamedContext(name, "git", git.source().address());
            case ContextSource.Uploaded _ -> new BuildResource.NamedContext(name, "files", null);
            case ContextSource.Http http ->
                new BuildResource.NamedContext(
                        name, "http", HttpUrl.shown(http.source().url()));
        };
    }

    /** A part of the request is an OCI layout if the options say so; they say nothing else of a part. */
    private static void requireMatch(BuildOptions options, RequestContexts contexts) {
        options.contexts().forEach((name, source) -> {
            boolean layout = source instanceof NamedSource.Layout wanted && wanted.files() == null;
            boolean here = contexts.named().containsKey(name);
            if (layout && !here) {
                throw new OptionException(
                        BuildOption.BUILD_CONTEXT.wireName(),
                        "buildContext " + name + " is an OCI layout, and the request has no part context." + name,
                        "send the layout as a tar in that part of a multipart body");
            }
            if (here && !layout) {
                throw new OptionException(
                        BuildOption.BUILD_CONTEXT.wireName(),
                        "buildContext " + name + " is given twice: in the options and as the part context." + name,
                        "leave one of them out");
            }
        });
    }

    private NamedContext built(String name, String id, BuildOptions options) throws IOException {
        String project = options.project();
        Build build = BuildId.parse(id)
                .flatMap(builds::find)
                .filter(found -> found.project().equals(project))
                .orElseThrow(() -> refused(
                        ProblemType.CONTEXT_UNREACHABLE,
                        ErrorCode.CONTEXT_UNREACHABLE,
                        "buildContext " + name + ": there is no build " + shown(id) + " in the project " + project
                                + "."));
        CacheScope scope = BuildSettings.of(build).scope(project);
        if (!scope.equals(new CacheScope(project, options.cacheScope()))) {
            throw refused(
                    ProblemType.CONTEXT_UNREACHABLE,
                    ErrorCode.CONTEXT_UNREACHABLE,
                    "buildContext " + name + ": the build " + build.id() + " has "
                            + (scope.name() == null ? "no cacheScope" : "the cacheScope " + scope.name())
                            + ", and images are used within their scope only.");
        }
        BuildResult result = build.result();
        if (result == null) {
            throw refused(
                    ProblemType.CONTEXT_UNREACHABLE,
                    ErrorCode.CONTEXT_UNREACHABLE,
                    "buildContext " + name + ": the build " + build.id() + " has no image: it is "
                            + build.state().wireName() + ".");
        }
        Digest digest = Digest.parse(result.digest());
        try {
            Descriptor image = new Descriptor(result.mediaType(), digest, store.size(digest));
            if (ImageBlobs.lost(store.heldBy(scope.tenant()), image).isEmpty()) {
                return new NamedContext.Stored(result.digest(), result.mediaType());
            }
        } catch (NoSuchFileException e) {
            // As if a layer were missing.
        }
        throw refused(
                ProblemType.CONTEXT_UNREACHABLE,
                ErrorCode.CONTEXT_UNREACHABLE,
                "buildContext " + name + ": the image of build " + build.id()
                        + " is not in the content store any more.");
    }

    private static NamedContext layout(String name, NamedSource.Layout wanted, RequestContexts contexts)
            throws IOException {
        Path tar = Objects.requireNonNull(contexts.named().get(name), name).path();
        try (OciLayout layout = OciLayout.open(tar)) {
            Descriptor image = layout.find(wanted.name());
            return new NamedContext.Layout(
                    ContextDirectory.name(tar), image.digest().toString(), image.mediaType());
        } catch (LayoutException | ImageDocumentException e) {
            throw refused(
                    ProblemType.CONTEXT_INVALID,
                    ErrorCode.CONTEXT_INVALID,
                    "buildContext " + name + ": " + e.getMessage() + ".");
        }
    }

    private static String shown(String id) {
        return id.length() > 100 ? id.substring(0, 100) + "…" : id;
    }

    private static ProblemException refused(ProblemType type, ErrorCode code, String detail) {
        return new ProblemException(type, detail)
                .with("code", code.wireName())
                .with("parameter", BuildOption.BUILD_CONTEXT.wireName());
    }
}
