package io.slipway.api.intake.option;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in the notation of Go's {@code time.ParseDuration}, as Docker's options have them: {@code 1h30m}, {@code 1.5s}. */
final class GoDuration {
    private static final Pattern FORM = Pattern.compile("(?:\\d{1,12}(?:\\.\\d{1,9})?(?:h|ms|m|s))+");
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s)");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,12}");

    private GoDuration() {}

    /**
     * The duration that {@code text} says, to the millisecond; a bare whole number is seconds. Empty if it is no duration;
     * negative ones and the units below a millisecond are none.
     */
    static Optional<Duration> parse(String text) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        }
        if (text.length() > 100 || !FORM.matcher(text).matches()) {
            return Optional.empty();
        }
        BigDecimal millis = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            millis = millis.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(millisOf(part.group(2)))));
        }
        return Optional.of(Duration.ofMillis(millis.longValue()));
    }

    private static long millisOf(String unit) {
        return switch (unit) {
            case "h" -> 3_600_000;
            case "m" -> 60_000;
            case "s" -> 1_000;
            case "ms" -> 1;
            default -> throw new IllegalStateException("the pattern knows no unit " + unit);
        };
    }
}
