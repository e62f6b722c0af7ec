package io.slipway.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.LayerTar;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/** The same request gives the same digest. */
@ExtendWith(TestBed.Extension.class)
@Execution(ExecutionMode.CONCURRENT)
final class ReproducibleTest {
    private static final Instant EPOCH = Instant.ofEpochSecond(1_000_000_000);
    private static final String SECONDS = Long.toString(EPOCH.getEpochSecond());

    private static Path folder;
    private static HttpServer files;
    private static SlipwayService here;
    private static SlipwayService there;

    /** Two services with nothing in common stand for two machines. */
    @BeforeAll
    static void start(TestBed bed) throws IOException {
        folder = TestBed.folder("slipway-reproducible-");
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/", ReproducibleTest::answer);
        files.start();
        Map<String, String> open = Map.of("context.denied-networks", "");
        here = SlipwayService.start(folder.resolve("here"), bed.bases(), open);
        there = SlipwayService.start(folder.resolve("there"), bed.bases(), open);
    }

    @AfterAll
    static void stop() {
        there.close();
        here.close();
        files.stop(0);
        TestBed.remove(folder);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = "from elsewhere".getBytes(UTF_8);
            exchange.getResponseHeaders().set("Last-Modified", "Sun, 09 Sep 2001 01:46:39 GMT");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static String url() {
        return "http://127.0.0.1:" + files.getAddress().getPort();
    }

    /** Has one of everything that makes a layer. */
    private static BuildContext everything() {
        return BuildContext.of("""
                        FROM busybox:1.35 AS made
                        WORKDIR /made/below
                        RUN date +%%s > /made/changing && rm /made/changing && mkdir d && echo x > d/f && ln d/f d/hard && ln -s f d/soft
                        FROM busybox:1.35 AS other
                        COPY --parents dir/./sub /other/
                        RUN --mount=type=bind,target=/m cat /m/file > /from-mount
                        FROM busybox:1.35
                        COPY file /file
                        COPY --link --chown=3:4 dir /linked/
                        COPY --from=made /made /made
                        COPY --link --from=other /other /from-mount /other/
                        ADD archive.tar /unpacked/
                        ADD %s/remote /remote
                        ADD --link %s/remote /remote-linked
                        RUN rm -r /made/below/d && touch /file && mkdir /empty
                        WORKDIR /new/directory
                        ENV a=b
                        LABEL c=d
                        """.formatted(url(), url()))
                .file("file", "content")
                .file("dir/sub/f", "below")
                .shell("touch -d @2000000000 file dir/sub/f; touch -d @5 old; tar -cf archive.tar file old; rm old");
    }

    @Test
    void withAnEpochTheDigestIsTheSameColdCachedAtOnceAndOnAnotherMachine() throws IOException {
        try (BuildContext context = everything()) {
            SlipwayClient client = here.client();
            List<String> digests = new ArrayList<>();
            digests.add(digest(client.succeed(context, "sourceDateEpoch", SECONDS)));
            digests.add(digest(client.succeed(context, "sourceDateEpoch", SECONDS)));
            digests.add(digest(client.succeed(context, "sourceDateEpoch", SECONDS, "noCache", "true")));
            List<String> atOnce = List.of(
                    client.submit(context, "sourceDateEpoch", SECONDS, "noCache", "true"),
                    client.submit(context, "sourceDateEpoch", SECONDS, "noCache", "true"));
            atOnce.forEach(id -> digests.add(digest(client.await(id))));
            digests.add(digest(there.client().succeed(context, "sourceDateEpoch", SECONDS)));
            digests.add(digest(there.client().succeed(context, "buildArg", "SOURCE_DATE_EPOCH=" + SECONDS)));
            assertThat(digests).allMatch(digests.getFirst()::equals);
            assertThat(digest(client.succeed(context, "sourceDateEpoch", "1000000001")))
                    .isNotEqualTo(digests.getFirst());
        }
    }

    @Test
    void ourLayersAreClampedAndThoseOfTheBaseAreTheSame() throws IOException {
        try (BuildContext context = everything();
                BuildContext bare = BuildContext.of("FROM busybox:1.35\nLABEL a=b\n")) {
            OciImage base = download(bare, here.client().succeed(bare));
            OciImage image = download(context, here.client().succeed(context, "sourceDateEpoch", SECONDS));
            List<String> names = names(image);
            int below = base.layers().size();
            assertThat(names.subList(0, below)).isEqualTo(names(base));
            List<Instant> times = new ArrayList<>();
            for (Path layer : image.layers().subList(below, names.size())) {
                try (LayerTar tar = LayerTar.open(layer)) {
                    LayerTar.Header header;
                    while ((header = tar.next()) != null) {
                        times.add(header.modified());
                    }
                }
            }
            assertThat(times)
                    .allMatch(time -> !time.isAfter(EPOCH))
                    .contains(EPOCH, EPOCH.minusSeconds(1), Instant.ofEpochSecond(5));
            assertThat(image.config().get("created").asString()).isEqualTo(EPOCH.toString());
            List<JsonNode> history = image.config().get("history").valueStream().toList();
            int inherited = base.config().get("history").size() - 1;
            assertThat(history.subList(inherited, history.size()))
                    .allMatch(line -> line.get("created").asString().equals(EPOCH.toString()));
            assertThat(history.subList(0, inherited))
                    .isEqualTo(base.config()
                            .get("history")
                            .valueStream()
                            .limit(inherited)
                            .toList());
        }
    }

    @Test
    void withoutOneACachedBuildHasTheDigestOfTheBuildThatFilledTheCache() throws IOException {
        try (BuildContext context = everything()) {
            JsonNode first = here.client().succeed(context, "buildArg", "unused=1");
            JsonNode second = here.client().succeed(context, "buildArg", "unused=1");
            assertThat(digest(second)).isEqualTo(digest(first));
            assertThat(second.get("steps").valueStream().toList())
                    .filteredOn(step -> !step.get("instruction").asString().equals("export"))
                    .filteredOn(step -> !step.get("instruction").asString().startsWith("FROM"))
                    .isNotEmpty()
                    .allMatch(step -> step.get("state").asString().equals("cached"));
        }
    }

    private static String digest(JsonNode build) {
        assertThat(build.get("state").asString()).as(build::toPrettyString).isEqualTo("succeeded");
        return build.get("digest").asString();
    }

    private static OciImage download(BuildContext context, JsonNode build) throws IOException {
        Path tar = context.scratch().resolve("image.tar");
        here.client().download(build.get("id").asString(), "oci", tar);
        return OciImage.ofTar(tar, context.scratch().resolve("image"));
    }

    private static List<String> names(OciImage image) {
        return image.layers().stream()
                .map(layer -> layer.getFileName().toString())
                .toList();
    }
}
