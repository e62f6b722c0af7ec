package io.slipway.remote.git;

import io.slipway.image.tar.TarWriter;
import io.slipway.remote.SourceException;
import io.slipway.remote.SourceException.Kind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jgit.errors.ConfigInvalidException;
import org.eclipse.jgit.lib.BlobBasedConfig;
import org.eclipse.jgit.lib.ConfigConstants;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.treewalk.TreeWalk;
import org.jspecify.annotations.Nullable;

/**
 * Writes submodules in their places, each fetched on its own by the commit that its parent names. A URL in .gitmodules is
 * as untrusted as one in a request: it passes the same checks. Not thread-safe.
 */
final class GitSubmodules {
    private static final int MOST = 100;
    private static final int DEEPEST = 8;
    private static final String FILE = ".gitmodules";
    private static final int MOST_FILE_BYTES = 1024 * 1024;

    private final GitFetcher fetcher;
    private final Path scratch;
    private final @Nullable String authorization;
    private final URIish root;
    private final boolean foreign;
    private int count;

    /**
     * @param scratch where their objects go
     * @param authorization header for the server of {@code root} only
     * @param foreign whether who names the submodules has no right to anything that asks for credentials
     */
    GitSubmodules(GitFetcher fetcher, Path scratch, URIish root, @Nullable String authorization, boolean foreign) {
        this.fetcher = fetcher;
        this.scratch = scratch;
        this.authorization = authorization;
        this.root = root;
        this.foreign = foreign;
    }

    /** The submodules of {@code commit} in the repository that came from {@code uri}. */
    GitTree.Submodules of(Repository repository, RevCommit commit, URIish uri) throws IOException {
        return at(repository, commit, uri, 1);
    }

    private GitTree.Submodules at(Repository repository, RevCommit commit, URIish uri, int depth) throws IOException {
        Map<String, String> urls = urls(repository, commit);
        return (tar, name, path, wanted) -> {
            String url = urls.get(path);
            // As git does: a commit in the tree that .gitmodules does not know stays an empty directory.
            if (url != null) {
                write(tar, name, absolute(uri, url, path), wanted, depth);
            }
        };
    }

    private void write(TarWriter tar, String name, String url, ObjectId wanted, int depth) throws IOException {
        count++;
        if (depth > DEEPEST || count > MOST) {
            throw new SourceException(
                    Kind.INVALID,
                    "more than " + MOST + " submodules, or submodules more than " + DEEPEST + " deep",
                    "set submodules to false");
        }
        URIish uri = fetcher.checked(url);
        if (foreign) {
            if (GitUrls.scheme(uri).equals("ssh")) {
                throw new SourceException(
                        Kind.AUTH,
                        "the submodule " + name + " is reached by ssh, and the commit is a stranger's, who has no key",
                        "name public submodules by https, or set submodules to false");
            }
            // A relative URL has what the repository's own has.
            uri = uri.setUser(null).setPass(null);
        }
        Path directory = scratch.resolve("submodule-" + count);
        String fitting = GitUrls.sameServer(root, uri) ? authorization : GitUrls.authorization(uri);
        try (GitFetcher.Fetched fetched = fetcher.fetch(directory, uri, wanted.name(), fitting)) {
            RevCommit commit = GitTree.commit(fetched.repository(), fetched.object());
            if (commit == null) {
                throw new SourceException(Kind.REF_NOT_FOUND, "the submodule " + name + " names no commit", null);
            }
            GitTree.of(fetched.repository(), commit, null)
                    .write(tar, name + "/", "", at(fetched.repository(), commit, uri, depth + 1));
        }
    }

    private static Map<String, String> urls(Repository repository, RevCommit commit) throws IOException {
        Map<String, String> urls = new HashMap<>();
        try (TreeWalk walk = TreeWalk.forPath(repository, FILE, commit.getTree())) {
            if (walk == null) {
                return urls;
            }
            byte[] text =
                    repository.open(walk.getObjectId(0), Constants.OBJ_BLOB).getCachedBytes(MOST_FILE_BYTES);
            BlobBasedConfig config = new BlobBasedConfig(null, text);
            for (String module : config.getSubsections(ConfigConstants.CONFIG_SUBMODULE_SECTION)) {
                String path = config.getString(ConfigConstants.CONFIG_SUBMODULE_SECTION, module, "path");
                String url = config.getString(ConfigConstants.CONFIG_SUBMODULE_SECTION, module, "url");
                if (path != null && url != null) {
                    urls.put(path, url);
                }
            }
            return urls;
        } catch (ConfigInvalidException e) {
            throw new SourceException(
                    Kind.INVALID, "the repository's " + FILE + " is malformed", "set submodules to false", e);
        }
    }

    /** Resolves {@code ./} and {@code ../} against the parent's URL (git-submodule(1)). */
    private static String absolute(URIish parent, String url, String path) {
        if (!url.startsWith("./") && !url.startsWith("../")) {
            return url;
        }
        String base = parent.getRawPath().replaceFirst("/+$", "");
        String rest = url;
        while (rest.startsWith("./") || rest.startsWith("../")) {
            if (rest.startsWith("../")) {
                int slash = base.lastIndexOf('/');
                if (slash < 0) {
                    throw new SourceException(
                            Kind.INVALID, "the URL of the submodule " + path + " leaves its server", null);
                }
                base = base.substring(0, slash);
            }
            rest = rest.substring(rest.indexOf('/') + 1);
        }
        try {
            return parent.setRawPath(base + "/" + rest).toPrivateString();
        } catch (URISyntaxException e) {
            throw new SourceException(Kind.INVALID, "the URL of the submodule " + path + " is malformed", null, e);
        }
    }
}
