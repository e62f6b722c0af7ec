package io.slipway.api.intake.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.slipway.image.Platform;
import io.slipway.protocol.CacheKind;
import io.slipway.protocol.CacheSource;
import io.slipway.protocol.CacheTarget;
import io.slipway.protocol.ImageFormat;
import io.slipway.protocol.LayerCompression;
import io.slipway.protocol.LayerRule;
import io.slipway.protocol.NetworkMode;
import io.slipway.protocol.SecretPolicy;
import io.slipway.remote.http.HttpSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class BuildOptionsTest {
    private static final String EVERYTHING_AS_QUERY = "project=team-a&dockerfile=.%2Fdocker//Dockerfile&target=app"
            + "&buildContext=docker.io/library/base:latest=docker-image://alpine:3&buildContext=files=https://files.example/a.tar"
            + "&buildArg=A=1&buildArg=B=x%3Dy+z&tag=registry.example:5000/team/app:1&tag=app"
            + "&label=org.example.team=a&annotation=note=n&platform=" + Platform.local()
            + "&noCache&pull=1&network=none&format=oci&compression=zstd&compressionLevel=3&layers=build.2,app.5&secretsGuard=fail"
            + "&sourceDateEpoch=1700000000&timeout=1h30m&stepTimeout=10m&push=false&supersedes=app/main&priority=-5"
            + "&cacheFrom=registry.example/app:cache&cacheTo=type%3Dregistry,mode%3Dmax,ref%3Dregistry.example/app:cache"
            + "&cacheTo=type=inline&projectCredentials=0&cacheScope=pull.7&secret=npmrc&secret=id=npm/rc,src%3Dteam.npmrc";

    private static final String EVERYTHING_AS_JSON = """
            {"project": "team-a", "dockerfile": "docker/Dockerfile", "target": "app",
             "buildContext": {"base": {"image": "alpine:3"}, "files": {"http": {"url": "https://files.example/a.tar"}}},
             "buildArg": {"B": "x=y z", "A": "1"}, "tag": ["registry.example:5000/team/app:1", "app"],
             "label": {"org.example.team": "a"}, "annotation": {"note": "n"}, "platform": "%s",
             "noCache": true, "pull": true, "network": "none", "format": "oci", "compression": "zstd",
             "compressionLevel": 3, "layers": ["build.2", "app.5"], "secretsGuard": "fail", "sourceDateEpoch": 1700000000, "timeout": 5400, "stepTimeout": 600, "push": false,
             "supersedes": "app/main", "priority": -5, "cacheFrom": "type=registry,ref=registry.example/app:cache",
             "cacheTo": ["type=registry,ref=registry.example/app:cache,mode=max", "type=inline"], "context": {}, "projectCredentials": false, "cacheScope": "pull.7",
             "secret": {"npmrc": {"src": "npmrc"}, "npm/rc": {"src": "team.npmrc"}}}
            """.formatted(Platform.local());

    @Test
    void aQueryAndJsonSayTheSame() {
        BuildOptions query = BuildOptions.fromQuery(EVERYTHING_AS_QUERY, null);
        assertThat(query)
                .isEqualTo(new BuildOptions(
                        "team-a",
                        "docker/Dockerfile",
                        null,
                        Map.of(
                                "base",
                                new NamedSource.Image("alpine:3"),
                                "files",
                                new ContextSource.Http(
                                        new HttpSource("https://files.example/a.tar", null, null, null))),
                        "app",
                        Map.of("A", "1", "B", "x=y z"),
                        List.of("registry.example:5000/team/app:1", "app"),
                        Map.of("org.example.team", "a"),
                        Map.of("note", "n"),
                        List.of(Platform.local().toString()),
                        true,
                        true,
                        NetworkMode.NONE,
                        ImageFormat.OCI,
                        LayerCompression.ZSTD,
                        3,
                        new LayerRule(LayerRule.Kind.STEPS, List.of("build.2", "app.5")),
                        SecretPolicy.FAIL,
                        "1700000000",
                        Duration.ofMinutes(90),
                        Duration.ofMinutes(10),
                        false,
                        "app/main",
                        -5,
                        false,
                        Map.of(),
                        Map.of(),
                        Map.of("npmrc", "npmrc", "npm/rc", "team.npmrc"),
                        Map.of(),
                        List.of(new CacheSource(CacheKind.REGISTRY, "registry.example/app:cache")),
                        List.of(
                                new CacheTarget(CacheKind.REGISTRY, "registry.example/app:cache", true, false, false),
                                new CacheTarget(CacheKind.INLINE, null, false, false, true)),
                        "pull.7"));
        assertThat(json(EVERYTHING_AS_JSON)).isEqualTo(query);
        assertThat(json(EVERYTHING_AS_JSON).toString()).isEqualTo(query.toString());
    }

    @Test
    void withoutOptionsThereAreDefaults() {
        BuildOptions options = BuildOptions.fromQuery(null, null);
        assertThat(options).isEqualTo(json("{}"));
        assertThat(options.project()).isEqualTo("default");
        assertThat(options.push()).isFalse();
        assertThat(options.format()).isEqualTo(ImageFormat.OCI);
        assertThat(options.compression()).isEqualTo(LayerCompression.GZIP);
        assertThat(options.secretsGuard()).isEqualTo(SecretPolicy.WARN);
        assertThat(options.layers()).isEqualTo(LayerRule.INSTRUCTION);
    }

    @Test
    void anImageIsPushedWhereItsTagsSayUnlessToldOtherwise() {
        assertThat(BuildOptions.fromQuery("tag=registry.example/a:1", null).push())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                buildarg=A=1           | unknown option buildarg, did you mean buildArg?
                build-arg=A=1          | unknown option build-arg, did you mean buildArg?
                tags=a                 | unknown option tags, did you mean tag?
                t=a                    | unknown option t, did you mean tag?
                Target=a               | unknown option Target, did you mean target?
                ngetwork=none          | unknown option ngetwork, did you mean network?
                xyzzy=1                | unknown option xyzzy
                cacheFrom=A            | cacheFrom A: it is not an image name
                cacheFrom=type=gha     | cacheFrom type=gha: there is no cache of type gha
                cacheFrom=type=inline  | type=inline says where a cache goes
                cacheFrom=type=registry | cacheFrom type=registry: it has no ref
                cacheFrom=type=registry,ref=a,mode=max | "mode" means nothing here
                cacheFrom=type=registry,ref=a,ref=b | ref is given twice
                cacheFrom=type=local,src=/a | is a directory of the machine that builds
                cacheTo=type=local,dest=/a  | is a directory of the machine that builds
                cacheTo=ref=a          | cacheTo ref=a: it has no type
                cacheTo=type=registry,ref=a,mode=all | mode is min or max
                cacheTo=type=inline,mode=max | "mode" means nothing here
                cacheTo=type=registry,ref | "ref" has no value
                layers=flatt           | unknown value of layers: flatt, did you mean flat?
                secretsGuard=of        | unknown value of secretsGuard: of, did you mean off?
                layers=                | layers is empty
                layers=flat,stage      | flat is no name of a step
                layers=a.1,            | nothing is no name of a step
                layers=a.1&layers=a.1  | layers names a step twice
                platform=windows/amd64 | platform windows/amd64 cannot be built here
                platform=linux/arm64,  | platform is not one
                platform=linux/arm64,linux/aarch64 | platform linux/aarch64 is given twice
                platform=arm64&platform=linux/arm64/v8 | platform linux/arm64/v8 is given twice
                platform=a/b/c/d       | platform is not one
                target=a&target=b      | target is given more than once
                target                 | target has no value
                dockerfile=a&dockerfileInline=FROM+a    | dockerfile and dockerfileInline are both given
                buildContext=a                          | buildContext a is not of the form NAME=VALUE
                buildContext=a=                         | buildContext a: it is empty
                buildContext=A=docker-image://b         | buildContext: "A" can't be the name of a context
                buildContext=scratch=docker-image://b   | no context can be named scratch
                buildContext=a=docker-image://B         | "B" is not the name of an image
                buildContext=a=docker-imag://b          | docker-imag:// is no kind of context
                buildContext=a=slipway://               | buildContext a: slipway:// names no build
                buildContext=a=lib                      | the service can't see a directory of yours
                buildContext=a=oci-layout://lib         | the service can't see a directory of yours
                buildContext=a=https://me:pw@host/a.tar | has a password, which can't stand in a URL
                buildContext=a=https://host/a.git?refs=b | it has the unknown query refs
                buildContext=a=docker-image://b&buildContext=a=docker-image://c | buildContext a is given more than once
                buildContext=a=docker-image://b&buildContext=a:latest=docker-image://c | is given more than once
                target=                | target is empty
                noCache=               | noCache is empty
                pull=                  | pull is empty
                push=                  | push is empty
                tag=                   | tag is empty
                label=                 | label is empty
                platform=              | platform is empty
                timeout=               | timeout is empty
                priority=              | priority is empty
                format=                | format is empty
                buildContext=          | buildContext is empty
                dockerfileInline=      | dockerfileInline is empty
                buildArg=A             | buildArg A is not of the form NAME=VALUE
                buildArg=A=1&buildArg=A=2 | buildArg A is given more than once
                noCache=maybe          | noCache must be true or false
                network=host           | unknown value of network: host
                format=ocl             | unknown value of format: ocl, did you mean oci?
                format=docker&compression=zstd | compression zstd does not exist in format docker
                compressionLevel=10    | compressionLevel must be between 0 and 9
                compression=zstd&compressionLevel=20 | compressionLevel must be between 1 and 19
                cacheTo=r.example/c@sha256:0000000000000000000000000000000000000000000000000000000000000000 | has a digest
                compressionLevel=x     | compressionLevel must be a whole number
                compression=none&compressionLevel=1 | compressionLevel means nothing without compression
                sourceDateEpoch=main   | sourceDateEpoch main is neither a whole number nor context
                sourceDateEpoch=-1     | sourceDateEpoch must be between 0 and
                supersedes=%0A         | is no key
                timeout=soon           | timeout soon is not a duration
                stepTimeout=x          | stepTimeout x is not a duration
                timeout=5&stepTimeout=6 | stepTimeout is longer than timeout
                timeout=0              | timeout 0 is shorter than
                push=true              | push needs a tag
                priority=1000          | priority must be between -100 and 100
                tag=registry.example/Upper | the repository must be lower case
                tag=a@sha256:0000000000000000000000000000000000000000000000000000000000000000 | has a digest
                project=No             | project No is not a project's name
                dockerfile=../x        | dockerfile ../x leaves the context
                dockerfile=./          | dockerfile ./ names no file
                buildArg=%zz           | the query has a % that is no percent-encoding
                registryAuth=x         | registryAuth can't stand in a URL
                secret=a=b             | the value of a secret can't stand in a URL
                secret=id=a,env=B      | the value of a secret can't stand in a URL
                secret=src=a           | secret has no id
                secret=id=a,id=b       | secret has id twice
                secret=id=a,src=../b   | which can't have that name
                secret=a&secret=id=a   | secret a is given more than once
                ssh=x                  | ssh can't stand in a URL
                """)
    void aQueryThatIsWrongIsRefusedByName(String query, String message) {
        assertThatThrownBy(() -> BuildOptions.fromQuery(query, null))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                {"tags": ["a"]}              | unknown field tags, did you mean tag?
                {"contxt": {}}               | unknown field contxt, did you mean context?
                {"cacheTo": [1]}             | cacheTo must be a text or an array of texts
                {"noCache": "true"}          | noCache must be true or false
                {"target": 1}                | target must be a text
                {"tag": [1]}                 | tag must be a text or an array of texts
                {"buildArg": ["A=1"]}        | buildArg must be an object of texts
                {"buildArg": {"A": null}}    | buildArg must be an object of texts (A is none)
                {"buildArg": {"A=B": "1"}}   | buildArg has an impossible name or value
                {"secret": 1}                | secret must be an object from id to value, or names
                {"secret": ["a", "id=a"]}    | secret a is given more than once
                {"secret": ["a=b"]}          | the value of a secret can't stand in a URL
                {"secret": {"a": {"src": "b/c"}}} | which can't have that name
                {"secret": {"a": {"src": "b", "base64": ""}}} | secret must be an object of texts
                {"ssh": {"a": {"src": "b"}}} | ssh must be an object of texts
                {"ssh": ["a"]}               | ssh must be an object
                {"priority": 1.5}            | priority must be a whole number
                {"timeout": true}            | timeout must be a number of seconds
                {"registryAuth": []}         | registryAuth must be an object
                {"registryAuth": {"a": {}}}  | registryAuth: a has no username
                {"registryAuth": {"a": {"username": "u"}}} | registryAuth: a has no password
                {"registryAuth": {"a": {"password": "p"}}} | registryAuth: a has no username
                {"registryAuth": {"a": {"username": "u", "password": ""}}} | registryAuth: a has no password
                {"registryAuth": {"a": {"user": "u"}}} | unknown field in registryAuth user, did you mean username?
                """)
    void jsonThatIsWrongIsRefusedByName(String object, String message) {
        assertThatThrownBy(() -> json(object))
                .isInstanceOf(OptionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void theNearestNameIsForMachinesToo() {
        assertThatThrownBy(() -> BuildOptions.fromQuery("plattform=x", null))
                .asInstanceOf(type(OptionException.class))
                .satisfies(e -> {
                    assertThat(e.option()).isEqualTo("plattform");
                    assertThat(e.hint()).isEqualTo("platform");
                });
    }

    @Test
    void credentialsComeInDockersHeader() {
        String header = base64("""
                {"https://index.docker.io/v1/": {"username": "u", "password": "p", "email": ""},
                 "Registry.example:5000": {"username": "v", "password": "ö?>"}}""");
        BuildOptions options = BuildOptions.fromQuery(null, header);
        assertThat(options.registryAuth())
                .containsOnly(
                        Map.entry("docker.io", new RegistryCredentials("u", "p")),
                        Map.entry("registry.example:5000", new RegistryCredentials("v", "ö?>")));
        assertThat(options.toString()).doesNotContain("ö?>");
    }

    @Test
    void secretsComeInJsonAsTextOrBytesAndNeverInAQuery() {
        BuildOptions options = json("{\"secret\": {\"npm/rc\": \"tök\", \"key\": {\"base64\": \"AP8=\"}}}");
        assertThat(options.secrets()).containsOnlyKeys("npm/rc", "key");
        assertThat(options.secrets().get("npm/rc"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("tök");
        assertThat(options.secrets().get("key")).containsExactly(0, 0xff);
        assertThat(options.toString()).doesNotContain("tök");
        assertThatThrownBy(() -> BuildOptions.fromQuery("secret=token=s3cr3t", null))
                .hasMessageContaining("logged")
                .message()
                .doesNotContain("s3cr3t");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    5                         | must be an object
                    {"a": 1}                  | a is neither
                    {"a": {"base64": "%"}}    | a is no base64
                    {"a": {"file": "x"}}      | a is neither
                    {"a b": "x"}              | not a secret's id
            """)
    void aSecretThatIsNoneIsRefused(String secret, String message) {
        assertThatThrownBy(() -> json("{\"secret\": " + secret + "}")).hasMessageContaining(message);
    }

    @Test
    void credentialsComeInJsonOrInTheHeaderButNotInBoth() {
        String auth = "{\"a\": {\"username\": \"u\", \"password\": \"p\"}}";
        assertThat(json("{\"registryAuth\": " + auth + "}").registryAuth())
                .containsExactly(Map.entry("a", new RegistryCredentials("u", "p")));
        assertThatThrownBy(
                        () -> BuildOptions.fromJson(object("{\"registryAuth\": " + auth + "}"), Set.of(), base64(auth)))
                .hasMessageContaining("both have credentials");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    %%%            | not base64
                    W10=           | not base64 of a JSON object
                    eyJhIjp7fX0=   | a has no username
                    """)
    void aHeaderThatNoClientSendsIsRefused(String header, String message) {
        assertThatThrownBy(() -> BuildOptions.fromQuery(null, header)).hasMessageContaining(message);
    }

    private static BuildOptions json(String object) {
        return BuildOptions.fromJson(object(object), Set.of("context"), null);
    }

    private static ObjectNode object(String json) {
        return (ObjectNode) JsonMapper.shared().readTree(json);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
