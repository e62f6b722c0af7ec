package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image index or Docker manifest list (OCI image specification 1.1, image-index.md).
 *
 * @param schemaVersion always 2
 * @param mediaType the index's own type, or null
 * @param manifests what it points to
 * @param annotations free-form properties, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"schemaVersion", "mediaType", "manifests", "annotations"})
public record Index(
        int schemaVersion,
        @Nullable String mediaType,
        List<Descriptor> manifests,
        @Nullable Map<String, String> annotations) {}
