package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.GoPath;
import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the expanded fields of one {@code --mount} flag in order; the last of two equal keys counts. One object reads one flag. */
final class MountReader {

    private static final List<String> TYPES = List.of("bind", "cache", "tmpfs", "secret", "ssh");
    private static final List<String> SHARINGS = List.of("shared", "private", "locked");
    private static final List<String> KEYS = List.of(
            "type",
            "from",
            "source",
            "target",
            "readonly",
            "id",
            "sharing",
            "required",
            "size",
            "mode",
            "uid",
            "gid",
            "env",
            "src",
            "dst",
            "destination",
            "ro",
            "rw",
            "readwrite");

    /** What the reference makes of a mode: it sets neither setuid nor setgid nor the sticky bit. */
    private static final int PERMISSIONS = 0777;

    private static final long LARGEST_MODE = 0xFFFF_FFFFL;

    private final List<MountFlag.Field> fields;
    private String type = "bind";

    @Nullable
    private String id;

    @Nullable
    private String from;

    @Nullable
    private String source;

    @Nullable
    private String target;

    @Nullable
    private String env;

    @Nullable
    private Boolean readOnly;

    @Nullable
    private String sharing;

    @Nullable
    private Integer mode;

    @Nullable
    private Long uid;

    @Nullable
    private Long gid;

    private long size;
    private boolean required;

    MountReader(List<MountFlag.Field> fields) {
        this.fields = fields;
    }

    Mount mount() {
        fields.forEach(this::read);
        checkOwner();
        if (sharing != null && !type.equals("cache")) {
            throw takesNo("sharing", "only cache mounts do");
        }
        return switch (type) {
            case "bind" ->
                new Mount.Bind(blankIsNull(from), orRoot(source), needTarget(), readOnly == null || readOnly);
            case "cache" -> cache();
            case "tmpfs" -> tmpfs();
            case "secret" -> secret();
            default -> ssh();
        };
    }

    private void read(MountFlag.Field field) {
        String key = field.key();
        String value = field.value();
        switch (key) {
            case "readonly", "ro" -> readOnly = flag(key, value);
            case "readwrite", "rw" -> readOnly = !flag(key, value);
            case "required" -> {
                onlyFor(key, "secret", "ssh");
                required = flag(key, value);
            }
            case "type" -> type = oneOf("mount type", TYPES, needValue(field));
            case "from" -> from = needValue(field);
            case "source", "src" -> source = needValue(field);
            case "target", "dst", "destination" -> target = needValue(field);
            case "id" -> id = needValue(field);
            case "env" -> env = needValue(field);
            case "sharing" -> sharing = oneOf("sharing", SHARINGS, needValue(field));
            case "size" -> {
                onlyFor(key, "tmpfs", "tmpfs");
                size = MemorySize.parse(needValue(field));
            }
            case "mode" -> mode = (int) (number(field, 8, LARGEST_MODE) & PERMISSIONS);
            case "uid" -> uid = number(field, 10, 0xFFFF_FFFFL);
            case "gid" -> gid = number(field, 10, 0xFFFF_FFFFL);
            default -> {
                if (value == null && !KEYS.contains(key)) {
                    String near = Suggestion.hint(key, KEYS);
                    throw new InvalidValueException(
                            "the mount field \"" + field.text() + "\" is not a key=value pair",
                            near != null ? near : "fields are separated by commas, and a value cannot hold one",
                            field.text());
                }
                throw new InvalidValueException(
                        "unknown mount key " + key + " in \"" + field.text() + "\"",
                        Suggestion.hint(key, KEYS),
                        field.text());
            }
        }
    }

    /** Whether it is a mode, which has been read, with bits that mean nothing. */
    static boolean isMoreThanPermissions(MountFlag.Field field) {
        return field.key().equals("mode") && number(field, 8, LARGEST_MODE) > PERMISSIONS;
    }

    private Mount cache() {
        Mount.Sharing shared = sharing == null ? Mount.Sharing.SHARED : Mount.Sharing.valueOf(upper(sharing));
        String where = needTarget();
        String name = blankIsNull(id);
        return new Mount.Cache(
                name == null ? GoPath.clean(where) : name,
                where,
                blankIsNull(from),
                orRoot(source),
                shared,
                readOnly != null && readOnly,
                mode == null && uid == null && gid == null
                        ? null
                        : new Mount.Attributes(mode == null ? 0755 : mode, orZero(uid), orZero(gid)));
    }

    private Mount tmpfs() {
        refuse("source", source);
        return new Mount.Tmpfs(needTarget(), readOnly != null && readOnly, size);
    }

