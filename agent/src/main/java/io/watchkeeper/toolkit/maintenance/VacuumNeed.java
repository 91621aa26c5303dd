package io.watchkeeper.toolkit.maintenance;

import io.watchkeeper.units.Ratio;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a table is vacuumed.
 *
 * @param urgency what goes first
 * @param weight how much of it; larger first among the equally urgent
 * @param words for people, with values
 */
record VacuumNeed(Urgency urgency, double weight, String words) {

    /** Most urgent first. */
    enum Urgency {
        /** Autovacuum would freeze it by force, and in the end the server would stop taking writes. */
        WRAPAROUND,
        /** Older than the plan allows. */
        AGE,
        DEAD_ROWS,
        /** Because it was named. */
        NAMED
    }

    /** Where transaction numbers have gone half around; the server stops 3 million before it. */
    private static final double WRAPAROUND = 2_147_483_648.0;

    /** A few dead pieces of a TOAST table are a large share of it and no room at all. */
    private static final long LEAST_TOAST_DEAD = 1_000;

    /** What an empty row takes, for tables whose pages the planner has never counted. */
    private static final int LEAST_ROW_BYTES = 28;

    /** Empty when nothing of the plan's limits is reached. */
    static Optional<VacuumNeed> of(TableStatistics table, VacuumWhen when, ServerFacts server) {
        boolean old = when.xidAge() != null && table.xidAge() >= when.xidAge();
        boolean oldMultixacts = when.multixactAge() != null && table.multixactAge() >= when.multixactAge();
        boolean dead = when.deadTuples() != null
                && (table.own().deadShare().compareTo(when.deadTuples()) >= 0
                        || (table.toast().dead() >= LEAST_TOAST_DEAD
                                && table.toast().deadShare().compareTo(when.deadTuples()) >= 0));
        if (!when.isAlways() && !old && !oldMultixacts && !dead) {
            return Optional.empty();
        }
        boolean forced =
                table.xidAge() >= server.freezeMaxAge() || table.multixactAge() >= server.multixactFreezeMaxAge();
        double age = Math.max(table.xidAge(), table.multixactAge()) / WRAPAROUND;
        if (forced || old || oldMultixacts) {
            return Optional.of(
                    new VacuumNeed(forced ? Urgency.WRAPAROUND : Urgency.AGE, age, ageWords(table, server, forced)));
        }
        double deadBytes = Math.max(
                table.heapBytes() * table.own().deadShare().share(),
                (double) table.own().dead() * LEAST_ROW_BYTES);
        boolean toRemove = table.own().dead() > 0 || table.toast().dead() >= LEAST_TOAST_DEAD;
        return Optional.of(
                toRemove
                        ? new VacuumNeed(
                                Urgency.DEAD_ROWS, deadBytes + table.toast().dead(), deadWords(table))
                        : new VacuumNeed(Urgency.NAMED, age, "no dead rows by the statistics"));
    }

    /** What is said of a table that is not due. */
    static String notDue(TableStatistics table, VacuumWhen when) {
        List<String> words = new ArrayList<>();
        if (when.deadTuples() != null) {
            words.add(table.own().deadShare() + " of its rows are dead, less than " + when.deadTuples());
        }
        if (when.xidAge() != null) {
            words.add(count(table.xidAge()) + " transactions old, less than " + count(when.xidAge()));
        }
        if (when.multixactAge() != null) {
            words.add(count(table.multixactAge()) + " multixacts old, less than " + count(when.multixactAge()));
        }
        return String.join("; ", words);
    }

    private static String ageWords(TableStatistics table, ServerFacts server, boolean forced) {
        boolean byMultixacts = table.multixactAge() > table.xidAge();
        long age = byMultixacts ? table.multixactAge() : table.xidAge();
        long limit = byMultixacts ? server.multixactFreezeMaxAge() : server.freezeMaxAge();
        return count(age) + (byMultixacts ? " multixacts" : " transactions") + " old, "
                + new Ratio(Math.round(1000 * age / WRAPAROUND) / 1000.0) + " of the way to where the server stops"
                + (forced ? "; autovacuum freezes it by force from " + count(limit) + " on" : "");
    }

    private static String deadWords(TableStatistics table) {
        TableStatistics.Rows worst = table.own();
        String what = " rows are dead";
        if (table.toast().dead() >= LEAST_TOAST_DEAD
                && table.toast().deadShare().compareTo(worst.deadShare()) > 0) {
            worst = table.toast();
            what = " pieces of its TOAST table are dead";
        }
        return worst.deadShare() + ": " + count(worst.dead()) + " of " + count(worst.live() + worst.dead()) + what;
    }

    /** Whether pages that are frozen already are all that may be left out. */
    boolean isAge() {
        return urgency == Urgency.WRAPAROUND || urgency == Urgency.AGE;
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
