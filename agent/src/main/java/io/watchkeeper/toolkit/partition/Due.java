package io.watchkeeper.toolkit.partition;

import io.watchkeeper.problem.OperatorException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done for a table by the clock alone.
 *
 * @param calendar of its partitions
 * @param wanted the time that partitions should be there for
 * @param missing of it, in pieces that are a partition each
 * @param old partitions whose rows are all too old, oldest first
 * @param cutoff before which rows are too old; null where all are kept
 */
record Due(
        PartitionCalendar calendar,
        Span wanted,
        List<Span> missing,
        List<Partition> old,
        @Nullable LocalDateTime cutoff) {

    /** More at once is no upkeep, but a mistake in a date. */
    private static final int MOST_NEW = 400;

    /** @throws OperatorException when the table's partitions are not of a kind that is looked after */
    static Due of(PartitionedTable table, UpkeepPlan plan, Instant now) {
        KeyType type = table.type();
        PartitionCalendar calendar = new PartitionCalendar(plan.period(), plan.zone(), type);
        LocalDateTime here = type.at(now, plan.zone());
        LocalDateTime cutoff = plan.retain() == null ? null : type.at(now.minus(plan.retain()), plan.zone());
        LocalDateTime from = calendar.containing(here).from();
        Optional<LocalDateTime> first = table.spans().stream()
                .map(s -> s.from().equals(LocalDateTime.MIN) ? s.to() : s.from())
                .min(Comparator.naturalOrder());
        if (first.isPresent() && first.get().isBefore(from)) {
            from = first.get();
        }
        if (cutoff != null && from.isBefore(cutoff)) {
            from = calendar.containing(cutoff).from();
        }
        Span wanted = new Span(
                from,
                calendar.containing(type.at(now.plus(plan.ahead()), plan.zone()))
                        .to());
        List<Partition> old = cutoff == null
                ? List.of()
                : table.ranges().stream()
                        .filter(p -> !Objects.requireNonNull(p.span()).to().isAfter(cutoff))
                        .sorted(Comparator.comparing(
                                p -> Objects.requireNonNull(p.span()).from()))
                        .toList();
        return new Due(calendar, wanted, missing(calendar, table.spans(), wanted, cutoff), old, cutoff);
    }

    /** Without what would be too old at once: it would be made and taken out by every run. */
    private static List<Span> missing(
            PartitionCalendar calendar, List<Span> present, Span wanted, @Nullable LocalDateTime cutoff) {
        return calendar.missing(present, wanted).stream()
                .filter(piece -> cutoff == null || piece.to().isAfter(cutoff))
                .toList();
    }

    /**
     * Sees that the table's newest partitions are as long as the plan says, where they are of any length that could be said.
     *
     * @throws OperatorException when they are all of another one: months beside days would leave rows of many days in one place
     */
    static void requirePeriod(PartitionedTable table, UpkeepPlan plan) {
        KeyType type = table.type();
        List<Span> newest = table.spans().stream()
                .filter(span ->
                        !span.from().equals(LocalDateTime.MIN) && !span.to().equals(LocalDateTime.MAX))
                .sorted(Comparator.comparing(Span::from).reversed())
                .limit(3)
                .toList();
        if (newest.isEmpty() || newest.stream().anyMatch(span -> isOne(span, plan.period(), type, plan))) {
            return;
        }
        for (Period other : Period.values()) {
            if (newest.stream().allMatch(span -> isOne(span, other, type, plan))) {
                String said = other.name().toLowerCase(Locale.ROOT);
                throw new OperatorException(
                        "the newest partitions of " + table.name() + " are " + said + ", not "
                                + plan.period().name().toLowerCase(Locale.ROOT),
                        "say '" + said + "' for this table, in a maintainPartitions of its own.");
            }
        }
    }

    private static boolean isOne(Span span, Period period, KeyType type, UpkeepPlan plan) {
        return new PartitionCalendar(period, plan.zone(), type)
                .containing(span.from())
                .equals(span);
    }

    /** The same with what rows of the default partition need, as far as that is not too old and not yet to come. */
    Due withPeriodsOf(DefaultRows.Counts rows, List<Span> present) {
        List<Span> all = new ArrayList<>(missing);
        for (Span period : rows.byPeriod().keySet()) {
            if (period.from().isBefore(wanted.to()) && all.stream().noneMatch(period::overlaps)) {
                all.addAll(missing(calendar, present, period, cutoff));
            }
        }
        all.sort(Comparator.comparing(Span::from));
        return new Due(calendar, wanted, all, old, cutoff);
    }

    boolean isNothing() {
        return missing.isEmpty() && old.isEmpty();
    }

    /** @throws OperatorException when there are so many that something must be wrong */
    void requireFew(PartitionedTable table) {
        if (missing.size() > MOST_NEW) {
            throw new OperatorException(
                    table.name() + " lacks " + missing.size() + " partitions from "
                            + calendar.type().text(missing.get(0).from()) + " to "
                            + calendar.type().text(wanted.to()) + ", and at most " + MOST_NEW + " are made at once",
                    "is one of its partitions of a time long ago by mistake? 'retain' ends the past that is looked after.");
        }
    }
}