    private Mount secret() {
        if (from != null && !from.isEmpty()) {
            throw takesNo("from", "bind and cache mounts do");
        }
        String path = blankIsNull(target);
        String name = blankIsNull(id);
        String alias = blankIsNull(source);
        if (name != null && alias != null) {
            throw new InvalidValueException(
                    "a secret mount has both id and source, which mean the same",
                    "leave one of them out",
                    written("id"));
        }
        if (name == null) {
            name = alias != null ? alias : nameOf(path);
        }
        String variable = env;
        if (variable != null && variable.isEmpty()) {
            throw new InvalidValueException(
                    "a secret mount has an env without a name", "write env=NAME, or leave it out", written("env"));
        }
        if (path == null && variable == null) {
            path = "/run/secrets/" + name.substring(name.lastIndexOf('/') + 1);
        }
        return new Mount.Secret(name, path, variable, required, mode == null ? 0400 : mode, orZero(uid), orZero(gid));
    }

    /** A secret without an id is named as its file. */
    private static String nameOf(@Nullable String path) {
        if (path == null) {
            throw new InvalidValueException(
                    "a secret mount needs an id", "add id=NAME, the secret's name in the request");
        }
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private Mount ssh() {
        refuse("source", source);
        String name = blankIsNull(id);
        return new Mount.Ssh(
                name == null ? "default" : name,
                blankIsNull(target),
                required,
                mode == null ? 0600 : mode,
                orZero(uid),
                orZero(gid));
    }

    private void checkOwner() {
        if (type.equals("bind") || type.equals("tmpfs")) {
            String given = mode != null ? "mode" : uid != null ? "uid" : gid != null ? "gid" : null;
            if (given != null) {
                throw takesNo(given, "cache, secret and ssh mounts do");
            }
        }
    }

    private void refuse(String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            throw takesNo(key, null);
        }
    }

    private void onlyFor(String key, String one, String other) {
        if (!type.equals(one) && !type.equals(other)) {
            throw takesNo(key, "type= has to stand before " + key + " if it is another kind");
        }
    }

    private InvalidValueException takesNo(String key, @Nullable String hint) {
        return new InvalidValueException("a " + type + " mount takes no " + key, hint, written(key));
    }

    /** The field with a key, or null if it is written with another word for it. */
    private @Nullable String written(String key) {
        return fields.stream()
                .filter(field -> field.key().equals(key))
                .map(MountFlag.Field::text)
                .findFirst()
                .orElse(null);
    }

    private String needTarget() {
        if (target == null || target.isEmpty()) {
            throw new InvalidValueException("a " + type + " mount needs a target", "add target=/PATH");
        }
        boolean root = target.startsWith("/") && isRoot(target);
        if (root) {
            throw new InvalidValueException(
                    "the mount target " + target + " is the root directory",
                    "mount to a directory below it",
                    written("target"));
        }
        return target;
    }

    /** Whether a path comes to {@code /}, where {@code ..} stops. */
    static boolean isRoot(String path) {
        List<String> kept = new ArrayList<>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..")) {
                if (!kept.isEmpty()) {
                    kept.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                kept.add(part);
            }
        }
        return kept.isEmpty();
    }

    private static String needValue(MountFlag.Field field) {
        String value = field.value();
        if (value == null) {
            throw new InvalidValueException(
                    "the mount field \"" + field.text() + "\" is not a key=value pair",
                    "fields are separated by commas, and a value cannot hold one",
                    field.text());
        }
        return value;
    }

    private static String oneOf(String what, List<String> known, String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        if (!known.contains(lower)) {
            String near = Suggestion.hint(lower, known);
            throw new InvalidValueException(
                    "unknown " + what + " \"" + value + "\"",
                    near != null ? near : "there are " + String.join(", ", known),
                    value);
        }
        return lower;
    }

    private static long number(MountFlag.Field field, int radix, long largest) {
        String value = needValue(field);
        Function<String, InvalidValueException> refusal = what ->
                new InvalidValueException("\"" + value + "\" is not a valid " + field.key(), what, field.text());
        String hint = radix == 8 ? "a mode is octal, such as 0755" : "it is a number from 0 to " + largest;
        if (!value.matches(radix == 8 ? "[0-7]{1,12}" : "[0-9]{1,12}")) {
            throw refusal.apply(hint);
        }
        long number = Long.parseLong(value, radix);
        if (number > largest) {
            throw refusal.apply(hint);
        }
        return number;
    }

    private static boolean flag(String key, @Nullable String value) {
        if (value == null) {
            return true;
        }
        return switch (value) {
            case "1", "t", "T", "TRUE", "true", "True" -> true;
            case "0", "f", "F", "FALSE", "false", "False" -> false;
            default ->
                throw new InvalidValueException(
                        "\"" + value + "\" is not a valid value of the mount key " + key, "it is true or false", value);
        };
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    private static String orRoot(@Nullable String path) {
        return path == null || path.isEmpty() ? "/" : path;
    }

    @Nullable
    private static String blankIsNull(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
