package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --chmod} does to a mode: octal, or symbolic as in BSD chmod without a umask (dockerfile.md §5 COPY). */
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

    /** Changes that are made one after the other, as BSD's setmode(3) makes them, which the reference's library follows. */
    record Symbolic(List<Change> changes) implements FileMode {

        private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][ugorwxXst]*)+)");
        private static final Pattern ACTION = Pattern.compile("([-+=])([ugorwxXst]*)");

        private static final int READ = 0444;
        private static final int WRITE = 0222;
        private static final int EXECUTE = 0111;
        private static final int USER = 04700;
        private static final int GROUP = 02070;
        private static final int OTHERS = 00007;
        private static final int SET_IDS = 06000;
        private static final int STICKY = 01000;

        /**
         * One change.
         *
         * @param who letters of {@code ugoa}; empty means all
         * @param operator {@code +}, {@code -} or {@code =}
         * @param permissions letters of {@code rwxXst}, and of {@code ugo} to copy from
         */
        record Change(String who, char operator, String permissions) {

            /**
             * The mode after the change.
             *
             * @param executable whether {@code X} means something: that goes by the file as it was before all changes
             */
            int apply(int before, boolean executable) {
                int named = named();
                boolean onlyOthers = named == OTHERS;
                int mode = before;
                int bits = 0;
                boolean copied = false;
                for (int i = 0; i < permissions.length(); i++) {
                    char letter = permissions.charAt(i);
                    switch (letter) {
                        case 'r' -> bits |= READ;
                        case 'w' -> bits |= WRITE;
                        case 'x' -> bits |= EXECUTE;
                        case 's' -> bits |= onlyOthers ? 0 : SET_IDS;
                        case 't' -> {
                            // It belongs to everybody but the others; where nobody is named, it is all that is meant.
                            bits |= onlyOthers ? 0 : STICKY;
                            named |= onlyOthers ? 0 : STICKY;
                        }
                        case 'X' -> {
                            // Comes last.
                        }
                        default -> {
                            mode = bits == 0 ? mode : change(mode, named, bits);
                            mode = copy(mode, named, letter);
                            bits = 0;
                            copied = true;
                        }
                    }
                }
                if (bits != 0 || (operator == '=' && !copied)) {
                    mode = change(mode, named, bits);
                }
                if (executable && permissions.indexOf('X') >= 0) {
                    int execute = EXECUTE & mask(named);
                    mode = operator == '-' ? mode & ~execute : mode | execute;
                }
                return mode;
            }

            /** The bits of those who are named; 0 if nobody is, which means all but keeps the sticky bit. */
            private int named() {
                boolean all = who.contains("a");
                return (all || who.contains("u") ? USER : 0)
                        | (all || who.contains("g") ? GROUP : 0)
                        | (all || who.contains("o") ? OTHERS : 0);
            }

            private static int mask(int named) {
                return named == 0 ? 07777 : named;
            }

            private int change(int mode, int named, int bits) {
                int meant = bits & mask(named);
                return switch (operator) {
                    case '+' -> mode | meant;
                    case '-' -> mode & ~meant;
                    default -> (mode & ~(named == 0 ? USER | GROUP | OTHERS : named)) | meant;
                };
            }

            /** Copies what one has to those who are named; setuid, setgid and sticky bit stay. */
            private int copy(int before, int named, char from) {
                int value = (before >> (from == 'u' ? 6 : from == 'g' ? 3 : 0)) & 7;
                int mode = before;
                for (int shift = 6; shift >= 0; shift -= 3) {
                    if ((mask(named) & (7 << shift)) != 0) {
                        mode = switch (operator) {
                            case '+' -> mode | (value << shift);
                            case '-' -> mode & ~(value << shift);
                            default -> (mode & ~(7 << shift)) | (value << shift);
                        };
                    }
                }
                return mode;
            }
        }

        @Override
        public int apply(int mode, boolean directory) {
            boolean executable = directory || (mode & EXECUTE) != 0;
            int result = mode;
            for (Change change : changes) {
                result = change.apply(result, executable);
            }
            return result;
        }
    }
}
