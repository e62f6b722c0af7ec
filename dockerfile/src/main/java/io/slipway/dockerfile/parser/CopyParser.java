package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.expansion.HeredocWord;
import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Statement;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Parses COPY and ADD (dockerfile.md §5). */
final class CopyParser {

    private static final Map<String, Flags.Kind> COPY_FLAGS = Map.of(
            "from", Flags.Kind.VALUE,
            "chown", Flags.Kind.VALUE,
            "chmod", Flags.Kind.VALUE,
            "link", Flags.Kind.SWITCH,
            "parents", Flags.Kind.SWITCH,
            "exclude", Flags.Kind.VALUES);
    private static final Map<String, Flags.Kind> ADD_FLAGS = Map.of(
            "chown", Flags.Kind.VALUE,
            "chmod", Flags.Kind.VALUE,
            "checksum", Flags.Kind.VALUE,
            "link", Flags.Kind.SWITCH,
            "keep-git-dir", Flags.Kind.SWITCH,
            "unpack", Flags.Kind.SWITCH,
            "exclude", Flags.Kind.VALUES);

    private CopyParser() {}

    static Statement parseCopy(LogicalLine line) {
        Files files = files(line);
        Flags flags = Flags.parse(line.head(), COPY_FLAGS);
        String from = flags.value("from");
        if (from != null && from.contains("$")) {
            throw new InvalidValueException(
                    "COPY --from=" + from + " holds a variable, which is not expanded there",
                    "define a stage with FROM that uses an ARG from before the first FROM, and copy from that stage",
                    "--from=" + from);
        }
        return new Copy(
                line.origin(),
                from == null || from.isEmpty() ? null : from,
                new Ownership(flags.value("chown"), flags.value("chmod")),
                flags.isOn("link"),
                flags.isOn("parents"),
                flags.values("exclude"),
                files.sources(),
                files.destination());
    }

    static Statement parseAdd(LogicalLine line) {
        Files files = files(line);
        Flags flags = Flags.parse(line.head(), ADD_FLAGS);
        return new Add(
                line.origin(),
                new Ownership(flags.value("chown"), flags.value("chmod")),
                flags.isOn("link"),
                flags.switchOrNull("keep-git-dir"),
                flags.switchOrNull("unpack"),
                flags.value("checksum"),
                flags.values("exclude"),
                files.sources(),
                files.destination());
    }

    /** The arguments of COPY and ADD. */
    private record Files(List<CopySource> sources, String destination) {}

    private static Files files(LogicalLine line) {
        String name = line.head().name();
        List<String> json = JsonStrings.parse(line.head().arguments());
        List<String> words = json != null ? json : Words.atBlanks(line.head().arguments());
        if (words.size() < 2) {
            String given = words.isEmpty() ? "none" : "only \"" + words.getFirst() + "\"";
            throw new InvalidValueException(
                    name + " needs a source and a destination, and has " + given,
                    "write " + name + " SOURCE DESTINATION");
        }
        String destination = words.getLast();
        List<String> sources = words.subList(0, words.size() - 1);
        if (json != null) {
            return new Files(paths(sources), destination);
        }
        if (HeredocWord.parse(destination) != null) {
            throw new InvalidValueException(
                    "a heredoc cannot be the destination of " + name, "write the heredoc before the destination");
        }
        return new Files(sources(sources, line.heredocs()), destination);
    }

    private static List<CopySource> sources(List<String> words, List<LogicalLine.Body> heredocs) {
        Map<String, Heredoc> byName = new HashMap<>();
        for (LogicalLine.Body body : heredocs) {
            byName.put(body.word().name(), body.heredoc());
        }
        List<String> plain = new ArrayList<>();
        List<CopySource> inline = new ArrayList<>();
        for (String word : words) {
            HeredocWord heredoc = HeredocWord.parse(word);
            if (heredoc == null) {
                plain.add(word);
                continue;
            }
            Heredoc body = byName.get(heredoc.name());
            if (body == null) {
                throw new InvalidValueException("the heredoc " + word + " stands inside quotes and has no body");
            }
            var _ = body.fileName();
            inline.add(new CopySource.Inline(body));
        }
        List<CopySource> all = new ArrayList<>(paths(plain));
        all.addAll(inline);
        return all;
    }

    private static List<CopySource> paths(List<String> words) {
        List<CopySource> paths = new ArrayList<>();
        for (String word : words) {
            paths.add(new CopySource.Path(word));
        }
        return paths;
    }
}
