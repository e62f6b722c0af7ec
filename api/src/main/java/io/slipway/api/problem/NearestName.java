package io.slipway.api.problem;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** "Did you mean": the known name that somebody probably meant. */
public final class NearestName {
    /** Longer names are no slip of the pen; it also bounds the work. */
    private static final int LONGEST = 64;

    /** Names of build options in the Docker Engine's API and on its command line. */
    private static final Map<String, String> ALIASES = Map.of(
            "t", "tag",
            "f", "dockerfile",
            "file", "dockerfile",
            "networkmode", "network",
            "arg", "buildArg",
            "remote", "context",
            "user", "username",
            "pass", "password");

    private NearestName() {}

    /**
     * The candidate with the smallest edit distance to {@code name}, without regard to case, hyphens and underscores; empty
     * if none is near: more than a third of the letters differ.
     */
    public static Optional<String> of(String name, Collection<String> candidates) {
        if (name.isEmpty() || name.length() > LONGEST) {
            return Optional.empty();
        }
        String wanted = plain(name);
        String alias = ALIASES.get(wanted);
        if (alias != null && candidates.contains(alias)) {
            return Optional.of(alias);
        }
        int most = Math.max(1, wanted.length() / 3);
        return candidates.stream()
                .filter(candidate -> distance(wanted, plain(candidate)) <= most)
                .min(Comparator.comparingInt(candidate -> distance(wanted, plain(candidate))));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours cost one each. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[b.length()];
    }
}
