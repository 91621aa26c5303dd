package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.remedy.Remedy;
import io.watchkeeper.toolkit.remedy.RemedyPlan;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Ratio;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code remediateLag('shore') { … }} */
@Block(
        name = "remediateLag",
        value =
                "When a replica is too far behind, and what may be done about it. Nothing is allowed that does not stand here.",
        words = {
            "alertAfter",
            "alertAfterBytes",
            "until",
            "deadline",
            "every",
            "only",
            "allow",
            "neverCancel",
            "cancelAtMost",
            "costLimitTo",
            "reindexOf",
            "bloatOver"
        })
public final class RemediateLagSpec {

    private static final int HIGHEST_COST_LIMIT = 10_000;

    private final TextChecks texts;
    private final Set<Remedy> allowed = new LinkedHashSet<>();
    private final List<String> only = new ArrayList<>();
    private final List<String> neverCancel = new ArrayList<>();
    private Duration alertAfter = RemedyPlan.ALERT_AFTER;
    private @Nullable Bytes alertAfterBytes;
    private Duration until = RemedyPlan.UNTIL;
    private Duration deadline = RemedyPlan.DEADLINE;
    private Duration every = RemedyPlan.EVERY;
    private int cancelAtMost = RemedyPlan.CANCEL_AT_MOST;
    private @Nullable Integer costLimitTo;
    private final List<String> reindexOf = new ArrayList<>();
    private Ratio bloatOver = RemedyPlan.BLOAT_OVER;

    RemediateLagSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(
            value = "From so far behind on something is done.",
            example = "alertAfter 300.seconds",
            byDefault = "300.seconds")
    public void alertAfter(Duration limit) {
        alertAfter = positive("alertAfter", limit);
    }

    @Word(
            value = "The same in log that is not replayed: what is crossed first counts.",
            example = "alertAfterBytes 1.gigabytes",
            byDefault = "no limit")
    public void alertAfterBytes(Bytes limit) {
        alertAfterBytes = limit;
    }

    @Word(value = "When a replica has recovered.", example = "until 10.seconds", byDefault = "10.seconds")
    public void until(Duration limit) {
        until = positive("until", limit);
    }

    @Word(
            value = "How long it is tried. What is in place then is taken back all the same, and the step fails.",
            example = "deadline 30.minutes",
            byDefault = "30.minutes")
    public void deadline(Duration limit) {
        deadline = positive("deadline", limit);
    }

    @Word(value = "How often it looks, and at most acts.", example = "every 5.seconds", byDefault = "5.seconds")
    public void every(Duration interval) {
        every = positive("every", interval);
    }

    @Word(
            value = "Replicas by name; others are left as they are.",
            example = "only 'standby_1', 'standby_2'",
            byDefault = "all replicas")
    public void only(@Checked(TextKind.NAME) String... replicas) {
        for (String replica : replicas) {
            only.add(texts.require(TextKind.NAME, replica));
        }
    }

    @Word(
            value = "What may be done, in the order in which it is tried.",
            example = "allow hotStandbyFeedback, cancelConflicts, costLimit",
            byDefault = "nothing: the cause is named, and what would help")
    public void allow(Remedy... remedies) {
        allowed.addAll(List.of(remedies));
    }

    @Choice(
            of = "allow",
            value =
                    "`hot_standby_feedback` on the standby, for the while: the primary keeps rows that queries there still see.")
    public Remedy getHotStandbyFeedback() {
        return Remedy.HOT_STANDBY_FEEDBACK;
    }

    @Choice(of = "allow", value = "The query of the standby that holds replay up is cancelled, one at a time.")
    public Remedy getCancelConflicts() {
        return Remedy.CANCEL_CONFLICTS;
    }

    @Choice(
            of = "allow",
            value = "Its session is ended: where it sits in an open transaction, or where cancelling had no effect.")
    public Remedy getTerminateConflicts() {
        return Remedy.TERMINATE_CONFLICTS;
    }

    @Choice(of = "allow", value = "Replay that somebody has paused goes on.")
    public Remedy getResumeReplay() {
        return Remedy.RESUME_REPLAY;
    }

