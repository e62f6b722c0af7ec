package io.slipway.dockerfile.parser;

import io.slipway.dockerfile.source.InvalidValueException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go's {@code time.ParseDuration} reads them: {@code 1h30m}, {@code 1.5s}, {@code 0}. */
final class GoDuration {

    private static final Pattern PART =
            Pattern.compile("(\\d{1,18}(?:\\.\\d{0,18})?|\\.\\d{1,18})(ns|us|µs|μs|ms|s|m|h)");
    private static final Map<String, Long> NANOSECONDS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "μs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private GoDuration() {}

    /**
     * @param name what the duration is for, for the error
     * @throws InvalidValueException if {@code text} is not a duration that fits 64 bits of nanoseconds
     */
    static Duration parse(String name, String text) {
        boolean negative = text.startsWith("-");
        String rest = negative || text.startsWith("+") ? text.substring(1) : text;
        if (rest.equals("0")) {
            return Duration.ZERO;
        }
        BigDecimal nanoseconds = BigDecimal.ZERO;
        Matcher part = PART.matcher(rest);
        int end = 0;
        while (end < rest.length()) {
            if (!part.find(end) || part.start() != end) {
                throw refusal(name, text);
            }
            String number = part.group(1).endsWith(".") ? part.group(1) + "0" : part.group(1);
            long unit = NANOSECONDS.getOrDefault(part.group(2), 1L);
            nanoseconds = nanoseconds.add(new BigDecimal(number).multiply(BigDecimal.valueOf(unit)));
            end = part.end();
        }
        BigDecimal whole = nanoseconds.setScale(0, RoundingMode.DOWN);
        if (rest.isEmpty() || whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw refusal(name, text);
        }
        return Duration.ofNanos(negative ? -whole.longValueExact() : whole.longValueExact());
    }

    private static InvalidValueException refusal(String name, String text) {
        return new InvalidValueException(
                "--" + name + "=" + text + " is not a duration",
                "write a number and a unit, such as 30s, 500ms or 1m30s",
                "--" + name + "=" + text);
    }
}
