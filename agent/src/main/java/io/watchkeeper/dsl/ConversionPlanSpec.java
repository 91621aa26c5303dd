package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.partition.ConversionPlan;
import io.watchkeeper.toolkit.partition.Period;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** {@code conversionPlan('shore', 'public.events') { … }} */
@Block(
        name = "conversionPlan",
        value = "How a plain table is to be partitioned.",
        needs = {"by"},
        words = {"by", "monthly", "weekly", "daily", "zone", "prepare"})
public final class ConversionPlanSpec {

    private final TextChecks texts;
    private @Nullable String column;
    private Period period = Period.MONTHLY;
    private ZoneId zone = ZoneOffset.UTC;
    private Duration prepare = Duration.ofDays(3);

    ConversionPlanSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "The column of type date, timestamp or timestamptz by which it will be partitioned.",
            example = "by 'created_at'")
    public void by(@Checked(TextKind.NAME) String name) {
        column = texts.require(TextKind.NAME, name);
    }

    @Word(value = "A partition will hold a month. So it is where nothing is said.", example = "monthly")
    public Period getMonthly() {
        period = Period.MONTHLY;
        return period;
    }

    @Word(value = "A partition will hold a week, from Monday to Monday.", example = "weekly")
    public Period getWeekly() {
        period = Period.WEEKLY;
        return period;
    }

    @Word(value = "A partition will hold a day.", example = "daily")
    public Period getDaily() {
        period = Period.DAILY;
        return period;
    }

    @Word(
            value = "The time zone in which days, weeks and months begin.",
            example = "zone 'Asia/Seoul'",
            byDefault = "'UTC'")
    public void zone(@Checked(TextKind.ZONE) String name) {
        zone = ZoneId.of(texts.require(TextKind.ZONE, name));
    }

    @Word(
            value =
                    "How long carrying the plan out may take: it must be done before the period ends that this leads into.",
            example = "prepare 7.days",
            byDefault = "3.days")
    public void prepare(Duration time) {
        prepare = time;
    }

    ConversionPlan plan(String table) {
        if (column == null) {
            throw new OperatorException("'conversionPlan' needs 'by'", "by 'created_at'");
        }
        return new ConversionPlan(table, column, period, zone, prepare);
    }
}
