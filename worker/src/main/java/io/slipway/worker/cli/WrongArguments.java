package io.slipway.worker.cli;

import io.slipway.dockerfile.source.InvalidValueException;
import io.slipway.dockerfile.source.Suggestion;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one sentence what is wrong with the arguments, as the service does of options, and where all of them are explained. */
final class WrongArguments implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(sentence(wrong, command));
        if (wrong.getCause() instanceof InvalidValueException value) {
            // Of a file that the arguments name.
            if (value.hint() != null) {
                err.println("  hint: " + value.hint());
            }
        } else {
            err.println("  " + command.getCommandName() + " --help explains all options");
        }
        err.flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static String sentence(ParameterException wrong, CommandLine command) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)) {
            // picocli says it twice of options with pairs.
            return String.valueOf(wrong.getMessage()).replace("option option", "option");
        }
        String first = unmatched.getUnmatched().getFirst();
        if (!first.startsWith("-")) {
            return "unexpected argument " + first;
        }
        String name = first.split("=", 2)[0];
        List<String> known = List.copyOf(command.getCommandSpec().optionsMap().keySet());
        String hint = Suggestion.hint(name, known);
        return "unknown option " + name + (hint == null ? "" : ", " + hint);
    }
}
