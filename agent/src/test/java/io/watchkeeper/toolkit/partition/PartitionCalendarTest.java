package io.watchkeeper.toolkit.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionCalendarTest {

    private static final ZoneId SEOUL = ZoneId.of("Asia/Seoul");

    private static PartitionCalendar calendar(Period period, String zone, KeyType type) {
        return new PartitionCalendar(period, ZoneId.of(zone), type);
    }

    private static Span span(String from, String to) {
        return new Span(LocalDateTime.parse(from), LocalDateTime.parse(to));
    }

    @Test
    void aMonthOfALeapYearEndsWithFebruary29() {
        PartitionCalendar monthly = calendar(Period.MONTHLY, "UTC", KeyType.TIMESTAMP);

        assertThat(monthly.containing(LocalDateTime.parse("2024-02-29T23:59:59.999999")))
                .isEqualTo(span("2024-02-01T00:00", "2024-03-01T00:00"));
        assertThat(monthly.containing(LocalDateTime.parse("2023-02-28T12:00")))
                .isEqualTo(span("2023-02-01T00:00", "2023-03-01T00:00"));
        assertThat(calendar(Period.DAILY, "UTC", KeyType.DATE).containing(LocalDateTime.parse("2024-02-29T00:00")))
                .isEqualTo(span("2024-02-29T00:00", "2024-03-01T00:00"));
    }

    @Test
    void weeksBeginOnMondayAlsoAtTheTurnOfTheYear() {
        assertThat(calendar(Period.WEEKLY, "UTC", KeyType.DATE).containing(LocalDateTime.parse("2025-01-01T00:00")))
                .isEqualTo(span("2024-12-30T00:00", "2025-01-06T00:00"));
    }

    @Test
    void monthsOfInstantsBeginAtMidnightOfTheZone() {
        assertThat(calendar(Period.MONTHLY, "Asia/Seoul", KeyType.TIMESTAMPTZ)
                        .containing(LocalDateTime.parse("2024-01-31T15:00")))
                .isEqualTo(span("2024-01-31T15:00", "2024-02-29T15:00"));
    }

    @Test
    void daysThatChangeTheClockAreLongerOrShorter() {
        PartitionCalendar berlin = calendar(Period.DAILY, "Europe/Berlin", KeyType.TIMESTAMPTZ);

        Span spring = berlin.containing(LocalDateTime.parse("2024-03-31T10:00"));
        Span autumn = berlin.containing(LocalDateTime.parse("2024-10-27T10:00"));

        assertThat(Duration.between(spring.from(), spring.to())).isEqualTo(Duration.ofHours(23));
        assertThat(Duration.between(autumn.from(), autumn.to())).isEqualTo(Duration.ofHours(25));
        assertThat(berlin.missing(
                        List.of(spring),
                        new Span(spring.from().minusDays(1), spring.to().plusDays(2))))
                .allSatisfy(day -> assertThat(day.isEmpty()).isFalse())
                .hasSize(3);
    }

    @Test
    void aDayWhoseMidnightIsSkippedBeginsWithItsFirstHour() {
        // Beirut, 2022-03-27: 00:00 became 01:00.
        assertThat(calendar(Period.DAILY, "Asia/Beirut", KeyType.TIMESTAMPTZ)
                        .containing(LocalDateTime.parse("2022-03-27T12:00")))
                .isEqualTo(span("2022-03-26T22:00", "2022-03-27T21:00"));
    }

    @Test
    void aDayThatNeverWasHasNoPartition() {
        // Samoa crossed the date line: there was no 2011-12-30.
        PartitionCalendar apia = calendar(Period.DAILY, "Pacific/Apia", KeyType.TIMESTAMPTZ);
        Span both = new Span(
                apia.containing(LocalDateTime.parse("2011-12-29T20:00")).from(),
                apia.containing(LocalDateTime.parse("2011-12-30T20:00")).to());

        assertThat(apia.periods(both)).hasSize(2).noneMatch(Span::isEmpty);
    }

    @Test
    void findsGapsAndCutsThemWherePeriodsEnd() {
        PartitionCalendar monthly = calendar(Period.MONTHLY, "UTC", KeyType.TIMESTAMP);

        List<Span> missing = monthly.missing(
                List.of(
                        span("2024-01-01T00:00", "2024-02-01T00:00"),
                        span("2024-03-11T00:00", "2024-03-18T00:00"),
                        new Span(LocalDateTime.MIN, LocalDateTime.parse("2023-12-01T00:00"))),
                span("2023-12-01T00:00", "2024-05-01T00:00"));

        assertThat(missing)
                .containsExactly(
                        span("2023-12-01T00:00", "2024-01-01T00:00"),
                        span("2024-02-01T00:00", "2024-03-01T00:00"),
                        span("2024-03-01T00:00", "2024-03-11T00:00"),
                        span("2024-03-18T00:00", "2024-04-01T00:00"),
                        span("2024-04-01T00:00", "2024-05-01T00:00"));
    }

    @Test
    void datesAndTimestampsAreTheZonesAndInstantsAreUtc() {
        Instant moment = Instant.parse("2024-01-31T16:30:00Z");

        assertThat(KeyType.DATE.at(moment, SEOUL)).isEqualTo("2024-02-01T00:00:00");
        assertThat(KeyType.TIMESTAMP.at(moment, SEOUL)).isEqualTo("2024-02-01T01:30:00");
        assertThat(KeyType.TIMESTAMPTZ.at(moment, SEOUL)).isEqualTo("2024-01-31T16:30:00");
    }

    @Test
    void boundsAreReadAsTheServerWritesThem() {
        assertThat(Span.parse("FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2024-01-31 15:00:00.25+00')"))
                .contains(span("2024-01-01T00:00", "2024-01-31T15:00:00.25"));
        assertThat(Span.parse("FOR VALUES FROM (MINVALUE) TO ('2024-01-01')"))
                .contains(new Span(LocalDateTime.MIN, LocalDateTime.parse("2024-01-01T00:00")));
        assertThat(Span.parse("FOR VALUES FROM ('0044-03-15 BC') TO ('infinity')"))
                .contains(new Span(LocalDateTime.MIN, LocalDateTime.MAX));
        assertThat(Span.parse("DEFAULT")).isEmpty();
        assertThat(Span.parse("FOR VALUES FROM (1) TO (10)")).isEmpty();
        assertThat(Span.parse("FOR VALUES FROM ('2024-01-01', 1) TO ('2024-02-01', 1)"))
                .isEmpty();
    }

    @Test
    void literalsMeanTheSameInEverySession() {
        LocalDateTime value = LocalDateTime.parse("2024-01-31T15:00");

        assertThat(KeyType.TIMESTAMPTZ.literal(value)).isEqualTo("'2024-01-31 15:00:00+00'");
        assertThat(KeyType.TIMESTAMP.literal(value.plusNanos(1_000))).isEqualTo("'2024-01-31 15:00:00.000001'");
        assertThat(KeyType.DATE.literal(value)).isEqualTo("'2024-01-31'");
    }

    @Test
    void namesTellTheDayOfTheZone() {
        assertThat(calendar(Period.MONTHLY, "Asia/Seoul", KeyType.TIMESTAMPTZ)
                        .suffix(LocalDateTime.parse("2024-01-31T15:00")))
                .isEqualTo("p2024_02");
        assertThat(new PartitionCalendar(Period.WEEKLY, ZoneOffset.UTC, KeyType.DATE)
                        .suffix(LocalDateTime.parse("2024-12-30T00:00")))
                .isEqualTo("p2024_12_30");
        assertThat(PartitionNames.joined("ereignisse_für_alle_häfen_und_schiffe_der_ganzen_großen_flotte", "_p2024_02"))
                .satisfies(name -> assertThat(name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .hasSizeLessThanOrEqualTo(63))
                .endsWith("_p2024_02");
    }
}
