package io.slipway.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON mappers for what Slipway's processes say. Thread-safe. */
public final class WireJson {
    /** For everything in this package. Unknown fields are refused: API and worker are always of the same version. */
    public static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** Leaves null out: for answers that people read. */
    public static final JsonMapper WITHOUT_NULLS = MAPPER.rebuild()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private WireJson() {}
}
