package io.slipway.image;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image manifest, OCI or Docker schema 2 (OCI image specification 1.1, manifest.md).
 *
 * @param schemaVersion always 2
 * @param mediaType the manifest's own type, or null (older OCI manifests)
 * @param artifactType what it is if it is no image, or null
 * @param config the image config, or whatever the artifact has instead
 * @param layers the layers, base first; BuildKit writes null for none
 * @param annotations free-form properties, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"schemaVersion", "mediaType", "artifactType", "config", "layers", "annotations"})
public record Manifest(
        int schemaVersion,
        @Nullable String mediaType,
        @Nullable String artifactType,
        Descriptor config,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<Descriptor> layers,
        @Nullable Map<String, String> annotations) {

    /** An image's. */
    public Manifest(
            int schemaVersion,
            @Nullable String mediaType,
            Descriptor config,
            List<Descriptor> layers,
            @Nullable Map<String, String> annotations) {
        this(schemaVersion, mediaType, null, config, layers, annotations);
    }
}
