package io.slipway.api.upload;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How long contexts that are sent as a manifest, and their contents, are kept, and how much of them.
 *
 * @param expiry how long a context stays after it was last used
 * @param contentExpiry how long a content stays after a context last named it; not shorter
 * @param projectQuota how much the contexts that one project has sent may take together
 */
@ConfigurationProperties("slipway.upload")
public record UploadProperties(
        @DefaultValue("1h") Duration expiry,
        @DefaultValue("24h") Duration contentExpiry,
        @DefaultValue("20GB") DataSize projectQuota) {

    /** The largest manifest: a million entries with long paths; white space could go on for ever. */
    public static final long MOST_MANIFEST_BYTES = 512L << 20;

    public UploadProperties {
        if (expiry.toMillis() < 1 || contentExpiry.compareTo(expiry) < 0) {
            throw new IllegalArgumentException(
                    "slipway.upload.expiry must be positive, and slipway.upload.content-expiry not shorter");
        }
        if (projectQuota.toBytes() < 1) {
            throw new IllegalArgumentException("slipway.upload.project-quota must be positive");
        }
    }
}
