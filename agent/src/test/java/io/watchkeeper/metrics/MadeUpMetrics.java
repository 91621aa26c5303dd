package io.watchkeeper.metrics;

import io.watchkeeper.audit.AuditState;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.protection.MadeUpProtection;
import io.watchkeeper.replicas.MadeUpServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.runbook.Policy;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunTrigger;
import io.watchkeeper.runbook.Runbook;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.SourceLocation;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.VerbResult;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Every metric of the agent with at least one series, so that names and labels can be looked up. */
public final class MadeUpMetrics {

    private static final Instant NOW = Instant.ofEpochSecond(1_000_000_000);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private MadeUpMetrics() {}

    /** The page of an agent that has something to tell of everything. @param state an empty folder */
    public static ShownMetrics shown(Path state) {
        RunbookRegistry registry = new RunbookRegistry();
        RunMetrics metrics = new RunMetrics(registry, "1.2.3", Map.of());
        registry.swap(new RunbookRegistry.Contents(new TreeMap<>(Map.of("a", runbook())), List.of()));
        watchServers(metrics, state);
        watchWork(metrics, state);
        metrics.schedulerFired(Duration.ofMillis(3));
        metrics.verbFinished(
                "1",
                0,
                new VerbResult(
                        "copyTable", Map.of("table", "public.t", "to", "ship", "stages", Map.of("load", 1_500))));
        metrics.runFinished(new RunOutcome(
                "1",
                "a",
                "shore-1",
                RunState.SUCCEEDED,
                NOW,
                Duration.ofSeconds(2),
                false,
                RunTrigger.SCHEDULE,
                Map.of(),
                List.of(),
                null));
        return ShownMetrics.parse(metrics.render("").body());
    }

    private static void watchServers(RunMetrics metrics, Path state) {
        metrics.watch(new DatabasePools(
                List.of(new DatabaseSettings(
                        "shore", "jdbc:postgresql://127.0.0.1:1/app", "watchkeeper", null, 2, null, true)),
                state));
        ReplicationBoard board = new ReplicationBoard();
        board.note(new MadeUpServer("shore", NOW)
                .standby("standby", 1.5, 4_000)
                .slot("one", true, 5_000, "reserved", -1)
                .fullIn(7_200)
                .build());
        board.note(new MadeUpServer("ship", NOW)
                .receiving(12, true)
                .conflicts("snapshot", 3)
                .build());
        metrics.watch(board);
        metrics.watchUpkeep(
                () -> List.of(new ServerUpkeep("shore", NOW, true, 0, 3, 0, null, 5, 200_000_000, List.of())));
        metrics.watchBloat(() -> List.of(
                new Measurement("shore", "table_bloat_ratio", "public.t", 0.25),
                new Measurement("shore", "table_dead_ratio", "public.t", 0.1)));
        metrics.watchSlo(() -> List.of(
                new Measurement("shore", "latency", "read 0.95", 0.004),
                new Measurement("shore", "errors", "", 0.01),
                new Measurement("shore", "budget", "write", 0.5),
                new Measurement("shore", "at", "", 5)));
        metrics.watchTenants(() -> List.of(new TenantStanding("shore", 3, 0, 1, NOW)));
    }

    private static void watchWork(RunMetrics metrics, Path state) {
        metrics.watch(() -> List.of(new TableState("ship", "public.t", NOW, 0L)), CLOCK);
        metrics.watch(() -> new MadeUpProtection(NOW)
                .backup("shore", "base", Duration.ofSeconds(500))
                .archive("shore", Duration.ofSeconds(3))
                .drill("shore", Duration.ofSeconds(900), true, 1, 60)
                .build());
        metrics.watchAudit(() -> AuditState.NONE);
        metrics.watchHeavyWork(() -> new ArbiterState(2, List.of(), List.of(), List.of()), CLOCK);
        metrics.watchRunbooks(() -> List.of(new RunbookStanding("a", false, false, NOW, NOW, NOW)), () -> true);
        metrics.watchDisks(Map.of("state", state));
        metrics.watchCertificates(Map.of("http", state.resolve("absent.pem")));
    }

    private static Runbook runbook() {
        return new Runbook(
                "a",
                "",
                "",
                Set.of(),
                null,
                Policy.DEFAULT,
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                new SourceLocation("a.groovy", 1),
                "f");
    }
}
