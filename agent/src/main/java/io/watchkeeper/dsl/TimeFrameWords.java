package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.maintenance.TimeFrame;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/** What the blocks of verbs have in common that work through tables until the time is over. */
public abstract sealed class TimeFrameWords permits AnalyzeSpec, VacuumSpec {

    private final TextChecks texts;
    private @Nullable Duration budget;
    private @Nullable LocalTime from;
    private @Nullable LocalTime until;
    private ZoneId zone = ZoneId.systemDefault();

    TimeFrameWords(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value =
                    "How long it may take. What is not begun by then is left for the next run, and what runs is stopped; neither fails"
                            + " the step.",
            example = "budget 30.minutes",
            byDefault = "no limit")
    public void budget(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'budget' leaves no time", "give a time, as 30.minutes.");
        }
        budget = limit;
    }

    @Word(
            value =
                    "The time of day when it must be over, as for `budget`. A run that comes later than that, by up to twelve hours,"
                            + " does nothing.",
            example = "until '06:00'",
            byDefault = "no end")
    public void until(@Checked(TextKind.TIME) String time) {
        until = LocalTime.parse(texts.require(TextKind.TIME, time));
    }

    @Word(
            value =
                    "The times of day between which it may work; outside them it does nothing. It may go past midnight.",
            example = "window '01:00', '06:00'",
            byDefault = "any time")
    public void window(@Checked(TextKind.TIME) String start, @Checked(TextKind.TIME) String end) {
        from = LocalTime.parse(texts.require(TextKind.TIME, start));
        until(end);
    }

    @Word(
            value = "The time zone of `until` and `window`.",
            example = "zone 'Asia/Seoul'",
            byDefault = "the host's zone")
    public void zone(@Checked(TextKind.ZONE) String name) {
        zone = ZoneId.of(texts.require(TextKind.ZONE, name));
    }

    TimeFrame timeFrame() {
        return new TimeFrame(budget, from, until, zone);
    }
}
