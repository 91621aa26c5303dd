package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeFrameTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void withoutLimitsItIsAlwaysOpenAndNeverEnds() {
        TimeFrame always = TimeFrame.always();
        assertThat(always.closedAt(Instant.EPOCH)).isEmpty();
        assertThat(always.endFrom(Instant.EPOCH)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "01:00, 06:00, 00:59, false",
        "01:00, 06:00, 01:00, true",
        "01:00, 06:00, 05:59, true",
        "01:00, 06:00, 06:00, false",
        "22:00, 06:00, 21:59, false",
        "22:00, 06:00, 22:00, true",
        "22:00, 06:00, 00:30, true",
        "22:00, 06:00, 06:00, false",
        ", 06:00, 05:59, true",
        ", 06:00, 18:01, true",
        ", 06:00, 06:10, false",
        ", 06:00, 12:00, false"
    })
    void opensAndCloses(LocalTime from, LocalTime until, LocalTime now, boolean open) {
        TimeFrame frame = new TimeFrame(null, from, until, ZoneOffset.UTC);
        Instant at = Instant.parse("2026-05-01T" + now + ":00Z");
        assertThat(frame.closedAt(at).isEmpty()).isEqualTo(open);
    }

    @Test
    void endsWithTheBudgetOrTheTimeOfDayWhicheverIsSooner() {
        TimeFrame frame = new TimeFrame(Duration.ofHours(2), null, LocalTime.of(6, 0), BERLIN);
        Instant three = Instant.parse("2026-05-01T01:00:00Z");
        Instant five = Instant.parse("2026-05-01T03:00:00Z");
        assertThat(frame.endFrom(three))
                .hasValue(new TimeFrame.End(three.plusSeconds(7200), "the budget of 2 h is used up"));
        assertThat(frame.endFrom(five))
                .hasValue(new TimeFrame.End(five.plusSeconds(3600), "it is 06:00 Europe/Berlin"));
    }

    @Test
    void theNightOfTheClockChangeIsAnHourShorterOrLonger() {
        TimeFrame frame = new TimeFrame(null, LocalTime.of(1, 0), LocalTime.of(6, 0), BERLIN);
        Instant spring = Instant.parse("2026-03-29T00:00:00Z");
        Instant autumn = Instant.parse("2026-10-24T23:00:00Z");
        assertThat(Duration.between(spring, frame.endFrom(spring).orElseThrow().at()))
                .isEqualTo(Duration.ofHours(4));
        assertThat(Duration.between(autumn, frame.endFrom(autumn).orElseThrow().at()))
                .isEqualTo(Duration.ofHours(6));
        // A time that the clocks skip ends it when they do.
        TimeFrame skipped = new TimeFrame(null, LocalTime.of(1, 0), LocalTime.of(2, 30), BERLIN);
        assertThat(skipped.endFrom(spring).orElseThrow().at()).isEqualTo(Instant.parse("2026-03-29T01:30:00Z"));
    }
}
