package io.slipway.bench.load;

import java.util.Arrays;
import java.util.List;

/** Measures one thing and prints it as Markdown. */
public final class Load {
    private Load() {}

    /** @param arguments {@code queue}, {@code submits URL TOKEN}, {@code webhooks URL TOKEN} or {@code followers URL TOKEN BASE} */
    public static void main(String... arguments) throws Exception {
        List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
        switch (arguments[0]) {
            case "queue" -> QueueLoad.run();
            case "submits" -> IntakeLoad.submits(new Service(rest.get(0), rest.get(1)));
            case "webhooks" -> IntakeLoad.webhooks(new Service(rest.get(0), rest.get(1)));
            case "followers" -> FollowerLoad.run(new Service(rest.get(0), rest.get(1)), rest.get(2));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }
}
