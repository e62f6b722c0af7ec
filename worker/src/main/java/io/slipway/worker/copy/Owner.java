package io.slipway.worker.copy;

import io.slipway.dockerfile.check.Rule;
import io.slipway.worker.cache.Remark;
import io.slipway.worker.rootfs.Accounts;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.Consumer;

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
     *
     * @param where what the text stands in, to be named in remarks
     * @param remarks is told of names that the accounts lack
     */
    public static Owner parse(String where, String chown, Accounts accounts, Consumer<Remark> remarks) {
        int colon = chown.indexOf(':');
        String user = colon < 0 ? chown : chown.substring(0, colon);
        String group = colon < 0 ? "" : chown.substring(colon + 1);
        OptionalInt number = Accounts.number(user);
        Accounts.Account account = accounts.user(user);
        int uid = number.orElse(account == null ? 0 : account.uid());
        if (number.isEmpty() && account == null && !isRoot(user)) {
            remarks.accept(unknown("user", user, where, "/etc/passwd"));
        }
        if (!group.isEmpty()) {
            OptionalInt groupNumber = Accounts.number(group);
            OptionalInt gid = groupNumber.isPresent() ? groupNumber : accounts.group(group);
            if (gid.isEmpty() && !isRoot(group)) {
                remarks.accept(unknown("group", group, where, "/etc/group"));
            }
            return new Owner(uid, gid.orElse(0));
        }
        if (number.isPresent()) {
            return new Owner(uid, uid);
        }
        return new Owner(uid, account == null ? 0 : account.gid());
    }

    /** Whoever writes root, or nothing, means 0. */
    private static boolean isRoot(String name) {
        return name.isEmpty() || name.equals("root");
    }

    private static Remark unknown(String kind, String name, String where, String file) {
        return new Remark(
                Rule.UNKNOWN_OWNER,
                "The " + kind + " \"" + name + "\" of " + where + " is not in the image's " + file
                        + ": what is copied or made belongs to " + kind + " 0");
    }
}
