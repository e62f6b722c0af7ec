package io.slipway.dockerfile.expansion;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Expands variables, quotes and escapes in a word of a Dockerfile (dockerfile.md §3): {@code $name}, {@code ${name}} and the forms of
 * {@code ${name…}} for defaults ({@code :- - :+ + :? ?}), cutting ({@code # ## % %%}) and replacing ({@code / //}). Immutable.
 */
public final class Expander {

    private final ShellReader.Style style;

    private Expander(ShellReader.Style style) {
        this.style = style;
    }

    /**
     * For the words of instructions.
     *
     * @param escape the escape character of the Dockerfile, {@code \} or {@code `}
     */
    public static Expander ofWords(char escape) {
        return new Expander(new ShellReader.Style(escape, ShellReader.Quotes.REMOVED, false, false));
    }

    /** For the bodies of heredocs of COPY and ADD: quotes are text, and the escape character is always the backslash. */
    public static Expander ofHeredocs() {
        return new Expander(new ShellReader.Style('\\', ShellReader.Quotes.TEXT, false, false));
    }

    /**
     * Expands one word.
     *
     * @param word the word as it is written
     * @param variables gives a variable's value, or null if it is not set
     * @throws ExpansionException if the word is malformed, if it demands a variable that is not set ({@code ${v:?}}), or if it grows beyond
     *     {@value ShellReader#LONGEST_RESULT} characters
     */
    public Expansion expand(String word, Function<String, @Nullable String> variables) {
        return new ShellReader(word, style, variables).read();
    }
}
