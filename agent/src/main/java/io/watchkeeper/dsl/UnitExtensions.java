package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.math.BigDecimal;
import java.time.Duration;

/** Units behind numbers: {@code 5.minutes}, {@code 1.5.gigabytes}, {@code 10.percent}. Groovy finds them as an extension module. */
public final class UnitExtensions {

    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);

    private UnitExtensions() {}

    public static Duration getMilliseconds(Number self) {
        return duration(self, BigDecimal.valueOf(1_000_000L));
    }

    public static Duration getMillisecond(Number self) {
        return getMilliseconds(self);
    }

    public static Duration getSeconds(Number self) {
        return duration(self, NANOS);
    }

    public static Duration getSecond(Number self) {
        return getSeconds(self);
    }

    public static Duration getMinutes(Number self) {
        return duration(self, NANOS.multiply(BigDecimal.valueOf(60)));
    }

    public static Duration getMinute(Number self) {
        return getMinutes(self);
    }

    public static Duration getHours(Number self) {
        return duration(self, NANOS.multiply(BigDecimal.valueOf(3_600)));
    }

    public static Duration getHour(Number self) {
        return getHours(self);
    }

    public static Duration getDays(Number self) {
        return duration(self, NANOS.multiply(BigDecimal.valueOf(86_400)));
    }

    public static Duration getDay(Number self) {
        return getDays(self);
    }

    public static Bytes getKilobytes(Number self) {
        return bytes(self, 10);
    }

    public static Bytes getKilobyte(Number self) {
        return getKilobytes(self);
    }

    public static Bytes getMegabytes(Number self) {
        return bytes(self, 20);
    }

    public static Bytes getMegabyte(Number self) {
        return getMegabytes(self);
    }

    public static Bytes getGigabytes(Number self) {
        return bytes(self, 30);
    }

    public static Bytes getGigabyte(Number self) {
        return getGigabytes(self);
    }

    public static Bytes getTerabytes(Number self) {
        return bytes(self, 40);
    }

    public static Bytes getTerabyte(Number self) {
        return getTerabytes(self);
    }

    public static Ratio getPercent(Number self) {
        if (self.doubleValue() < 0) {
            throw new OperatorException("a share cannot be negative: " + self + ".percent", null);
        }
        return Ratio.percent(self.doubleValue());
    }

    private static Duration duration(Number amount, BigDecimal nanosOfUnit) {
        BigDecimal nanos = new BigDecimal(amount.toString()).multiply(nanosOfUnit);
        BigDecimal[] parts = nanos.divideAndRemainder(NANOS);
        try {
            return Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValue());
        } catch (ArithmeticException e) {
            throw new OperatorException("a duration cannot be that long: " + amount, null, e);
        }
    }

    private static Bytes bytes(Number amount, int shift) {
        BigDecimal count = new BigDecimal(amount.toString()).multiply(BigDecimal.valueOf(1L << shift));
        if (count.signum() < 0) {
            throw new OperatorException("an amount of data cannot be negative: " + amount, null);
        }
        try {
            return Bytes.of(count.toBigInteger().longValueExact());
        } catch (ArithmeticException e) {
            throw new OperatorException("an amount of data cannot be that large: " + amount, null, e);
        }
    }
}
