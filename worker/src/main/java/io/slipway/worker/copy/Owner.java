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
    /** Means 0 also where there are no accounts. */
    private static final String ROOT = "root";

    /** Whether the text names neither a user nor a group. */
    static boolean isNumeric(String chown) {
        return Arrays.stream(chown.split(":", 2))
                .allMatch(part -> part.isEmpty() || Accounts.number(part).isPresent());
    }

    /**
     * Reads {@code user[:group]} (dockerfile.md §5 COPY). A user without a group means the user's primary group, or for a number the group
     * of the same number. As in the reference, a user that the accounts lack means 0, a group that they lack is as if there were none, and
     * an empty one is 0.
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
        Owner own = number.isPresent()
                ? new Owner(number.getAsInt(), number.getAsInt())
                : account == null ? new Owner(0, 0) : new Owner(account.uid(), account.gid());
        if (number.isEmpty() && account == null && !user.isEmpty() && !user.equals(ROOT)) {
            remarks.accept(unknown("user", user, where, "/etc/passwd", own.uid()));
        }
        if (colon < 0) {
            return own;
        }
        if (group.isEmpty()) {
            return new Owner(own.uid(), 0);
        }
        OptionalInt groupNumber = Accounts.number(group);
        OptionalInt gid = groupNumber.isPresent() ? groupNumber : accounts.group(group);
        if (gid.isPresent()) {
            return new Owner(own.uid(), gid.getAsInt());
        }
        if (!group.equals(ROOT) || own.gid() != 0) {
            remarks.accept(unknown("group", group, where, "/etc/group", own.gid()));
        }
        return own;
    }

    private static Remark unknown(String kind, String name, String where, String file, int id) {
        return new Remark(
                Rule.UNKNOWN_OWNER,
                "The " + kind + " \"" + name + "\" of " + where + " is not in the image's " + file
                        + ": what is copied or made belongs to " + kind + " " + id);
    }
}
