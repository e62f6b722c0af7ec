package io.slipway.dockerfile.instruction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.slipway.dockerfile.source.InvalidValueException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ports, modes, signals, sizes, mounts and addresses, dockerfile.md §5. */
class ValuesTest {

    @ParameterizedTest
    @CsvSource({
        "80, 80/tcp",
        "80/, 80/tcp",
        "0/udp, 0/udp",
        "65535/SCTP, 65535/sctp",
        "7000-7001, 7000/tcp 7001/tcp",
        "8080:80, 80/tcp",
        "127.0.0.1:8080:80/udp, 80/udp",
        "127.0.0.1::80, 80/tcp",
        "[::1]:8080:80, 80/tcp",
        "8000-8001:80-81, 80/tcp 81/tcp",
        "8000-8009:80, 80/tcp",
    })
    void ports(String word, String expected) {
        assertThat(String.join(
                        " ",
                        ExposedPort.parse(word).stream()
                                .map(ExposedPort::toString)
                                .toList()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "65536", "-1", "80/http", "81-80", "80-", "1-2:80-90", "a.b:1:2", "99999999999"})
    void otherWordsAreNoPorts(String word) {
        assertThatThrownBy(() -> ExposedPort.parse(word)).isInstanceOf(InvalidValueException.class);
    }

    @ParameterizedTest(name = "{0} on {1} (directory: {2}) is {3}")
    @CsvSource({
        "0755, 0644, false, 0755",
        "4755, 0644, false, 4755",
        "00000644, 0755, true, 0644",
        "u=rwX;go=rX, 0600, false, 0644",
        "u=rwX;go=rX, 0700, false, 0755",
        "u=rwX;go=rX, 0600, true, 0755",
        "+x, 0644, false, 0755",
        "a-w;u+s, 0755, false, 4555",
        "g=u, 0755, false, 0775",
        "o=, 0755, false, 0750",
        "u+rw-x, 0755, false, 0655",
        "+t, 0755, true, 1755",
        "ug=s, 0755, false, 6005",
        "=r, 7777, false, 1444",
        "o+t, 0755, true, 0755",
        "u+t, 0755, true, 1755",
    })
    void modes(String mode, String before, boolean directory, String after) {
        int applied = FileMode.parse(mode.replace(';', ',')).apply(Integer.parseInt(before, 8), directory);
        assertThat(Integer.toOctalString(applied)).isEqualTo(Integer.toOctalString(Integer.parseInt(after, 8)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0o755", "77777", "8", "-1", "zz", "u", "u=q", "u=rw,", "rwx"})
    void otherTextIsNoMode(String text) {
        assertThatThrownBy(() -> FileMode.parse(text)).isInstanceOf(InvalidValueException.class);
    }

    @Test
    void aLongModeIsRefused() {
        assertThatThrownBy(() -> FileMode.parse("+x".repeat(100_000))).isInstanceOf(InvalidValueException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIGTERM", "term", "9", "64", "65", "-1", "+9", "SIGRTMIN+3", "RTMAX-14", "sigwinch"})
    void signals(String signal) {
        assertThatThrownBy(() -> {
                    StopSignals.requireAccepted(signal);
                    throw new InvalidValueException("none");
                })
                .hasMessage("none");
    }

    @ParameterizedTest
    @CsvSource({
        "FROBNIC, write a name such as SIGTERM; or a number",
        "SIGTERN, did you mean SIGTERM?",
        "0, the numbers are 1 to 64",
        "RTMIN+16, write a name such as SIGTERM; or a number",
    })
    void otherWordsAreNoSignals(String signal, String hint) {
        assertThatThrownBy(() -> StopSignals.requireAccepted(signal))
                .isInstanceOfSatisfying(
                        InvalidValueException.class, e -> assertThat(e.hint()).isEqualTo(hint.replace(';', ',')));
    }

    @ParameterizedTest
    @CsvSource({
        "64, 64",
        "64b, 64",
        "1k, 1024",
        "1kb, 1024",
        "1KiB, 1024",
        "1.5m, 1572864",
        "2 g, 2147483648",
        "1t, 1099511627776"
    })
    void sizes(String text, long bytes) {
        assertThat(MemorySize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "-1", "1x", "1mm", "99999999999p", "1..5m"})
    void otherTextIsNoSize(String text) {
        assertThatThrownBy(() -> MemorySize.parse(text)).isInstanceOf(InvalidValueException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "type=bind;target=/b;env=E;id=i, env=E id=i",
        "type=cache;target=/c;env=E;uid=5, env=E",
        "type=cache;target=/c;from=s;source=/x;uid=5, uid=5",
        "type=tmpfs;target=/t;from=s;id=i, from=s id=i",
        "type=ssh;from=s;env=E;id=i, from=s env=E",
        "type=secret;id=i;env=E, ''",
    })
    void fieldsThatMeanNothing(String flag, String expected) {
        assertThat(String.join(" ", MountFlag.parse(flag.replace(';', ',')).withoutEffect()))
                .isEqualTo(expected);
    }

    @Test
    void mountsHaveTheirDefaults() {
        assertThat(mount("target=/m")).isEqualTo(new Mount.Bind(null, "/", "/m", true));
        assertThat(mount("type=bind,from=s,src=a,dst=m,rw")).isEqualTo(new Mount.Bind("s", "a", "m", false));
        assertThat(mount("TYPE=cache,destination=/c"))
                .isEqualTo(new Mount.Cache("/c", "/c", null, "/", Mount.Sharing.SHARED, false, null));
        assertThat(mount("type=cache,id=k,target=/c,sharing=LOCKED,ro=1,mode=0700,uid=5,gid=6"))
                .isEqualTo(new Mount.Cache(
                        "k", "/c", null, "/", Mount.Sharing.LOCKED, true, new Mount.Attributes(0700, 5, 6)));
        assertThat(mount("type=tmpfs,target=/t,size=1m")).isEqualTo(new Mount.Tmpfs("/t", false, 1 << 20));
        assertThat(mount("type=secret,id=a/b"))
                .isEqualTo(new Mount.Secret("a/b", "/run/secrets/b", null, false, 0400, 0, 0));
        assertThat(mount("type=secret,target=/x/y,required"))
                .isEqualTo(new Mount.Secret("y", "/x/y", null, true, 0400, 0, 0));
        assertThat(mount("type=secret,src=s,env=S")).isEqualTo(new Mount.Secret("s", null, "S", false, 0400, 0, 0));
        assertThat(mount("type=ssh")).isEqualTo(new Mount.Ssh("default", null, false, 0600, 0, 0));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "type=bind                      | a bind mount needs a target",
                "target=/a/..                   | the mount target /a/.. is the root directory",
                "type=bin,target=/a             | unknown mount type \"bin\"",
                "target=/a,frob=1               | unknown mount key frob in \"frob=1\"",
                "target=/a,frob                 | the mount field \"frob\" is not a key=value pair",
                "target                         | the mount field \"target\" is not a key=value pair",
                "target=/a,ro=maybe             | \"maybe\" is not a valid value of the mount key ro",
                "target=/a,mode=0755            | a bind mount takes no mode",
                "target=/a,sharing=shared       | a bind mount takes no sharing",
                "target=/a,required             | a bind mount takes no required",
                "target=/a,size=1m              | a bind mount takes no size",
                "type=cache,target=/a,mode=9    | \"9\" is not a valid mode",
                "type=cache,target=/a,uid=-1    | \"-1\" is not a valid uid",
                "type=tmpfs,target=/a,size=x    | \"x\" is not a size",
                "type=tmpfs,target=/a,source=/b | a tmpfs mount takes no source",
                "type=secret                    | a secret mount needs an id",
                "type=secret,id=a,source=b      | a secret mount has both id and source, which mean the same",
                "type=secret,id=a,from=b        | a secret mount takes no from",
                "type=secret,id=a,env=          | a secret mount has an env without a name",
                "type=ssh,source=b              | a ssh mount takes no source",
                "\"target=/a                    | --mount=\"target=/a has a quote that is not closed",
                "tar\"get=/a                    | --mount=tar\"get=/a has a quote in the middle of a field",
                "from=$x,target=/a              | --mount from=$x holds a variable, which is not expanded there",
            })
    void otherMountsAreRefused(String text, String problem) {
        assertThatThrownBy(() -> mount(text))
                .isInstanceOf(InvalidValueException.class)
                .hasMessage(problem);
    }

    @Test
    void aFieldInQuotesCanHoldACommaAndAQuote() {
        assertThat(mount("type=tmpfs,\"target=/a,\"\"b\"").target()).isEqualTo("/a,\"b");
    }

    private static Mount mount(String text) {
        return MountFlag.parse(text).mount();
    }

    @Test
    void addressesOfRepositories() {
        assertThat(GitAddress.parse("https://h/x.git#v1:sub/dir"))
                .isEqualTo(new GitAddress("https://h/x.git", "v1", "sub/dir", null, null, true, false, false));
        assertThat(GitAddress.parse("git@h:o/x.git#:sub"))
                .isEqualTo(new GitAddress("git@h:o/x.git", null, "sub", null, null, true, false, false));
        assertThat(GitAddress.parse("ssh://git@h:22/x?tag=v1&keep-git-dir&submodules=false&mtime=commit"))
                .isEqualTo(new GitAddress("ssh://git@h:22/x", "refs/tags/v1", null, null, true, false, true, false));
        assertThat(GitAddress.parse("git://h/x?commit=abc"))
                .isEqualTo(new GitAddress("git://h/x", "abc", null, "abc", null, true, false, false));
        assertThat(GitAddress.parse("git://h/x?branch=a%2Fb&subdir=c%20d#refs/heads/a/b"))
                .isEqualTo(new GitAddress("git://h/x", "refs/heads/a/b", "c d", null, null, true, false, false));
        assertThat(GitAddress.parse("git://h/x?fetch-by-commit&submodules=0&ref=v1"))
                .isEqualTo(new GitAddress("git://h/x", "v1", null, null, null, false, false, true));
        assertThat(GitAddress.parse("git://h/x?fetch-by-commit=false&mtime=checkout&keep-git-dir=0"))
                .isEqualTo(new GitAddress("git://h/x", null, null, null, false, true, false, false));
        assertThat(GitAddress.parse("https://h/x.tar")).isNull();
        assertThat(GitAddress.parse("HTTPS://h/x.git")).isNull();
        assertThat(GitAddress.parse("x.git")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "git://h/x?frob=1",
                "git://h/x?tag=a&branch=b",
                "git://h/x?branch=main#v1",
                "git://h/x?subdir=a#v1:b",
                "git://h/x?tag=",
                "git://h/x?tag=a&tag=b",
                "git://h/x?submodules=maybe",
                "git://h/x?mtime=now",
                "git://h/x?tag=%zz",
                "git://h/x?checksum=a&commit=b",
            })
    void addressesWhosePartsDoNotGoTogetherAreRefused(String address) {
        assertThat(GitAddress.isGit(address)).isTrue();
        assertThatThrownBy(() -> GitAddress.parse(address)).isInstanceOf(InvalidValueException.class);
    }

    @Test
    void sourcesOfAdd() {
        assertThat(AddSource.parse("a/*.txt")).isEqualTo(new AddSource.Local("a/*.txt"));
        assertThat(AddSource.parse("https://h/x.tar")).isEqualTo(new AddSource.Http("https://h/x.tar"));
        assertThat(AddSource.parse("https://h/x.git")).isInstanceOf(AddSource.Git.class);
        assertThat(AddSource.parse("github.com/o/x")).isEqualTo(new AddSource.Local("github.com/o/x"));
    }
}
