package io.slipway.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.slipway.protocol.BuildError;
import io.slipway.protocol.BuildEvent;
import io.slipway.protocol.BuildSpec;
import io.slipway.protocol.CacheMiss;
import io.slipway.protocol.ChangedInput;
import io.slipway.protocol.Claim;
import io.slipway.protocol.ErrorCode;
import io.slipway.protocol.EventAck;
import io.slipway.protocol.EventBatch;
import io.slipway.protocol.InputChange;
import io.slipway.protocol.LogStream;
import io.slipway.protocol.MissReason;
import io.slipway.protocol.RegistrySettings;
import io.slipway.protocol.StepInfo;
import io.slipway.protocol.StepOutcome;
import io.slipway.protocol.WireJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A worker that speaks the protocol as a real process, and does what the lines of the Dockerfile say:
 *
 * <ul>
 *   <li>{@code say TEXT}: a step with that output
 *   <li>{@code environment}: a step with the worker's environment as output
 *   <li>{@code secret ID}: a step with the SHA-256 of that secret as output, or {@code none}
 *   <li>{@code login HOST}: a step with who the build is at that registry as output, a line for each entry: {@code REPOSITORY=USERNAME}
 *   <li>{@code networks}: a step with the networks that registries must not be in as output
 *   <li>{@code mirrors HOST}: a step with the mirrors of that registry as output
 *   <li>{@code FROM …}: a step that does nothing, for builds that come through the API
 *   <li>{@code RUN LINE}: as that line, for those as well
 *   <li>{@code mutter TEXT}: a line of the worker's own, which is not the build's log
 *   <li>{@code flood BYTES}: a step with so much output
 *   <li>{@code until FILE}: a step that ends when the file exists or the build is cancelled
 *   <li>{@code deaf}: a step that never ends, whatever the API says
 *   <li>{@code silent}: no word more, and no end
 *   <li>{@code fail}: a step that fails
 * </ul>
 *
 * With the system property {@value #NEVER_READY} it takes only what waits already, as a worker does that is still warming up.
 */
public final class FakeWorker {
    /** System property that keeps a worker from getting ready. */
    public static final String NEVER_READY = "slipway.fake.never-ready";

    /** Why none of its steps is found in the cache. */
    private static final CacheMiss MISS =
            new CacheMiss(MissReason.CHANGED, List.of(new ChangedInput("file a", InputChange.MODIFIED)), 2);

    private static final Duration BEAT = Duration.ofMillis(50);

    private final URI api;
    private final BuildSpec spec;
    private final String token;
    private long nextSequence = 1;
    private boolean cancelled;

    private FakeWorker(URI api, Claim claim) {
        this.api = api;
        this.spec = claim.spec();
        this.token = claim.token();
    }

    /** Claims a build and runs it, and those that follow it, and ends. */
    public static void main(String[] args) throws IOException {
        URI api = URI.create(System.getenv("SLIPWAY_API"));
        String token = System.getenv("SLIPWAY_WORKER_TOKEN");
        String claim = "/internal/v1/claim" + (Boolean.getBoolean(NEVER_READY) ? "?wait=false" : "");
        while (true) {
            Answer answer = post(api.resolve(claim), token, new byte[0]);
            switch (answer.status()) {
                case 200 -> {
                    while (answer.status() == 200) {
                        Claim claimed = WireJson.MAPPER.readValue(answer.body(), Claim.class);
                        new FakeWorker(api, claimed).build();
                        String next = "/internal/v1/claim?wait=false&after="
                                + claimed.spec().buildId();
                        answer = post(api.resolve(next), token, new byte[0]);
                    }
                    return;
                }
                case 204, 503 -> LockSupport.parkNanos(BEAT.toNanos());
                default -> throw new IOException("claim was answered " + answer.status());
            }
        }
    }

    private void build() throws IOException {
        List<String> lines = spec.dockerfile().lines().toList();
        report(new BuildEvent.Planned(
                Instant.now(),
                IntStream.rangeClosed(1, lines.size())
                        .mapToObj(n -> new StepInfo(n, "0", lines.get(n - 1), n))
                        .toList()));
        for (int n = 1; n <= lines.size(); n++) {
            report(new BuildEvent.StepStarted(Instant.now(), n));
            if (!step(n, lines.get(n - 1).replaceFirst("^RUN ", ""))) {
                return;
            }
            report(new BuildEvent.StepFinished(
                    Instant.now(), n, StepOutcome.EXECUTED, 1500, "sha256:" + "a".repeat(64), 7L, MISS));
        }
        List<BuildEvent> end = new ArrayList<>();
        for (String tag : spec.tags()) {
            end.add(new BuildEvent.Pushed(Instant.now(), tag, "sha256:" + "d".repeat(64)));
        }
        end.add(new BuildEvent.Succeeded(
                Instant.now(), "sha256:" + "d".repeat(64), "application/vnd.oci.image.manifest.v1+json", 1234));
        report(end.toArray(BuildEvent[]::new));
    }

    /** Returns whether the build goes on. */
    private boolean step(int number, String line) throws IOException {
        String[] words = line.split(" ", 2);
        switch (words[0]) {
            case "say" -> report(log(number, words[1] + "\n"));
            case "FROM" -> {}
            case "mutter" -> System.err.println(words[1]);
            case "environment" -> {
                for (Map.Entry<String, String> variable : new TreeMap<>(System.getenv()).entrySet()) {
                    report(log(number, variable + "\n"));
                }
            }
            case "secret" -> {
                byte[] secret = spec.secrets().get(words[1]);
                report(log(number, (secret == null ? "none" : sha256(secret)) + "\n"));
            }
            case "networks" -> report(log(number, spec.fetching().deniedRegistryNetworks() + "\n"));
            case "login" -> {
                for (RegistrySettings registry : spec.registries()) {
                    if (registry.host().equals(words[1])) {
                        report(log(number, registry.repository() + "=" + registry.username() + "\n"));
                    }
                }
            }
            case "mirrors" -> {
                for (RegistrySettings registry : spec.registries()) {
                    if (registry.host().equals(words[1])) {
                        report(log(number, "mirrors: " + String.join(" ", registry.mirrors()) + "\n"));
                    }
                }
            }
            case "flood" -> {
                String piece = "0123456789abcdef".repeat(4096);
                for (long left = Long.parseLong(words[1]); left > 0; left -= piece.length()) {
                    report(log(number, piece.substring(0, (int) Math.min(piece.length(), left))));
                }
            }
            case "until" -> {
                while (!Files.exists(Path.of(words[1]))) {
                    beat();
                    if (cancelled) {
                        report(failed(ErrorCode.CANCELLED, "The build was cancelled.", line, number, null));
                        return false;
                    }
                }
            }
            case "deaf" -> {
                while (true) {
                    beat();
                }
            }
            case "silent" -> {
                while (true) {
                    LockSupport.park();
                }
            }
            case "fail" -> {
                report(new BuildEvent.StepFinished(Instant.now(), number, StepOutcome.FAILED, 400, null, null, null));
                report(failed(ErrorCode.STEP_FAILED, "The command exited with status 3.", line, number, 3));
                return false;
            }
            default -> throw new IllegalArgumentException("unknown line: " + line);
        }
        return true;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void beat() throws IOException {
        LockSupport.parkNanos(BEAT.toNanos());
        report();
    }

    private static BuildEvent log(int step, String text) {
        return new BuildEvent.Log(Instant.now(), step, LogStream.STDOUT, text.getBytes(UTF_8));
    }

    private static BuildEvent failed(
            ErrorCode code,
            String message,
            String instruction,
            int line,
            @org.jspecify.annotations.Nullable Integer exitCode) {
        return new BuildEvent.Failed(
                Instant.now(), new BuildError(code, message, instruction, line, exitCode, "Look at the log."));
    }

    /** Sends events until they are stored: the API may be away for a while. */
    private void report(BuildEvent... events) throws IOException {
        byte[] batch =
                WireJson.MAPPER.writeValueAsBytes(new EventBatch(spec.fencingToken(), nextSequence, List.of(events)));
        while (true) {
            int status = 0;
            try {
                Answer answer = post(api.resolve("/internal/v1/builds/" + spec.buildId() + "/events"), token, batch);
                status = answer.status();
                if (status == 200) {
                    EventAck ack = WireJson.MAPPER.readValue(answer.body(), EventAck.class);
                    cancelled = ack.cancelRequested();
                    nextSequence += events.length;
                    return;
                }
            } catch (IOException e) {
                System.err.println("The API is away: " + e.getMessage());
            }
            if (status >= 400 && status < 500) {
                throw new IOException("events were answered " + status);
            }
            LockSupport.parkNanos(BEAT.toNanos());
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // read once
    private record Answer(int status, byte[] body) {}

    private static Answer post(URI uri, String token, byte[] body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.getOutputStream().write(body);
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, in == null ? new byte[0] : in.readAllBytes());
        }
    }
}
