package io.slipway.image.context;

import io.slipway.image.tar.FileName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The names of a context's entries, from what an archive says to the components of a path beneath the root. */
final class ContextPath {
    /** NAME_MAX of Linux. */
    private static final int COMPONENT_BYTES = 255;

    private ContextPath() {}

    /**
     * Orders names by their bytes, as C and Go do. Java's order of strings differs for surrogates only, so the bytes are
     * looked at only if there are some.
     */
    static int compareBytes(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                return a < Character.MIN_SURROGATE && b < Character.MIN_SURROGATE
                        ? Character.compare(a, b)
                        : Arrays.compareUnsigned(FileName.encode(one), FileName.encode(other));
            }
        }
        return Integer.compare(one.length(), other.length());
    }

    /**
     * The components of a name. Leading {@code ./}, further {@code .}, doubled and trailing slashes mean nothing.
     *
     * @param name as an archive has it
     * @param what what the name is of, for messages: "The entry"
     * @return empty for the root
     * @throws ContextException if the name is empty, absolute, has {@code ..} or a zero byte, or is too long
     */
    static List<String> components(String name, String what, int mostBytes) throws ContextException {
        if (name.length() > mostBytes || encodedLength(name, what) > mostBytes) {
            throw ContextException.tooLarge(
                    what + " " + quoted(name) + " has a path of more than " + mostBytes + " bytes.");
        }
        if (name.isEmpty()) {
            throw ContextException.invalid(what + " has an empty name.");
        }
        if (name.startsWith("/")) {
            throw ContextException.invalid(
                    what + " " + quoted(name) + " has an absolute path; a context's paths are relative.");
        }
        if (name.indexOf('\0') >= 0) {
            throw ContextException.invalid(what + " " + quoted(name) + " has a zero byte in its name.");
        }
        List<String> components = new ArrayList<>();
        int start = 0;
        while (start < name.length()) {
            int slash = name.indexOf('/', start);
            int end = slash < 0 ? name.length() : slash;
            String component = name.substring(start, end);
            if (component.equals("..")) {
                throw ContextException.invalid(what + " " + quoted(name) + " has \"..\" in its path.");
            }
            if (component.length() > COMPONENT_BYTES || encodedLength(component, what) > COMPONENT_BYTES) {
                throw ContextException.invalid(what + " " + quoted(name) + " has a name of more than " + COMPONENT_BYTES
                        + " bytes, which no file can have.");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
            start = end + 1;
        }
        return components;
    }

    /** A symbolic link may point anywhere, but must be one that Linux can make (symlink(2)). */
    static void requireSymlinkTarget(String target, String name) throws ContextException {
        String what = "The symbolic link " + quoted(name);
        if (target.isEmpty() || target.indexOf('\0') >= 0) {
            throw ContextException.invalid(what + " has no target, or one with a zero byte.");
        }
        if (target.length() > ContextLimits.LINUX_PATH_BYTES
                || encodedLength(target, what) > ContextLimits.LINUX_PATH_BYTES) {
            throw ContextException.invalid(
                    what + " has a target of more than " + ContextLimits.LINUX_PATH_BYTES + " bytes.");
        }
    }

    private static int encodedLength(String name, String what) throws ContextException {
        try {
            return FileName.encode(name).length;
        } catch (IllegalArgumentException e) {
            throw ContextException.invalid(what + " " + quoted(name) + " has a name that no file can have.", e);
        }
    }

    /** The name for a message. */
    static String quoted(String name) {
        return "\"" + abbreviated(name) + "\"";
    }

    /** The name for a message, its end cut off if it is long. */
    private static String abbreviated(String name) {
        return FileName.display(name.length() > 200 ? name.substring(0, 200) + "…" : name);
    }
}
