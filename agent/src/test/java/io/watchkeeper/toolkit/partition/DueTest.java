package io.watchkeeper.toolkit.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is due, by the clock alone. */
class DueTest {

    private static final UpkeepPlan MONTHLY = UpkeepPlan.monthly(List.of("public.t"));

    private static PartitionedTable table(String type, String... bounds) {
        List<Partition> partitions = new ArrayList<>();
        for (String bound : bounds) {
            partitions.add(new Partition(
                    partitions.size(),
                    new TableName("public", "p" + partitions.size()),
                    bound,
                    Span.parse(bound).orElse(null),
                    false,
                    false,
                    0,
                    0));
        }
        return new PartitionedTable(
                1, new TableName("public", "t"), "r", 1, "at", type, "o", true, true, false, partitions);
    }

    private static PartitionedTable days(String type) {
        return table(
                type,
                "FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')");
    }

    private static List<String> missing(PartitionedTable table, UpkeepPlan plan, String now) {
        return Due.of(table, plan, Instant.parse(now)).missing().stream()
                .map(s -> s.from() + " " + s.to())
                .toList();
    }

    private static List<String> old(PartitionedTable table, UpkeepPlan plan, String now) {
        return Due.of(table, plan, Instant.parse(now)).old().stream()
                .map(p -> p.name().name())
                .toList();
    }

    @Test
    void theNextMonthIsMadeThreeDaysBeforeThisOneEnds() {
        assertThat(missing(days("date"), MONTHLY, "2024-02-26T23:59:59Z")).isEmpty();
        // 2024 has a February 29, so that three days before March is the 27th.
        assertThat(missing(days("date"), MONTHLY, "2024-02-27T00:00:00Z"))
                .containsExactly("2024-03-01T00:00 2024-04-01T00:00");
    }

    @Test
    void monthEndsAreThoseOfTheZone() {
        UpkeepPlan seoul = MONTHLY.withZone(ZoneId.of("Asia/Seoul")).withAhead(Duration.ZERO);

        assertThat(missing(days("date"), seoul, "2024-02-29T14:59:59Z")).isEmpty();
        assertThat(missing(days("date"), seoul, "2024-02-29T15:00:00Z"))
                .containsExactly("2024-03-01T00:00 2024-04-01T00:00");
    }

    @Test
    void aTableWithoutPartitionsGetsThoseOfNow() {
        assertThat(missing(table("date"), MONTHLY, "2024-12-30T12:00:00Z"))
                .containsExactly("2024-12-01T00:00 2025-01-01T00:00", "2025-01-01T00:00 2025-02-01T00:00");
    }

    @Test
    void aPartitionGoesWhenItsLastRowIs180DaysOldAndNotADayEarlier() {
        UpkeepPlan plan = MONTHLY.withRetention(Duration.ofDays(180), Retention.ARCHIVE);

        // 2024-02-01 and 180 days is 2024-07-30.
        assertThat(old(days("timestamp without time zone"), plan, "2024-07-29T00:00:00Z"))
                .isEmpty();
        assertThat(old(days("timestamp without time zone"), plan, "2024-07-29T23:59:59.999Z"))
                .isEmpty();
        assertThat(old(days("timestamp without time zone"), plan, "2024-07-30T00:00:00Z"))
                .containsExactly("p0");
        assertThat(old(days("timestamp without time zone"), plan, "2024-07-31T00:00:00Z"))
                .containsExactly("p0");
        assertThat(old(days("date"), plan, "2024-07-29T23:59:59Z")).isEmpty();
        assertThat(old(days("date"), plan, "2024-07-30T00:00:00Z")).containsExactly("p0");
    }

    @Test
    void instantsAreOldByTheClockAndNotByTheCalendar() {
        PartitionedTable berlin = table(
                "timestamp with time zone", "FOR VALUES FROM ('2024-01-31 23:00:00+00') TO ('2024-02-29 23:00:00+00')");
        UpkeepPlan plan =
                MONTHLY.withZone(ZoneId.of("Europe/Berlin")).withRetention(Duration.ofDays(180), Retention.DROP);

        // Summer time has begun in between: by the calendar it would be an hour earlier.
        assertThat(old(berlin, plan, "2024-08-27T22:59:59Z")).isEmpty();
        assertThat(old(berlin, plan, "2024-08-27T23:00:00Z")).containsExactly("p0");
    }

    @Test
    void gapsAreFilledAsFarBackAsRowsAreKept() {
        PartitionedTable table = table(
                "date",
                "FOR VALUES FROM ('2023-01-01') TO ('2023-02-01')",
                "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')");

        assertThat(missing(table, MONTHLY, "2024-02-10T00:00:00Z")).hasSize(12);
        assertThat(missing(table, MONTHLY.withRetention(Duration.ofDays(60), Retention.DETACH), "2024-02-10T00:00:00Z"))
                .containsExactly("2023-12-01T00:00 2024-01-01T00:00", "2024-01-01T00:00 2024-02-01T00:00");
    }

    @Test
    void whatWouldBeTooOldAtOnceIsNotMade() {
        PartitionedTable table = table("date", "FOR VALUES FROM ('2024-03-10') TO ('2024-03-20')");

        // 180 days before is March 14.
        assertThat(missing(
                        table, MONTHLY.withRetention(Duration.ofDays(180), Retention.DETACH), "2024-09-10T00:00:00Z"))
                .first()
                .isEqualTo("2024-03-20T00:00 2024-04-01T00:00");
    }

    @Test
    void aPartitionThatReachesOverPeriodsLeavesThemWhatItDoesNotHold() {
        PartitionedTable table = table("date", "FOR VALUES FROM ('2024-01-15') TO ('2024-02-10')");

        assertThat(missing(table, MONTHLY, "2024-02-11T00:00:00Z"))
                .containsExactly("2024-02-10T00:00 2024-03-01T00:00");
    }

    @Test
    void onePartitionOfLongAgoByMistakeMakesNoThousands() {
        PartitionedTable table = table("date", "FOR VALUES FROM ('1970-01-01') TO ('1970-02-01')");
        Due due = Due.of(table, MONTHLY, Instant.parse("2024-02-10T00:00:00Z"));

        assertThatThrownBy(() -> due.requireFew(table))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("lacks 649 partitions");
    }

    @Test
    void whatIsPartitionedOtherwiseIsRefusedWithTheReason() {
        PartitionedTable numbers = new PartitionedTable(
                1, new TableName("public", "t"), "r", 1, "id", "bigint", "o", true, true, false, List.of());

        assertThatThrownBy(() -> Due.of(numbers, MONTHLY, Instant.EPOCH))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("partitioned by id, which is of type bigint");
    }
}
