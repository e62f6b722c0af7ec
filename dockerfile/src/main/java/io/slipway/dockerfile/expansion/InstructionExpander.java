package io.slipway.dockerfile.expansion;

import io.slipway.dockerfile.instruction.Add;
import io.slipway.dockerfile.instruction.Arg;
import io.slipway.dockerfile.instruction.Cmd;
import io.slipway.dockerfile.instruction.Copy;
import io.slipway.dockerfile.instruction.CopySource;
import io.slipway.dockerfile.instruction.Entrypoint;
import io.slipway.dockerfile.instruction.Env;
import io.slipway.dockerfile.instruction.Expose;
import io.slipway.dockerfile.instruction.Healthcheck;
import io.slipway.dockerfile.instruction.Heredoc;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.KeyValue;
import io.slipway.dockerfile.instruction.Label;
import io.slipway.dockerfile.instruction.Maintainer;
import io.slipway.dockerfile.instruction.MountFlag;
import io.slipway.dockerfile.instruction.Onbuild;
import io.slipway.dockerfile.instruction.Ownership;
import io.slipway.dockerfile.instruction.Run;
import io.slipway.dockerfile.instruction.Shell;
import io.slipway.dockerfile.instruction.Stopsignal;
import io.slipway.dockerfile.instruction.User;
import io.slipway.dockerfile.instruction.Volume;
import io.slipway.dockerfile.instruction.Workdir;
import io.slipway.dockerfile.source.DockerfileException;
import io.slipway.dockerfile.source.InvalidValueException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Says which parts of which instruction are expanded (dockerfile.md §3), and expands them. Thread-safe. */
public final class InstructionExpander {

    private final Expander words;
    private final Expander heredocs;

    /**
     * @param escape the escape character of the Dockerfile
     */
    public InstructionExpander(char escape) {
        this(Expander.ofWords(escape));
    }

    /**
     * @param words what expands the words of the Dockerfile
     */
    public InstructionExpander(Expander words) {
        this.words = words;
        this.heredocs = words.ofHeredocs();
    }

    /**
     * The same instruction with its words expanded. All values are those from before the instruction; only within ARG a later default sees the
     * earlier ones.
     *
     * @param variables gives a variable's value, or null if it is not set
     * @param unset is told each name that was asked for and not set, once, in alphabetical order
     * @throws DockerfileException at the instruction, if a word cannot be expanded or expands to what is never valid
     */
    public Instruction expand(
            Instruction instruction, Function<String, @Nullable String> variables, Consumer<String> unset) {
        One one = new One(variables);
        Instruction expanded;
        try {
            expanded = one.expand(instruction);
        } catch (InvalidValueException e) {
            one.unset.forEach(unset);
            throw e.at(instruction.origin().range());
        }
        one.unset.forEach(unset);
        return expanded;
    }

    /** The expansion of one instruction. */
    private final class One {

        private final Function<String, @Nullable String> variables;
        private final NavigableSet<String> unset = new TreeSet<>();

        One(Function<String, @Nullable String> variables) {
            this.variables = name -> {
                String value = variables.apply(name);
                if (value == null) {
                    unset.add(name);
                }
                return value;
            };
        }

        Instruction expand(Instruction instruction) {
            return switch (instruction) {
                case Arg arg -> new Arg(arg.origin(), declarations(arg.declarations()));
                case Env env -> new Env(env.origin(), pairs(env.pairs()), env.legacy());
                case Label label -> new Label(label.origin(), pairs(label.pairs()), label.legacy());
                case Copy copy -> expand(copy);
                case Add add -> expand(add);
                case Run run -> expand(run);
                case Expose expose -> new Expose(expose.origin(), split(expose.ports()));
                case Volume volume -> expand(volume);
                case Workdir workdir -> new Workdir(workdir.origin(), word(workdir.path()));
                case User user -> new User(user.origin(), word(user.user()));
                case Stopsignal stopsignal -> new Stopsignal(stopsignal.origin(), word(stopsignal.signal()));
                case Cmd cmd -> cmd;
                case Entrypoint entrypoint -> entrypoint;
                case Healthcheck healthcheck -> healthcheck;
                case Maintainer maintainer -> maintainer;
                case Onbuild onbuild -> onbuild;
                case Shell shell -> shell;
            };
        }

