package io.watchkeeper.toolkit.partition;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Where one partition ends and the next begins.
 *
 * @param zone in which days begin; a {@code timestamp} or {@code date} column is taken to be written in it
 */
record PartitionCalendar(Period period, ZoneId zone, KeyType type) {

    /** The period that holds the value. */
    Span containing(LocalDateTime value) {
        LocalDate start = period.startOf(type.dayOf(value, zone));
        return new Span(type.startOf(start, zone), type.startOf(period.next(start), zone));
    }

    /** What the name of a partition that begins here ends with. */
    String suffix(LocalDateTime from) {
        return period.suffix(type.dayOf(from, zone));
    }

    /** Every period that has a part in the span, in order; those at the ends whole. */
    List<Span> periods(Span span) {
        List<Span> all = new ArrayList<>();
        if (span.isEmpty()) {
            return all;
        }
        LocalDate day = period.startOf(type.dayOf(span.from(), zone));
        while (type.startOf(day, zone).isBefore(span.to())) {
            LocalDate next = period.next(day);
            Span one = new Span(type.startOf(day, zone), type.startOf(next, zone));
            // Where a whole day was skipped, as in Samoa in 2011, there is nothing to hold.
            if (!one.isEmpty()) {
                all.add(one);
            }
            day = next;
        }
        return all;
    }

    /** What of the span is in none of the given ones, cut where periods end. */
    List<Span> missing(Collection<Span> present, Span wanted) {
        List<Span> sorted = present.stream()
                .filter(wanted::overlaps)
                .sorted(Comparator.comparing(Span::from))
                .toList();
        List<Span> holes = new ArrayList<>();
        LocalDateTime reached = wanted.from();
        for (Span one : sorted) {
            if (one.from().isAfter(reached)) {
                holes.add(new Span(reached, one.from()));
            }
            if (one.to().isAfter(reached)) {
                reached = one.to();
            }
        }
        if (reached.isBefore(wanted.to())) {
            holes.add(new Span(reached, wanted.to()));
        }
        List<Span> missing = new ArrayList<>();
        for (Span hole : holes) {
            periods(hole).forEach(one -> missing.add(one.and(hole)));
        }
        return missing;
    }
}
