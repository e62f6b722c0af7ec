package io.slipway.dockerfile.expansion;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.dockerfile.Dockerfile;
import io.slipway.dockerfile.instruction.Instruction;
import io.slipway.dockerfile.instruction.Origin;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which parts of which instruction are expanded, dockerfile.md §3; a semicolon stands for a new line. */
class InstructionExpanderTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ADD $v /d",
                "ADD a $v",
                "ADD [\"$v\", \"/d\"]",
                "ADD --chown=$v a /d",
                "ADD --chmod=$v a /d",
                "ADD --checksum=$v http://h/a /d",
                "ADD <<E /d;$v;E",
                "ARG a=$v",
                "COPY $v /d",
                "COPY a $v",
                "COPY [\"a\", \"$v\"]",
                "COPY --chown=$v a /d",
                "COPY --chmod=$v a /d",
                "COPY <<E /d;'$v';E",
                "COPY a <<E /$v;E",
                "ENV a=$v",
                "ENV a=\"$v\"",
                "ENV $v=a",
                "ENV a $v",
                "EXPOSE $v",
                "LABEL a=$v",
                "LABEL $v=a",
                "LABEL a $v",
                "RUN --mount=type=$v,target=/a x",
                "RUN --mount=type=cache,target=$v x",
                "RUN --mount=type=cache,target=/a,id=$v x",
                "RUN --mount=source=$v,target=/a x",
                "RUN --mount=type=secret,id=a,env=$v x",
                "RUN --mount=type=tmpfs,target=/a,size=$v x",
                "RUN --mount=type=ssh,mode=$v,required=$v x",
                "STOPSIGNAL $v",
                "USER $v",
                "VOLUME $v",
                "VOLUME [\"$v\"]",
                "WORKDIR $v",
            })
    void isExpanded(String line) {
        String withoutSource = expanded(line).replaceAll("written=\\S*, fields", "fields");
        assertThat(withoutSource).contains("<value>").doesNotContain("$v");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ADD --exclude=$v a /d",
                "ADD '$v' /d",
                "ADD <<\"E\" /d;$v;E",
                "CMD $v",
                "CMD [\"$v\"]",
                "COPY --exclude=$v a /d",
                "COPY <<E'' /d;$v;E",
                "COPY <<E /d;\\$v;E",
                "ENTRYPOINT $v",
                "ENTRYPOINT [\"$v\"]",
                "ENV a='$v'",
                "ENV a=\\$v",
                "HEALTHCHECK CMD $v",
                "HEALTHCHECK CMD [\"$v\"]",
                "MAINTAINER $v",
                "ONBUILD LABEL a=$v",
                "RUN $v",
                "RUN [\"$v\"]",
                "RUN <<E;$v;E",
                "RUN cat <<E;$v;E",
                "RUN --device=$v x",
                "SHELL [\"$v\"]",
            })
    void isLeftAsItIs(String line) {
        assertThat(expanded(line)).contains("$v").doesNotContain("<value>");
    }

    /** All of the expanded instruction but where it came from. */
    private static String expanded(String line) {
        Instruction instruction = Dockerfile.parse("FROM scratch\n" + line.replace(';', '\n') + "\n")
                .stages()
                .getFirst()
                .instructions()
                .getFirst();
        TreeSet<String> unset = new TreeSet<>();
        Instruction expanded = new InstructionExpander('\\')
                .expand(instruction, name -> name.equals("v") ? "<value>" : null, unset::add);
        assertThat(unset).isEmpty();
        List<Object> parts = new ArrayList<>();
        for (RecordComponent component : expanded.getClass().getRecordComponents()) {
            try {
                Object part = component.getAccessor().invoke(expanded);
                if (!(part instanceof Origin)) {
                    parts.add(String.valueOf(part));
                }
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(e.getMessage(), e);
            }
        }
        return parts.toString();
    }
}
