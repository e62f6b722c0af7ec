package io.slipway.worker.build;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The variables of a config that is being changed by one instruction. One instruction may set a hundred thousand, and thousands of
 * instructions may each set one of as many: the place of the first is searched, those of the others are looked up. Not thread-safe.
 */
final class EnvDraft {
    private final List<String> variables;
    private int sets;

    /** Where each name first stands; filled when a second variable is set. */
    private final Map<String, Integer> places = new HashMap<>();

    /** @param variables {@code NAME=VALUE}, or null for none */
    EnvDraft(@Nullable List<String> variables) {
        this.variables = variables == null ? new ArrayList<>() : new ArrayList<>(variables);
    }

    /** Sets a variable: in its old place if there was one of its name, else at the end. */
    void set(String name, String value) {
        if (++sets == 2) {
            index();
        }
        int place = sets == 1 ? search(name + "=") : places.getOrDefault(name, -1);
        if (place >= 0) {
            variables.set(place, name + "=" + value);
            return;
        }
        places.put(name, variables.size());
        variables.add(name + "=" + value);
    }

    List<String> variables() {
        return List.copyOf(variables);
    }

    private int search(String start) {
        for (int i = 0; i < variables.size(); i++) {
            if (variables.get(i).startsWith(start)) {
                return i;
            }
        }
        return -1;
    }

    private void index() {
        for (int i = 0; i < variables.size(); i++) {
            int equals = variables.get(i).indexOf('=');
            if (equals >= 0) {
                places.putIfAbsent(variables.get(i).substring(0, equals), i);
            }
        }
    }
}
