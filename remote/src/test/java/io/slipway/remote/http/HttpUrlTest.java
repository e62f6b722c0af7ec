package io.slipway.remote.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://h/a/b.txt,            http://h/a/b.txt",
        "HTTPS://User@H:443/a,        https://h/a",
        "http://h,                    http://h/",
        "http://h?q=1,                http://h/?q=1",
        "http://h:8080/a#part,        http://h:8080/a",
        "http://h/a b|c[1]{2},        http://h/a%20b%7Cc%5B1%5D%7B2%7D",
        "http://h/%41%2f,             http://h/%41%2f",
        "http://h/ü,                  http://h/%C3%BC",
        "http://bücher.example/,      http://xn--bcher-kva.example/",
        "http://my_host/a,            http://my_host/a",
        "http://[2001:db8::1]:81/,    http://[2001:db8::1]:81/",
        "'http://u:p@x@h/a',          http://h/a",
    })
    void isReadAsPeopleWriteIt(String written, String asked) throws IOException {
        assertThat(parsed(written).url()).hasToString(asked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://",
                "http:///a",
                "ftp://h/a",
                "file:///etc/passwd",
                "http://h:99999/",
                "http://h:x/",
                "http://h/%",
                "http://h/%zz",
                "http://h\\@other/",
                "http://h\n/",
                "//h/a",
            })
    void whatIsNoneIsNull(String text) {
        assertThat(HttpUrl.parse(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/a/b.txt?x=1/2, b.txt",
        "http://h/a/,            a",
        "http://h/a%20b+c,       a b+c",
        "http://h/a%2Fb,         b",
        "http://h/..,            ..",
        "http://h/,              ''",
        "http://h,               ''",
    })
    void theFileNameIsTheLastPartOfThePath(String url, String name) {
        assertThat(parsed(url).fileName()).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "/x?y,                https://h:81/x?y",
        "x,                   https://h:81/a/x",
        "?q,                  https://h:81/a/b?q",
        "//other/x,           https://other/x",
        "http://other/x y,    http://other/x%20y",
        "file:///etc/passwd,",
        "mailto:a@b,",
    })
    void aRedirectIsRelativeToWhatWasAsked(String location, @Nullable String expected) throws IOException {
        HttpUrl to = parsed("https://h:81/a/b").redirected(location);
        assertThat(to == null ? null : to.url().toString()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "https://h/a,     https://H:443/b, true",
        "http://h/a,      https://h/a,     true",
        "https://h/a,     http://h/a,      false",
        "https://h/a,     https://h:444/a, false",
        "http://h:8080/a, https://h/a,     false",
        "https://h/a,     https://h.h/a,   false",
    })
    void credentialsAreForOneServer(String mine, String other, boolean trusted) {
        assertThat(parsed(mine).isTrusting(parsed(other))).isEqualTo(trusted);
    }

    @Test
    void userPasswordAndQueryAreNotShown() {
        assertThat(parsed("https://user:secret@h/a?signature=secret")).hasToString("https://h/a");
        assertThat(HttpUrl.shown("htp://user:secret@h/a?secret#secret")).isEqualTo("htp://h/a");
    }

    private static HttpUrl parsed(String text) {
        HttpUrl url = HttpUrl.parse(text);
        assertThat(url).as(text).isNotNull();
        return java.util.Objects.requireNonNull(url);
    }
}
