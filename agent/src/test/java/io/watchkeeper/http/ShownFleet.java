package io.watchkeeper.http;

import static io.watchkeeper.http.AgentStandIn.NOW;
import static io.watchkeeper.http.AgentStandIn.id;

import io.watchkeeper.audit.AuditEntry;
import io.watchkeeper.audit.AuditQuery;
import io.watchkeeper.audit.AuditSearch;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.checklist.ItemState;
import io.watchkeeper.checklist.KeptReport;
import io.watchkeeper.engine.LogLine;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.RemedyEvent;
import io.watchkeeper.replicas.Replica;
import io.watchkeeper.review.Review;
import io.watchkeeper.runbook.Checklist;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunError;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTicks;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.Schedule;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.Step;
import io.watchkeeper.runbook.StepOutcome;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.Timing;
import io.watchkeeper.runbook.VerbResult;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A shore and its ships on a usual day: some of everything that the page can show, and one thing that went wrong. */
final class ShownFleet {

    /** Names that are scripts where somebody forgets that they are text. */
    static final String EVIL = "<script>window.pwned=1</script><img src=x onerror=window.pwned=2>";

    static final String FAILED_RUN = id(40);
    static final String RUNNING_RUN = id(41);
    static final String DONE_RUN = id(39);

    private static final List<String> RUNBOOKS = List.of(
            "backup-daily",
            "base-backup-hourly",
            "bloat-watch",
            "checklist-daily",
            "fleet-sync",
            "index-upkeep",
            "pitr-drill",
            "replication-lag",
            "ship-sync",
            "slo-watch",
            "verify-weekly",
            "wal-archive");

    private ShownFleet() {}

    static void fill(AgentStandIn agent) {
        agent.load(RUNBOOKS.stream().map(ShownFleet::runbook).toArray(Runbook[]::new));
        ticks(agent);
        course(agent);
        replication(agent);
        agent.protection = new MadeUpProtection(NOW)
                .backup("shore", "dump", Duration.ofHours(9))
                .backup("shore", "base", Duration.ofHours(5))
                .heldBackup("shore", "base", Duration.ofDays(20), "before the move")
                .backup("shore", "incremental", Duration.ofMinutes(50))
                .archive("shore", Duration.ofSeconds(14))
                .drill("shore", Duration.ofDays(9), false, 30, 700)
                .drill("shore", Duration.ofDays(2), true, 2.5, 492)
                .build();
        agent.tables = tables();
        agent.objectives = List.of(new Review(
                "objectives",
                "shore",
                "reads p95 4.2 ms, writes p95 18.7 ms, errors 0.03 %, 81 % of the budget left",
                List.of(),
                List.of()));
        agent.checklists.add(new KeptReport(
                id(12),
                "checklist-daily",
                Checklist.DAILY,
                NOW.minus(Duration.ofHours(5)),
                ItemState.WARN,
                Map.of("en", "Nothing needs you now; 2 things can wait.", "ko", "지금 할 일은 없고, 2건은 나중에 보면 됩니다."),
                12,
                0,
                2));
        agent.audit = trail();
        runs(agent);
        agent.paused.add("index-upkeep");
    }

    private static Runbook runbook(String name) {
        return runbook(name, "Part of the fleet's usual day.");
    }

    static Runbook runbook(String name, String description) {
        String file = "/etc/watchkeeper/runbooks/" + name + ".groovy";
        List<Schedule.Blackout> blackouts = name.endsWith("sync")
                ? List.of(new Schedule.Blackout(LocalTime.of(2, 0), LocalTime.of(6, 0), EnumSet.allOf(DayOfWeek.class)))
                : List.of();
        Schedule schedule = new Schedule(
                new Timing.Every(Duration.ofMinutes(15)),
                ZoneId.of("Asia/Seoul"),
                Duration.ZERO,
                Schedule.Missed.RUN_ONCE,
                null,
                blackouts);
        return new Runbook(
                name,
                description,
                "dba",
                Set.of("ship"),
                schedule,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(
                        new Step("merge what changed", new SourceLocation(file, 3), context -> {}),
                        new Step("compare both sides", new SourceLocation(file, 9), context -> {})),
                null,
                null,
                new SourceLocation(file, 1),
                "f00d");
    }

