package io.slipway.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.acceptance.fixture.BuildContext;
import io.slipway.acceptance.fixture.OciImage;
import io.slipway.acceptance.fixture.Programs;
import io.slipway.acceptance.fixture.Registry;
import io.slipway.acceptance.fixture.SlipwayClient;
import io.slipway.acceptance.fixture.SlipwayService;
import io.slipway.acceptance.fixture.TestBed;
import io.slipway.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/**
 * With SOURCE_DATE_EPOCH the contexts of the benchmark give the same digest cold, warm, at once and after a garbage collection. B2 to B4 are
 * smaller than there, and in the place of B8's packages, which a mirror changes and which write logs, comes one that the build makes itself.
 */
@Execution(ExecutionMode.CONCURRENT)
final class SameDigestTest {
    private static final List<String> OF_THE_BENCHMARK = List.of("B1", "B2", "B3", "B4", "B5");
    /** Less than half of B2; the others have no more. */
    private static final int MOST_LINES = 13;

    private static final String[] EPOCH = {"sourceDateEpoch", "1700000000"};
    private static final String[] WITHOUT_CACHE = {"sourceDateEpoch", "1700000000", "noCache", "true"};

    /** Like B8: a package manager unpacks many files with owners, links and permissions, and removes as many. */
    private static final String PACKAGE = """
            FROM debian:bookworm-slim
            RUN mkdir -p /p/DEBIAN /p/usr/lib/many && cd /p/usr/lib/many && \\
                for i in $(seq 20); do mkdir $i; for j in $(seq 20); do echo $i $j >$i/$j; done; done && \\
                ln 1/1 1/hard && ln -s 1 soft && chmod 4755 2/2 && chown 3:4 3/3 && chmod 2775 4 && \\
                printf 'Package: many\\nVersion: 1\\nArchitecture: all\\nMaintainer: m\\nDescription: many\\n' >/p/DEBIAN/control && \\
                dpkg-deb --build /p /p.deb && dpkg -i /p.deb && rm -rf /p /p.deb /usr/share/perl* /var/log/*
            """;

    private static Path folder;
    private static Registry bases;
    private static SlipwayService service;
    private static SlipwayClient client;

    @BeforeAll
    static void start() throws IOException {
        folder = TestBed.folder("slipway-same-digest-");
        bases = Registry.ofBases("busybox", "openssl", "debian");
        Map<String, String> properties =
                Map.of("workers.slots", "2", "storage.maximum", "0B", "storage.image-age", "0s");
        service = SlipwayService.start(folder.resolve("home"), bases, properties);
        client = service.client();
    }

    @AfterAll
    static void stop() {
        service.close();
        bases.close();
        TestBed.remove(folder);
    }

    /**
     * A context, and what each way to build it gave.
     *
     * @param digests of the images; one that is not that of the first way is followed by what differs
     * @param first the image of the first way, once it is built
     */
    private record Case(
            String name, BuildContext context, Map<String, String> digests, AtomicReference<@Nullable OciImage> first)
            implements AutoCloseable {
        Case(String name, BuildContext context) {
            this(name, context, new LinkedHashMap<>(), new AtomicReference<>());
        }

        void add(String way, JsonNode build) throws IOException {
            assertThat(build.get("state").asString()).as(build::toPrettyString).isEqualTo("succeeded");
            String digest = build.get("digest").asString();
            OciImage expected = first.get();
            if (expected == null) {
                first.set(image(way, build));
            } else if (!digest.equals(digests.get("cold"))) {
                digest += ": " + difference(expected, image(way, build));
            }
            digests.put(way, digest);
        }

        private OciImage image(String way, JsonNode build) throws IOException {
            Path tar = folder.resolve(name + " " + way + ".tar");
            client.download(build.get("id").asString(), "oci", tar);
            return OciImage.ofTar(tar, folder.resolve(name + " " + way));
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** Where images differ that should not: whether it is the files, how they are compressed, or what the blobs are called. */
    private static String difference(OciImage one, OciImage other) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < one.layers().size(); i++) {
            Path here = one.layers().get(i);
            Path there = other.layers().get(i);
            if (!here.getFileName().equals(there.getFileName())) {
                byte[] plainHere = plain(here);
                byte[] plainThere = plain(there);
                text.append(
                        "layer %d: %s has the content %s, %s has %s; they differ from byte %d, their tars (%d and %d bytes) from byte %d; "
                                .formatted(
                                        i,
                                        here.getFileName(),
                                        Digest.of(Files.readAllBytes(here)),
                                        there.getFileName(),
                                        Digest.of(Files.readAllBytes(there)),
                                        Files.mismatch(here, there),
                                        plainHere.length,
                                        plainThere.length,
                                        Arrays.mismatch(plainHere, plainThere)));
            }
        }
        return text.isEmpty() ? "config " + other.config() + " instead of " + one.config() : text.toString();
    }

