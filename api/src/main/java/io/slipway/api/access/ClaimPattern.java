package io.slipway.api.access;

import java.util.Collection;
import java.util.Map;

/**
 * Compares claims with what is expected of them. In what is expected, {@code *} stands for any characters, none and slashes included; all
 * others for themselves. Of a claim that is a list, one value has to match; numbers and truth values are compared as JSON writes
 * them; objects never match.
 */
final class ClaimPattern {
    private ClaimPattern() {}

    /** Whether every one of the expected claims is there and matches. */
    static boolean matchesAll(Map<String, String> expected, Map<String, Object> claims) {
        return expected.entrySet().stream().allMatch(claim -> matches(claim.getValue(), claims.get(claim.getKey())));
    }

    private static boolean matches(String pattern, @org.jspecify.annotations.Nullable Object value) {
        return switch (value) {
            case String text -> matches(pattern, text);
            case Boolean flag -> matches(pattern, flag.toString());
            case Number number -> matches(pattern, number.toString());
            case Collection<?> values ->
                values.stream().anyMatch(one -> !(one instanceof Collection) && matches(pattern, one));
            case null, default -> false;
        };
    }

    /**
     * In time that grows with the product of both lengths at most, whatever an adversary has put into the value: after a mismatch only the
     * last star takes one character more.
     */
    static boolean matches(String pattern, String value) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < value.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && pattern.charAt(at) == value.charAt(in)) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