    private static void ticks(AgentStandIn agent) {
        for (int minutes = 15; minutes < 16 * 60; minutes += 15) {
            Instant at = NOW.minus(Duration.ofMinutes(minutes));
            int hour = at.atZone(ZoneId.of("Asia/Seoul")).getHour();
            for (int i = 0; i < RUNBOOKS.size(); i++) {
                String name = RUNBOOKS.get(i);
                boolean often = i % 3 == 1 || name.endsWith("sync");
                boolean shaded = name.endsWith("sync") && hour >= 2 && hour < 6;
                if (!shaded && (often || minutes % (60 * (i + 1)) == 0)) {
                    RunState state = state(name, minutes);
                    agent.ticks.add(new RunTicks(name, state, at, 1, id(1)));
                }
            }
        }
    }

    private static RunState state(String name, int minutes) {
        if (name.equals("fleet-sync")) {
            return minutes <= 45 || minutes == 300 ? RunState.FAILED : RunState.SUCCEEDED;
        }
        if (name.equals("ship-sync") && minutes == 120) {
            return RunState.TIMED_OUT;
        }
        if (name.equals("ship-sync") && minutes >= 180 && minutes <= 240) {
            return RunState.SKIPPED;
        }
        return name.equals("index-upkeep") && minutes % 120 == 0 ? RunState.CANCELLED : RunState.SUCCEEDED;
    }

    private static void course(AgentStandIn agent) {
        for (int minutes = 24 * 60; minutes >= 0; minutes -= 5) {
            agent.measures.note(
                    NOW.minus(Duration.ofMinutes(minutes)),
                    List.of(
                            new Measurement("", "safety_sync_age_seconds", "", 60.0 * (minutes % 120 + 14)),
                            new Measurement("", "safety_replication_lag_seconds", "", lag(minutes)),
                            new Measurement("", "safety_recoverable_age_seconds", "", 10 + minutes * 7 % 41),
                            new Measurement("", "safety_drill_age_seconds", "", 86_400.0 * 2 - 60.0 * minutes)));
        }
    }

    private static double lag(int minutes) {
        return minutes > 300 && minutes < 360 ? 240 * Math.sin(Math.PI * (minutes - 300) / 60) : 1 + minutes % 3;
    }

    private static void replication(AgentStandIn agent) {
        for (int i = 0; i < 200; i++) {
            double lag = i > 60 && i < 120 ? 200 * Math.sin(Math.PI * (i - 60) / 60) : 0.4;
            agent.replication.note(new MadeUpServer("shore", NOW.minus(Duration.ofMinutes(199 - i)))
                    .standby("standby", lag, (long) (lag * 160_000))
                    .away("ship-9", Replica.Kind.LOGICAL, Duration.ofSeconds(50))
                    .slot("watchkeeper_standby", true, 16L << 20, "reserved", 8L << 30)
                    .slot("watchkeeper_ship-9", false, 2L << 30, "extended", 6L << 30)
                    .build());
        }
        agent.replication.event(new RemedyEvent(
                NOW.minus(Duration.ofMinutes(110)),
                "shore",
                "standby",
                RemedyEvent.Kind.CAUSE,
                "a report on the standby holds up replay"));
        agent.replication.event(new RemedyEvent(
                NOW.minus(Duration.ofMinutes(96)),
                "shore",
                "standby",
                RemedyEvent.Kind.RECOVERED,
                "standby has caught up; what was set was put back"));
    }

    private static List<TableState> tables() {
        List<TableState> tables = new ArrayList<>();
        String[] names = {
            "documents", "chunks", "voyages", "ports", "crew", "work_orders", "spare_parts", "noon_reports"
        };
        for (int i = 0; i < names.length; i++) {
            tables.add(new TableState(
                    i % 2 == 0 ? "ship-7" : "ship-9",
                    "public." + names[i],
                    NOW.minus(Duration.ofMinutes(14L + 11L * i)),
                    i == 5 ? 3L : 0L,
                    NOW.minus(Duration.ofHours(i + 1L)),
                    "shore"));
        }
        return tables;
    }