    private static byte[] plain(Path layer) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(layer))) {
            return in.readAllBytes();
        }
    }

    @Test
    void everyCaseHasTheSameDigestColdWarmAtOnceAndAfterACollection() throws IOException {
        List<Case> cases = cases();
        try {
            for (Case one : cases) {
                JsonNode cold = client.succeed(one.context(), EPOCH);
                assertThat(states(cold)).as("%s: %s", one.name(), cold).doesNotContain("cached");
                one.add("cold", cold);
                JsonNode warm = client.succeed(one.context(), EPOCH);
                assertThat(states(warm)).as("%s: %s", one.name(), warm).containsOnly("cached");
                one.add("warm", warm);
                List<JsonNode> atOnce = atOnce(one.context(), WITHOUT_CACHE);
                one.add("without cache", atOnce.getFirst());
                one.add("without cache at the same time", atOnce.getLast());
            }
            service.awaitIdle();
            SlipwayClient.Answer collection = client.post("/v1/storage/collect");
            assertThat(collection.status()).as(collection.body()).isEqualTo(200);
            for (Case one : cases) {
                List<JsonNode> atOnce = atOnce(one.context(), EPOCH);
                one.add("after a collection", atOnce.getFirst());
                one.add("after a collection at the same time", atOnce.getLast());
                List<String> here = states(atOnce.getFirst());
                List<String> there = states(atOnce.getLast());
                for (int i = 0; i < here.size(); i++) {
                    assertThat(List.of(here.get(i), there.get(i)))
                            .as("%s: nothing was left, and each step is done once", one.name())
                            .containsExactlyInAnyOrder("executed", "cached");
                }
            }
            assertThat(cases)
                    .allSatisfy(one -> assertThat(one.digests().values())
                            .as("%s: %s", one.name(), one.digests())
                            .containsOnly(one.digests().get("cold")));
        } finally {
            cases.forEach(Case::close);
        }
    }

    private static List<Case> cases() throws IOException {
        Path made = folder.resolve("contexts");
        Programs.run(Programs.CHECKOUT.resolve("bench/contexts").toString(), made.toString(), bases.host(), "300", "8");
        List<Case> cases = new ArrayList<>();
        for (String name : OF_THE_BENCHMARK) {
            Path its = made.resolve(name);
            String dockerfile = Files.readAllLines(its.resolve("Dockerfile")).stream()
                    .limit(MOST_LINES)
                    .collect(Collectors.joining("\n", "", "\n"));
            BuildContext context =
                    BuildContext.of("").shell("cp -R '" + its + "/.' .").file("Dockerfile", dockerfile);
            cases.add(new Case(name, context));
        }
        cases.add(new Case("like B8", BuildContext.of(PACKAGE)));
        // Like those onto 1 GB: of a base whose layers are not needed here, and one whose are not even with the image.
        cases.add(new Case("onto a base", BuildContext.of("FROM opensslbox:3.0\nCOPY Dockerfile /onto\n")));
        cases.add(new Case(
                "linked onto a base", BuildContext.of("FROM opensslbox:3.0\nCOPY --link Dockerfile /linked\n")));
        return cases;
    }

    /** Two builds of a context that run side by side. */
    private static List<JsonNode> atOnce(BuildContext context, String... options) {
        List<String> ids = List.of(client.submit(context, options), client.submit(context, options));
        return ids.stream().map(client::await).toList();
    }

    /** Of the steps that make layers. */
    private static List<String> states(JsonNode build) {
        List<String> states = new ArrayList<>();
        for (JsonNode step : build.get("steps")) {
            if (step.get("instruction").asString().matches("(RUN|COPY) (.|\n)*")) {
                states.add(step.get("state").asString());
            }
        }
        return states;
    }
}