        private Copy expand(Copy copy) {
            return new Copy(
                    copy.origin(),
                    copy.from(),
                    ownership(copy.ownership()),
                    copy.link(),
                    copy.parents(),
                    copy.excludes(),
                    sources(copy.sources()),
                    word(copy.destination()));
        }

        private Add expand(Add add) {
            return new Add(
                    add.origin(),
                    ownership(add.ownership()),
                    add.link(),
                    add.keepGitDir(),
                    add.unpack(),
                    wordOrNull(add.checksum()),
                    add.excludes(),
                    sources(add.sources()),
                    word(add.destination()));
        }

        private Run expand(Run run) {
            List<MountFlag> mounts = new ArrayList<>();
            for (MountFlag flag : run.mountFlags()) {
                List<MountFlag.Field> fields = new ArrayList<>();
                for (MountFlag.Field field : flag.fields()) {
                    boolean literal = field.key().equals("from");
                    fields.add(literal ? field : new MountFlag.Field(field.key(), wordOrNull(field.value())));
                }
                mounts.add(flag.with(fields));
            }
            return new Run(run.origin(), mounts, run.network(), run.security(), run.devices(), run.command());
        }

        private Volume expand(Volume volume) {
            List<String> paths = new ArrayList<>();
            for (String path : volume.paths()) {
                String expanded = word(path);
                if (expanded.isEmpty()) {
                    throw new InvalidValueException("the volume \"" + path + "\" expands to an empty path");
                }
                paths.add(expanded);
            }
            return new Volume(volume.origin(), paths);
        }

        private List<Arg.Declaration> declarations(List<Arg.Declaration> declarations) {
            Map<String, String> earlier = new HashMap<>();
            List<Arg.Declaration> expanded = new ArrayList<>();
            for (Arg.Declaration declaration : declarations) {
                String value = declaration.value();
                if (value != null) {
                    value = words.expand(value, name -> {
                                String before = earlier.get(name);
                                return before != null ? before : variables.apply(name);
                            })
                            .text();
                    earlier.put(declaration.name(), value);
                }
                expanded.add(new Arg.Declaration(declaration.name(), value));
            }
            return expanded;
        }

        private List<KeyValue> pairs(List<KeyValue> pairs) {
            List<KeyValue> expanded = new ArrayList<>();
            for (KeyValue pair : pairs) {
                expanded.add(new KeyValue(word(pair.key()), word(pair.value())));
            }
            return expanded;
        }

        private List<CopySource> sources(List<CopySource> sources) {
            List<CopySource> expanded = new ArrayList<>();
            for (CopySource source : sources) {
                expanded.add(
                        switch (source) {
                            case CopySource.Path path -> new CopySource.Path(word(path.word()));
                            case CopySource.Inline(Heredoc heredoc) -> new CopySource.Inline(expand(heredoc));
                        });
            }
            return expanded;
        }

        private Heredoc expand(Heredoc heredoc) {
            if (!heredoc.expands()) {
                return heredoc;
            }
            String body = heredocs.expand(heredoc.body(), variables).text();
            return new Heredoc(heredoc.name(), true, body);
        }

        private Ownership ownership(Ownership ownership) {
            return new Ownership(wordOrNull(ownership.chown()), wordOrNull(ownership.chmod()));
        }

        private List<String> split(List<String> ports) {
            List<String> expanded = new ArrayList<>();
            for (String port : ports) {
                expanded.addAll(words.expand(port, variables).words());
            }
            return expanded;
        }

        private String word(String word) {
            return words.expand(word, variables).text();
        }

        @Nullable
        private String wordOrNull(@Nullable String word) {
            return word == null ? null : word(word);
        }
    }
}
