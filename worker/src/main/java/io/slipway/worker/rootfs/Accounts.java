package io.slipway.worker.rootfs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The accounts of a root file system: its /etc/passwd (passwd(5)) and /etc/group (group(5)), read beneath the root and with a
 * limit, because an image may link them anywhere and make them any size.
 */
public final class Accounts {
    private static final int LIMIT = 10 * 1024 * 1024;

    private final List<String[]> users;
    private final List<String[]> groups;

    private Accounts(List<String[]> users, List<String[]> groups) {
        this.users = users;
        this.groups = groups;
    }

    /** Reads the accounts; a file that is not there has none. */
    public static Accounts of(RootTree root) throws IOException {
        return new Accounts(lines(root, "etc/passwd", 7), lines(root, "etc/group", 4));
    }

    private static List<String[]> lines(RootTree root, String path, int fields) throws IOException {
        return new String(root.readSmall(path, LIMIT), StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(":", -1))
                .filter(parts -> parts.length >= Math.min(fields, 3))
                .toList();
    }

    /** One user, as passwd(5) has it. */
    public record Account(String name, int uid, int gid, String home) {}

    /** The user of this name, or null. */
    public @Nullable Account user(String name) {
        return user(0, name);
    }

    /** The first user of this number, or null. */
    public @Nullable Account user(int uid) {
        return user(2, Integer.toString(uid));
    }

    private @Nullable Account user(int field, String value) {
        for (String[] user : users) {
            if (user.length > 3 && user[field].equals(value)) {
                OptionalInt uid = number(user[2]);
                OptionalInt gid = number(user[3]);
                if (uid.isPresent() && gid.isPresent()) {
                    String home = user.length > 5 && !user[5].isEmpty() ? user[5] : "/";
                    return new Account(user[0], uid.getAsInt(), gid.getAsInt(), home);
                }
            }
        }
        return null;
    }

    /** The number of the group of this name. */
    public OptionalInt group(String name) {
        for (String[] group : groups) {
            if (group[0].equals(name)) {
                return number(group[2]);
            }
        }
        return OptionalInt.empty();
    }

    /** Numbers of the groups that name this user as a member. */
    public List<Integer> groupsOf(String name) {
        List<Integer> member = new ArrayList<>();
        for (String[] group : groups) {
            if (group.length > 3 && List.of(group[3].split(",")).contains(name)) {
                number(group[2]).ifPresent(member::add);
            }
        }
        return member;
    }

    /** A user or group id in decimal, 0 to 2³¹-1. */
    public static OptionalInt number(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return OptionalInt.empty();
        }
        long value = Long.parseLong(text);
        return value <= Integer.MAX_VALUE ? OptionalInt.of((int) value) : OptionalInt.empty();
    }
}
