package io.slipway.dockerfile.instruction;

import io.slipway.dockerfile.source.InvalidValueException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts of memory such as {@code 64m}: binary units, fractions allowed, as docker/go-units {@code RAMInBytes}. */
final class MemorySize {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,18})?) ?([kmgtp]?)(?:i?b)?");

    private MemorySize() {}

    /**
     * @return bytes
     * @throws InvalidValueException if {@code text} is not an amount
     */
    static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw refusal(text);
        }
        int power = "kmgtp".indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 1);
        try {
            return new BigDecimal(matcher.group(1))
                    .multiply(BigDecimal.valueOf(1L << (10 * power)))
                    .toBigInteger()
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw refusal(text);
        }
    }

    private static InvalidValueException refusal(String text) {
        return new InvalidValueException(
                "\"" + text + "\" is not a size", "a size is a number and a unit, such as 64m or 1g", text);
    }
}
