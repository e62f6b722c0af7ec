package io.slipway.dockerfile.expansion;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Expands variables, quotes and escapes in a word of a Dockerfile (dockerfile.md §3): {@code $name}, {@code ${name}} and the forms of
 * {@code ${name…}} for defaults ({@code :- - :+ + :? ?}), cutting ({@code # ## % %%}) and replacing ({@code / //}). One expander expands the words
 * of one Dockerfile, which may not come to more than {@value Allowance#MOST_CHARACTERS} characters altogether. Thread-safe.
 */
public final class Expander {

    private final ShellReader.Style style;
    private final Allowance allowance;

    private Expander(ShellReader.Style style, Allowance allowance) {
        this.style = style;
        this.allowance = allowance;
    }

    /**
     * For the words of instructions.
     *
     * @param escape the escape character of the Dockerfile, {@code \} or {@code `}
     */
    public static Expander ofWords(char escape) {
        return new Expander(new ShellReader.Style(escape, ShellReader.Quotes.REMOVED, false, false), new Allowance());
    }

    /**
     * For the bodies of heredocs of COPY and ADD of the same Dockerfile: quotes are text, and the escape character is always the backslash.
     */
    public Expander ofHeredocs() {
        return new Expander(new ShellReader.Style('\\', ShellReader.Quotes.TEXT, false, false), allowance);
    }

    /**
     * Expands one word.
     *
     * @param word the word as it is written
     * @param variables gives a variable's value, or null if it is not set
     * @throws ExpansionException if the word is malformed, if it demands a variable that is not set ({@code ${v:?}}), or if it or the
     *     whole Dockerfile grows too long
     */
    public Expansion expand(String word, Function<String, @Nullable String> variables) {
        return new ShellReader(word, style, variables, allowance).read();
    }
}
