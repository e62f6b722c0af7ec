package io.slipway.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "debian, docker.io/library/debian:latest, debian:latest",
        "debian:bookworm-slim, docker.io/library/debian:bookworm-slim, debian:bookworm-slim",
        "docker.io/debian, docker.io/library/debian:latest, debian:latest",
        "index.docker.io/library/debian:1, docker.io/library/debian:1, debian:1",
        "team/app, docker.io/team/app:latest, team/app:latest",
        "library/a/b, docker.io/library/a/b:latest, library/a/b:latest",
        "localhost/app, localhost/app:latest, localhost/app:latest",
        "127.0.0.1:5000/app, 127.0.0.1:5000/app:latest, 127.0.0.1:5000/app:latest",
        "[::1]:5000/app:v_1.2-x, [::1]:5000/app:v_1.2-x, [::1]:5000/app:v_1.2-x",
        "registry.example:5000/team/app:1, registry.example:5000/team/app:1, registry.example:5000/team/app:1",
        "Registry/app, Registry/app:latest, Registry/app:latest",
        "a__b/c---d/e.f, docker.io/a__b/c---d/e.f:latest, a__b/c---d/e.f:latest",
    })
    void namesAreCompletedAsDockerDoes(String text, String canonical, String familiar) {
        ImageReference reference = ImageReference.parse(text);
        assertThat(reference.canonicalName()).isEqualTo(canonical);
        assertThat(reference.familiarName()).isEqualTo(familiar);
        assertThat(ImageReference.parse(canonical)).isEqualTo(reference);
        assertThat(ImageReference.parse(familiar)).isEqualTo(reference);
    }

    @Test
    void aDigestNeedsNoTag() {
        ImageReference reference = ImageReference.parse("debian@" + DIGEST);
        assertThat(reference.tag()).isNull();
        assertThat(reference.tagOrDigest()).isEqualTo(DIGEST);
        assertThat(reference.repository()).isEqualTo("docker.io/library/debian");
        assertThat(reference.toString()).isEqualTo("docker.io/library/debian@" + DIGEST);
    }

    @Test
    void aDigestCountsMoreThanATag() {
        ImageReference reference = ImageReference.parse("debian:12@" + DIGEST);
        assertThat(reference.tag()).isEqualTo("12");
        assertThat(reference.tagOrDigest()).isEqualTo(DIGEST);
        assertThat(ImageReference.parse("debian:12").withDigest(Digest.parse(DIGEST)))
                .isEqualTo(reference);
        assertThat(reference.withTag("13")).isEqualTo(ImageReference.parse("debian:13"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | it is empty",
                "' debian' | spaces around it",
                "registry.example:99999/app | the port of \"registry.example:99999\" is larger than 65535",
                "https://example.com/app | write it without \"https://\"",
                "MyApp:1 | must be lower case; did you mean \"library/myapp\"?",
                "example.com/Team/App | did you mean \"team/app\"?",
                "debian: | the tag after \":\" is empty",
                "debian:-x | the tag \"-x\" may have",
                "debian@sha256:12 | \"sha256:12\" is not a digest",
                "debian@sha512:12 | is not a digest",
                "a//b | a part between slashes is empty",
                "example.com/ | a part between slashes is empty",
                "-a/b | \"-a\" may only have",
                "a___b | \"a___b\" may only have",
                "a..b/c | is not a registry host",
                "example.com:port/a | is not a registry host",
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef | it is 64 hex digits",
            })
    void mistakesAreNamed(String text, String why) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not an image name")
                .hasMessageContaining(why);
    }

    @Test
    void longNamesAreRefused() {
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(240)))
                .hasMessageContaining("more than 255 characters");
        assertThatThrownBy(() -> ImageReference.parse("a:" + "b".repeat(129))).hasMessageContaining("128 characters");
    }
}
