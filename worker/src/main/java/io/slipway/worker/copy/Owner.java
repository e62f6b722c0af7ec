package io.slipway.worker.copy;

import io.slipway.worker.rootfs.Accounts;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * An owner that {@code --chown} gives.
 *
 * @param uid user id
 * @param gid group id
 */
public record Owner(int uid, int gid) {
    /** Whether the text names neither a user nor a group. */
    static boolean isNumeric(String chown) {
        return Arrays.stream(chown.split(":", 2))
                .allMatch(part -> Accounts.number(part).isPresent());
    }

    /**
     * Reads {@code user[:group]} (dockerfile.md §5 COPY). A name that the accounts lack means 0, as in the reference; a user
     * without a group means the user's primary group, or for a number that has no account the group of the same number.
     */
    public static Owner parse(String chown, Accounts accounts) {
        int colon = chown.indexOf(':');
        String user = colon < 0 ? chown : chown.substring(0, colon);
        String group = colon < 0 ? "" : chown.substring(colon + 1);
        OptionalInt number = Accounts.number(user);
        Accounts.Account account = accounts.user(user);
        int uid = number.orElse(account == null ? 0 : account.uid());
        if (!group.isEmpty()) {
            return new Owner(
                    uid, Accounts.number(group).orElse(accounts.group(group).orElse(0)));
        }
        if (number.isPresent()) {
            return new Owner(uid, uid);
        }
        return new Owner(uid, account == null ? 0 : account.gid());
    }
}
