package io.slipway.dockerfile.instruction;

import java.util.List;

/** What RUN, CMD, ENTRYPOINT and HEALTHCHECK run (dockerfile.md §1 and §4). Never expanded: that is left to the shell. */
public sealed interface CommandLine {

    /**
     * The JSON form: run as it is, without a shell.
     *
     * @param arguments program and arguments; empty clears CMD and ENTRYPOINT
     */
    record Exec(List<String> arguments) implements CommandLine {

        public Exec {
            arguments = List.copyOf(arguments);
        }
    }

    /**
     * The shell form: one argument to the shell in use.
     *
     * @param text what the shell gets: the rest of the line; for RUN with heredocs the text and their bodies, or the body alone
     */
    record ShellText(String text) implements CommandLine {}

    /**
     * A heredoc of RUN that starts with {@code #!}: written to {@link #path()}, mode 0755, for this RUN only, and started by the shell in use.
     *
     * @param name the file's name
     * @param body the file's text
     */
    record Script(String name, String body) implements CommandLine {

        /** Where the file is while the command runs. */
        public String path() {
            return "/dev/pipes/" + name;
        }
    }
}
