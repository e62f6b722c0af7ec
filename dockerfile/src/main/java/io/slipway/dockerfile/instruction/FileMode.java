package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --chmod} does to a mode: octal, or symbolic as in POSIX chmod without a umask (dockerfile.md §5 COPY). */
public sealed interface FileMode {

    /** Longer modes are refused. */
    int LONGEST = 200;

    /**
     * The new mode of a file or directory.
     *
     * @param mode the mode before, the low 12 bits of {@code st_mode}
     * @param directory whether it is a directory, for {@code X}
     * @return the mode after, the low 12 bits of {@code st_mode}
     */
    int apply(int mode, boolean directory);

    /**
     * @throws InvalidValueException if {@code text} is neither an octal number up to 7777 nor a list such as {@code u=rwX,go=rX}
     */
    static FileMode parse(String text) {
        if (!text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9') {
            if (!text.matches("0*[0-7]{1,4}")) {
                throw new InvalidValueException(
                        "--chmod=" + text + " is not a mode",
                        "an octal mode is between 0 and 07777, such as 0755",
                        "--chmod=" + text);
            }
            return new Octal(Integer.parseInt(text, 8));
        }
        if (text.length() > LONGEST) {
            throw new InvalidValueException("--chmod is longer than " + LONGEST + " characters");
        }
        List<Symbolic.Change> changes = new ArrayList<>();
        for (String clause : text.split(",", -1)) {
            Matcher matcher = Symbolic.CLAUSE.matcher(clause);
            if (!matcher.matches()) {
                throw new InvalidValueException(
                        "--chmod=" + text + " is not a mode",
                        "write an octal mode such as 0755, or u=rwX,go=rX",
                        "--chmod=" + text);
            }
            String who = matcher.group(1);
            Matcher action = Symbolic.ACTION.matcher(matcher.group(2));
            while (action.find()) {
                changes.add(new Symbolic.Change(who, action.group(1).charAt(0), action.group(2)));
            }
        }
        return new Symbolic(List.copyOf(changes));
    }

    /** A mode that replaces the one before. */
    record Octal(int mode) implements FileMode {

        @Override
        public int apply(int before, boolean directory) {
            return mode;
        }
    }

    /** Changes that are made one after the other. */
    record Symbolic(List<Change> changes) implements FileMode {

        private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)");
        private static final Pattern ACTION = Pattern.compile("([-+=])([ugorwxXst]*)");

        private static final int SET_UID = 04000;
        private static final int SET_GID = 02000;
        private static final int STICKY = 01000;

        /**
         * One change.
         *
         * @param who letters of {@code ugoa}; empty means all
         * @param operator {@code +}, {@code -} or {@code =}
         * @param permissions letters of {@code rwxXst}, or one of {@code ugo} to copy from
         */
        record Change(String who, char operator, String permissions) {

            int apply(int mode, boolean directory) {
                boolean all = who.isEmpty() || who.contains("a");
                int result = mode;
                int special = special(all);
                int cleared = all ? STICKY : 0;
                int set = special;
                for (int shift = 6; shift >= 0; shift -= 3) {
                    boolean meant = all || who.indexOf(shift == 6 ? 'u' : shift == 3 ? 'g' : 'o') >= 0;
                    if (meant) {
                        set |= basic(mode, directory) << shift;
                        cleared |= 07 << shift | (shift == 6 ? SET_UID : shift == 3 ? SET_GID : 0);
                    }
                }
                result = switch (operator) {
                    case '+' -> result | set;
                    case '-' -> result & ~set;
                    default -> (result & ~cleared) | set;
                };
                return result;
            }

            private int basic(int mode, boolean directory) {
                int bits = 0;
                for (int i = 0; i < permissions.length(); i++) {
                    bits |= switch (permissions.charAt(i)) {
                        case 'r' -> 4;
                        case 'w' -> 2;
                        case 'x' -> 1;
                        case 'X' -> directory || (mode & 0111) != 0 ? 1 : 0;
                        case 'u' -> mode >> 6 & 7;
                        case 'g' -> mode >> 3 & 7;
                        case 'o' -> mode & 7;
                        default -> 0;
                    };
                }
                return bits;
            }

            private int special(boolean all) {
                int bits = 0;
                if (permissions.contains("s")) {
                    bits |= all || who.contains("u") ? SET_UID : 0;
                    bits |= all || who.contains("g") ? SET_GID : 0;
                }
                if (permissions.contains("t")) {
                    bits |= all || who.contains("o") ? STICKY : 0;
                }
                return bits;
            }
        }

        @Override
        public int apply(int mode, boolean directory) {
            int result = mode;
            for (Change change : changes) {
                result = change.apply(result, directory);
            }
            return result & 07777;
        }
    }
}