    @Choice(
            of = "allow",
            value =
                    "The setting that paces autovacuum on the primary is raised, for the while, so that a long vacuum ends sooner.")
    public Remedy getCostLimit() {
        return Remedy.COST_LIMIT;
    }

    @Choice(
            of = "allow",
            value = "The standby's configuration is loaded again and its WAL receiver restarted, 3 times at most.")
    public Remedy getRestartReceiver() {
        return Remedy.RESTART_RECEIVER;
    }

    @Choice(
            of = "allow",
            value =
                    "Heavy runs of this host, as copies, dumps and backups, go on at a tenth of their pace, for the while. A run is"
                            + " heavy when it has run for half a minute.")
    public Remedy getYieldRuns() {
        return Remedy.YIELD_RUNS;
    }

    @Choice(
            of = "allow",
            value = "The most bloated index of the tables that `reindexOf` names is built anew, `CONCURRENTLY`.")
    public Remedy getReindex() {
        return Remedy.REINDEX;
    }

    @Word(
            value =
                    "For `allow reindex`: tables whose indexes are looked at; of a partitioned one, those of its partitions.",
            example = "reindexOf 'public.events', 'public.chunks'",
            byDefault = "none")
    public void reindexOf(@Checked(TextKind.TABLE) String... tables) {
        for (String table : tables) {
            reindexOf.add(texts.require(TextKind.TABLE, table));
        }
    }

    @Word(
            value = "For `allow reindex`: which share of an index must be empty.",
            example = "bloatOver 30.percent",
            byDefault = "30.percent")
    public void bloatOver(Ratio share) {
        bloatOver = share;
    }

    @Choice(
            of = "allow",
            value =
                    "A standby whose place in the log is gone is copied again, where `provisionStandby` has made it on this host and no"
                            + " failover manager looks after it: the last resort.")
    public Remedy getReprovision() {
        return Remedy.REPROVISION;
    }

    @Word(
            value =
                    "Applications or users whose sessions are never cancelled or ended, `*` for any characters. While one of them is"
                            + " what holds replay up, no other is cancelled for it.",
            example = "neverCancel 'pg_dump', 'report_*'",
            byDefault = "none")
    public void neverCancel(@Checked(TextKind.NAME) String... names) {
        for (String name : names) {
            neverCancel.add(texts.require(TextKind.NAME, name));
        }
    }

    @Word(
            value = "How many sessions may be cancelled and ended together.",
            example = "cancelAtMost 5",
            byDefault = "20")
    public void cancelAtMost(int sessions) {
        if (sessions < 0) {
            throw new OperatorException("'cancelAtMost' is " + sessions, "give a number from 0 on.");
        }
        cancelAtMost = sessions;
    }

    @Word(
            value = "For `allow costLimit`: the value of `vacuum_cost_limit` for the while, 1 to 10000.",
            example = "costLimitTo 2_000",
            byDefault = "five times what it is")
    public void costLimitTo(int limit) {
        if (limit < 1 || limit > HIGHEST_COST_LIMIT) {
            throw new OperatorException("'costLimitTo' is " + limit, "give a number from 1 to 10000.");
        }
        costLimitTo = limit;
    }

    private static Duration positive(String word, Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new OperatorException("'" + word + "' takes a time, and this is none", "give a time, as 5.minutes.");
        }
        return limit;
    }

    RemedyPlan plan() {
        if (until.compareTo(alertAfter) > 0) {
            throw new OperatorException(
                    "'until' is longer than 'alertAfter': what has just been found to be behind would have recovered",
                    "give until a shorter time than alertAfter.");
        }
        if (allowed.contains(Remedy.REINDEX) && reindexOf.isEmpty()) {
            throw new OperatorException(
                    "'allow reindex' needs the tables whose indexes may be built anew", "reindexOf 'public.events'");
        }
        return new RemedyPlan(
                alertAfter,
                alertAfterBytes,
                until,
                deadline,
                every,
                only,
                List.copyOf(allowed),
                neverCancel,
                cancelAtMost,
                costLimitTo,
                reindexOf,
                bloatOver);
    }
}
