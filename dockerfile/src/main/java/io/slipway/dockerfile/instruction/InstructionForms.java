package io.slipway.dockerfile.instruction;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What instructions can be told apart by, for those who forbid some: their keyword, and for some what they do besides. */
public final class InstructionForms {
    private static final String ADD_URL = "ADD url";
    private static final String ADD_GIT = "ADD git";
    private static final String RUN_MOUNT = "RUN --mount=type=";
    private static final List<String> KEYWORDS = List.of(
            "ADD",
            "ARG",
            "CMD",
            "COPY",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "HEALTHCHECK",
            "LABEL",
            "MAINTAINER",
            "ONBUILD",
            "RUN",
            "SHELL",
            "STOPSIGNAL",
            "USER",
            "VOLUME",
            "WORKDIR");

    private InstructionForms() {}

    /** All forms that there are. */
    public static List<String> all() {
        List<String> all = new ArrayList<>(KEYWORDS);
        all.add(ADD_URL);
        all.add(ADD_GIT);
        for (String type : List.of("bind", "cache", "tmpfs", "secret", "ssh")) {
            all.add(RUN_MOUNT + type);
        }
        return List.copyOf(all);
    }

    /** The forms of an instruction; of one that is not expanded, those that don't depend on variables. */
    public static Set<String> of(Instruction instruction) {
        Set<String> forms = new LinkedHashSet<>();
        forms.add(instruction.origin().name());
        switch (instruction) {
            case Add add -> {
                for (CopySource source : add.sources()) {
                    if (source instanceof CopySource.Path(String word) && !AddSource.isLocal(word)) {
                        forms.add(GitAddress.isGit(word) ? ADD_GIT : ADD_URL);
                    }
                }
            }
            case Run run -> run.mountFlags().forEach(flag -> forms.add(RUN_MOUNT + type(flag)));
            case Arg _,
                    Cmd _,
                    Copy _,
                    Entrypoint _,
                    Env _,
                    Expose _,
                    Healthcheck _,
                    Label _,
                    Maintainer _,
                    Onbuild _,
                    Shell _,
                    Stopsignal _,
                    User _,
                    Volume _,
                    Workdir _ -> {}
        }
        return forms;
    }

    private static String type(MountFlag flag) {
        String type = "bind";
        for (MountFlag.Field field : flag.fields()) {
            if (field.key().equals("type") && field.value() != null) {
                type = field.value().toLowerCase(Locale.ROOT);
            }
        }
        return type;
    }
}