    private static void runs(AgentStandIn agent) {
        for (int i = 1; i < 39; i++) {
            agent.past(outcome(
                    id(i), RUNBOOKS.get(i % RUNBOOKS.size()), RunState.SUCCEEDED, Duration.ofMinutes(15L * (40 - i))));
        }
        agent.past(new RunOutcome(
                DONE_RUN,
                "ship-sync",
                "ship-7",
                RunState.SUCCEEDED,
                NOW.minus(Duration.ofMinutes(14)),
                Duration.ofSeconds(24),
                false,
                RunTrigger.SCHEDULE,
                Map.of("since", "1 day"),
                List.of(step(0, "merge what changed", 18), step(1, "compare both sides", 6)),
                null));
        agent.logs.put(
                DONE_RUN,
                List.of(
                        line(LogLine.Level.INFO, "public.documents: 1,184 rows changed, 6 deleted"),
                        line(LogLine.Level.WARN, "the link was away for 4.2 s; went on with chunk 12 of 19"),
                        line(LogLine.Level.INFO, "public.documents is the same on both sides")));
        RunError error = new RunError(
                "table 'public.work_orders' of database 'ship-9' has 3 rows that are not as ashore, after 3 tries",
                "watchkeeper verify --from shore --to ship-9 --table public.work_orders --repair shows and mends them.",
                "/etc/watchkeeper/runbooks/fleet-sync.groovy",
                9,
                null);
        agent.past(new RunOutcome(
                FAILED_RUN,
                "fleet-sync",
                "ship-7",
                RunState.FAILED,
                NOW.minus(Duration.ofMinutes(12)),
                Duration.ofSeconds(41),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(
                        step(0, "merge what changed", 36),
                        new StepOutcome(
                                1, "compare both sides", RunState.FAILED, Duration.ofSeconds(5), 3, List.of(), error)),
                error));
        agent.begin(RUNNING_RUN, "ship-sync");
        agent.live.progressed(RUNNING_RUN, 0, new Progress("public.chunks", "load", 640_000, 1_000_000, 15L << 20));
    }

    static RunOutcome outcome(String id, String runbook, RunState state, Duration ago) {
        return new RunOutcome(
                id,
                runbook,
                "ship-7",
                state,
                NOW.minus(ago),
                Duration.ofMillis(3_800),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null);
    }

    private static StepOutcome step(int index, String name, int seconds) {
        return new StepOutcome(
                index,
                name,
                RunState.SUCCEEDED,
                Duration.ofSeconds(seconds),
                1,
                List.of(new VerbResult(
                        "syncTable",
                        Map.of(
                                "table",
                                "public.documents",
                                "from",
                                "shore",
                                "to",
                                "ship-7",
                                "rowsRead",
                                1_190,
                                "rowsWritten",
                                1_184,
                                "rowsDeleted",
                                6,
                                "bytes",
                                921_600,
                                "durationMs",
                                seconds * 1_000L))),
                null);
    }

    private static LogLine line(LogLine.Level level, String message) {
        return new LogLine(NOW.minus(Duration.ofMinutes(14)), level, message);
    }

    private static AuditSearch trail() {
        List<AuditEntry> entries = new ArrayList<>();
        String[] actions = {"run.started", "run.ended", "runbook.changed", "access.refused"};
        for (int i = 24; i > 0; i--) {
            entries.add(new AuditEntry(
                    i,
                    NOW.minus(Duration.ofMinutes(10L * (25 - i))),
                    "shore-1",
                    i % 3 == 0 ? "schedule" : "token:ops",
                    i % 3 == 0 ? "" : "10.0.0.7",
                    actions[i % actions.length],
                    RUNBOOKS.get(i % RUNBOOKS.size()),
                    i % 4 == 3 ? "refused" : "ok",
                    Map.of(),
                    "{}",
                    "",
                    String.format(Locale.ROOT, "%064x", i)));
        }
        return new AuditSearch() {
            @Override
            public List<AuditEntry> find(AuditQuery query) {
                return entries.stream()
                        .filter(entry -> query.actor() == null || entry.actor().equals(query.actor()))
                        .filter(entry -> query.before() == 0 || entry.position() < query.before())
                        .limit(query.limit())
                        .toList();
            }

            @Override
            public Optional<AuditEntry> newest(String subject, List<String> actions) {
                return Optional.empty();
            }

            @Override
            public Set<String> subjects(String actionPrefix) {
                return Set.of();
            }

            @Override
            public AuditState state() {
                return new AuditState(null, 24, 24, NOW.minus(Duration.ofMinutes(3)), null);
            }
        };
    }
}
