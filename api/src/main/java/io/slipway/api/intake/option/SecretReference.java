package io.slipway.api.intake.option;

import io.slipway.api.secret.ProjectSecrets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A secret of the project that a build is to get: {@code ID}, or in the words of {@code docker build --secret} {@code id=ID[,src=NAME]}.
 *
 * @param id by which the Dockerfile knows it
 * @param name by which the project knows it
 */
record SecretReference(String id, String name) {
    private static final String OPTION = BuildOption.SECRET.wireName();
    private static final String HINT = "write secret=NAME, or secret=id=ID,src=NAME, for a secret of the project;"
            + " values go as JSON into multipart/form-data's part build: {\"secret\": {\"ID\": \"VALUE\"}}";

    /**
     * Reads a reference.
     *
     * @throws OptionException if it is none; the message has nothing of a text that may be a secret itself
     */
    static SecretReference parse(String text) {
        if (text.indexOf('=') < 0) {
            return of(text, text);
        }
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? "" : field.substring(0, equals);
            if (!key.equals("id") && !key.equals("src")) {
                throw new OptionException(OPTION, "the value of a secret can't stand in a URL, which is logged", HINT);
            }
            if (fields.put(key, field.substring(equals + 1)) != null) {
                throw new OptionException(OPTION, "secret has " + key + " twice", HINT);
            }
        }
        String id = fields.get("id");
        if (id == null) {
            throw new OptionException(OPTION, "secret has no id", HINT);
        }
        return of(id, fields.getOrDefault("src", id));
    }

    /**
     * A reference by name.
     *
     * @param name as the project calls it, if it can be
     * @throws OptionException if no secret of a project can be called so
     */
    static SecretReference of(String id, @Nullable String name) {
        if (name == null || !ProjectSecrets.canBeNamed(name)) {
            throw new OptionException(
                    OPTION,
                    "secret " + OptionException.shown(id) + " is to be one of the project, which can't have that name",
                    "letters, digits, and . _ : -; at most 200, beginning with a letter, a digit or _");
        }
        return new SecretReference(id, name);
    }
}
