package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a repository, of ADD or of a build context (dockerfile.md §5 ADD): {@code https://host/x.git}, {@code git://…}, {@code ssh://…} or
 * {@code user@host:x.git}, with {@code #REF[:DIRECTORY]} or a query after it.
 *
 * @param remote the repository's URL, without query and fragment, or {@code user@host:path}
 * @param ref commit, branch, tag or full reference; null for the default branch
 * @param directory the directory of the repository to use; null for all of it
 * @param checksum the commit that {@code ref} has to be, or its first digits; null if anything goes
 * @param keepGitDir whether {@code .git} is kept; null if the address does not say
 * @param submodules whether submodules are checked out
 * @param commitTimes whether files get the time of the commit ({@code mtime=commit}) instead of that of the checkout
 * @param fetchByCommit whether {@code checksum} itself is fetched instead of {@code ref}
 */
public record GitAddress(
        String remote,
        @Nullable String ref,
        @Nullable String directory,
        @Nullable String checksum,
        @Nullable Boolean keepGitDir,
        boolean submodules,
        boolean commitTimes,
        boolean fetchByCommit) {

    private static final Pattern URL =
            Pattern.compile("(?s)(https?|git|ssh)://([^/?#]*)([^?#]*)(?:\\?([^#]*))?(?:#(.*))?");
    private static final Pattern SCP =
            Pattern.compile("(?s)([a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:[^?#]*)(?:\\?([^#]*))?(?:#(.*))?");
    private static final List<String> KEYS = List.of(
            "ref",
            "tag",
            "branch",
            "subdir",
            "checksum",
            "commit",
            "keep-git-dir",
            "submodules",
            "mtime",
            "fetch-by-commit");

    /** The address in {@code text}, or null if it is none; {@code http} and {@code https} need a path that ends in {@code .git}. */
    @Nullable
    public static GitAddress parse(String text) {
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            boolean http = url.group(1).startsWith("http");
            if (http && !url.group(3).endsWith(".git")) {
                return null;
            }
            String remote = url.group(1) + "://" + url.group(2) + url.group(3);
            return new Reader(text, remote, url.group(4), url.group(5)).read();
        }
        Matcher scp = SCP.matcher(text);
        return scp.matches() ? new Reader(text, scp.group(1), scp.group(2), scp.group(3)).read() : null;
    }

    /** Whether {@code text} is the address of a repository, even if its parts do not go together. */
    public static boolean isGit(String text) {
        Matcher url = URL.matcher(text);
        if (url.matches()) {
            return !url.group(1).startsWith("http") || url.group(3).endsWith(".git");
        }
        return SCP.matcher(text).matches();
    }

    /** Reads query and fragment. */
    private static final class Reader {

        private final String text;
        private final String remote;
        private final Map<String, String> query;

        @Nullable
        private String ref;

        @Nullable
        private String directory;

        Reader(String text, String remote, @Nullable String query, @Nullable String fragment) {
            this.text = text;
            this.remote = remote;
            this.query = query == null ? Map.of() : fields(query);
            if (fragment != null && !fragment.isEmpty()) {
                String decoded = decode(fragment);
                int colon = decoded.indexOf(':');
                ref = blankIsNull(colon < 0 ? decoded : decoded.substring(0, colon));
                directory = colon < 0 ? null : blankIsNull(decoded.substring(colon + 1));
            }
        }

        GitAddress read() {
            agree("ref", query.get("ref"));
            String tag = query.get("tag");
            String branch = query.get("branch");
            if (tag != null && branch != null) {
                throw problem("it names both a tag and a branch", null);
            }
            agree("tag", tag == null ? null : withPrefix("refs/tags/", tag));
            agree("branch", branch == null ? null : withPrefix("refs/heads/", branch));
            String subdirectory = query.get("subdir");
            if (subdirectory != null && directory != null && !subdirectory.equals(directory)) {
                throw problem("it names the directories " + directory + " and " + subdirectory, null);
            }
            String checksum = query.get("checksum") != null ? query.get("checksum") : query.get("commit");
            if (query.get("checksum") != null && query.get("commit") != null) {
                throw problem("checksum and commit mean the same, and it has both", null);
            }
            if (ref == null) {
                ref = checksum;
            }
            return new GitAddress(
                    remote,
                    ref,
                    subdirectory != null ? subdirectory : directory,
                    checksum,
                    query.containsKey("keep-git-dir") ? (Boolean) flag("keep-git-dir", false) : null,
                    flag("submodules", true),
                    commitTimes(),
                    flag("fetch-by-commit", false));
        }

        private void agree(String key, @Nullable String value) {
            if (value == null) {
                return;
            }
            if (ref != null && !ref.equals(value)) {
                throw problem(
                        "it asks for both " + ref + " and " + value + " (" + key + ")", "name the reference once");
            }
            ref = value;
        }

        private boolean commitTimes() {
            String mtime = query.get("mtime");
            if (mtime != null && !mtime.equals("checkout") && !mtime.equals("commit")) {
                throw problem("mtime=" + mtime + " is not known", "mtime is checkout or commit");
            }
            return "commit".equals(mtime);
        }

        private boolean flag(String key, boolean otherwise) {
            String value = query.get(key);
            if (value == null) {
                return otherwise;
            }
            return switch (value) {
                case "", "1", "t", "T", "TRUE", "true", "True" -> true;
                case "0", "f", "F", "FALSE", "false", "False" -> false;
                default -> throw problem(key + "=" + value + " is neither true nor false", null);
            };
        }

        private Map<String, String> fields(String written) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (String field : written.split("&", -1)) {
                if (field.isEmpty()) {
                    continue;
                }
                int equals = field.indexOf('=');
                String key = decode(equals < 0 ? field : field.substring(0, equals));
                String value = equals < 0 ? "" : decode(field.substring(equals + 1));
                if (!KEYS.contains(key)) {
                    throw problem("it has the unknown query " + key, Suggestion.hint(key, KEYS));
                }
                boolean bare = key.equals("keep-git-dir") || key.equals("submodules") || key.equals("fetch-by-commit");
                if (value.isEmpty() && !bare) {
                    throw problem("the query " + key + " has no value", null);
                }
                if (fields.put(key, value) != null) {
                    throw problem("the query " + key + " is given twice", null);
                }
            }
            return fields;
        }

        private static String withPrefix(String prefix, String name) {
            return name.startsWith(prefix) ? name : prefix + name;
        }

        @Nullable
        private static String blankIsNull(String text) {
            return text.isEmpty() ? null : text;
        }

        private String decode(String escaped) {
            if (escaped.indexOf('%') < 0) {
                return escaped;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < escaped.length(); i++) {
                if (escaped.charAt(i) != '%') {
                    bytes.writeBytes(escaped.substring(i, i + 1).getBytes(StandardCharsets.UTF_8));
                    continue;
                }
                if (!escaped.substring(i).matches("(?s)%[0-9a-fA-F]{2}.*")) {
                    throw problem("it has a % that is not followed by two hexadecimal digits", null);
                }
                bytes.write(Integer.parseInt(escaped, i + 1, i + 3, 16));
                i += 2;
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        private InvalidValueException problem(String problem, @Nullable String hint) {
            return new InvalidValueException("the repository address " + text + " is not valid: " + problem, hint);
        }
    }
}
