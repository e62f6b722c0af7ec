package io.slipway.api.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A collector of traces: takes OTLP over HTTP on a free loopback port and keeps every span (opentelemetry-proto, {@code trace/v1}). Thread-safe. */
public final class TraceCollector implements AutoCloseable {
    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();
    private final List<String> services = new CopyOnWriteArrayList<>();

    /** Starts one. */
    public TraceCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean readable = exchange.getRequestMethod().equals("POST")
                    && "application/x-protobuf"
                            .equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            if (readable) {
                read(new Message(body));
            }
            exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(readable ? 200 : 415, -1);
            exchange.close();
        });
        server.start();
    }

    /**
     * A span.
     *
     * @param parent the id of the span that it is in; empty if it is the trace's first
     * @param kind 1 for what happens inside, 2 for a request that is served
     * @param attributes texts and whole numbers, as text
     * @param failed whether its status is an error
     */
    public record Span(
            String trace,
            String id,
            String parent,
            String name,
            long kind,
            Instant start,
            Instant end,
            Map<String, String> attributes,
            boolean failed) {
        public Span {
            attributes = Map.copyOf(attributes);
        }
    }

    /** What a service is told as its endpoint. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** All spans of a trace that have come, by their start. */
    public List<Span> trace(String id) {
        return spans.stream()
                .filter(span -> span.trace().equals(id))
                .sorted((a, b) -> a.start().compareTo(b.start()))
                .toList();
    }

    /** All spans that have come. */
    public List<Span> spans() {
        return List.copyOf(spans);
    }

    /** What those who have sent spans call themselves. */
    public List<String> services() {
        return List.copyOf(services);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void read(Message request) {
        for (Message resourceSpans : request.messages(1)) {
            for (Message resource : resourceSpans.messages(1)) {
                services.add(String.valueOf(attributes(resource.messages(1)).get("service.name")));
            }
            for (Message scopeSpans : resourceSpans.messages(2)) {
                scopeSpans.messages(2).forEach(span -> spans.add(span(span)));
            }
        }
    }

    private static Span span(Message span) {
        return new Span(
                span.hex(1),
                span.hex(2),
                span.hex(4),
                span.text(5),
                span.number(6),
                time(span.number(7)),
                time(span.number(8)),
                attributes(span.messages(9)),
                span.messages(15).stream().anyMatch(status -> status.number(3) == 2));
    }

    private static Instant time(long nanos) {
        return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
    }

    private static Map<String, String> attributes(List<Message> pairs) {
        Map<String, String> attributes = new HashMap<>();
        for (Message pair : pairs) {
            Message value = pair.messages(2).getFirst();
            attributes.put(pair.text(1), value.has(1) ? value.text(1) : String.valueOf(value.number(3)));
        }
        return attributes;
    }

    /** A message of Protocol Buffers: its fields by number (their encoding: protobuf.dev, "Encoding"). */
    private static final class Message {
        private final Map<Integer, List<Object>> fields = new HashMap<>();

        Message(byte[] bytes) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            while (buffer.hasRemaining()) {
                long tag = varint(buffer);
                Object value = switch ((int) (tag & 7)) {
                    case 0 -> varint(buffer);
                    case 1 -> buffer.getLong();
                    case 2 -> {
                        byte[] content = new byte[(int) varint(buffer)];
                        buffer.get(content);
                        yield content;
                    }
                    case 5 -> (long) buffer.getInt();
                    default -> throw new IllegalArgumentException("an unknown type of field: " + tag);
                };
                fields.computeIfAbsent((int) (tag >>> 3), _ -> new ArrayList<>())
                        .add(value);
            }
        }

        private static long varint(ByteBuffer buffer) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte part = buffer.get();
                value |= (long) (part & 0x7f) << shift;
                if (part >= 0) {
                    return value;
                }
            }
        }

        boolean has(int field) {
            return fields.containsKey(field);
        }

        List<Message> messages(int field) {
            return fields.getOrDefault(field, List.of()).stream()
                    .map(content -> new Message((byte[]) content))
                    .toList();
        }

        private Object first(int field, Object otherwise) {
            return fields.getOrDefault(field, List.of(otherwise)).getFirst();
        }

        private byte[] bytes(int field) {
            return (byte[]) first(field, new byte[0]);
        }

        String hex(int field) {
            return HexFormat.of().formatHex(bytes(field));
        }

        String text(int field) {
            return new String(bytes(field), UTF_8);
        }

        long number(int field) {
            return (Long) first(field, 0L);
        }
    }
}
