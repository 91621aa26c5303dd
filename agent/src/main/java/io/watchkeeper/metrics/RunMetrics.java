package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import io.watchkeeper.audit.AuditState;
import io.watchkeeper.engine.ArbiterState;
import io.watchkeeper.engine.RunListener;
import io.watchkeeper.measures.Measurement;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.ServerUpkeep;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.runbook.RunOutcome;
import io.watchkeeper.runbook.RunState;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.TableState;
import io.watchkeeper.runbook.VerbResult;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts runs and what their verbs moved, and tells Prometheus. Dry runs are not counted. Series of runbooks exist as long
 * as the runbook is loaded; its counters start at 0, so that the first failure is seen as a change.
 */
public final class RunMetrics implements RunListener, MetricsPage {

    /** A database with more tables than this has the rest counted under {@value #OTHER}, so that no scrape grows for ever. */
    private static final int MOST_TABLES = 2_000;

    private static final int MOST_STAGES = 100;
    private static final String OTHER = "other";
    private static final double[] RUN_BUCKETS = {0.1, 0.5, 1, 5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400};
    private static final double[] STAGE_BUCKETS = {0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600};
    private static final double[] LATENESS_BUCKETS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300};

    private final CollectorRegistry collectors = new CollectorRegistry();
    private final Set<List<String>> tables = ConcurrentHashMap.newKeySet();
    private final Set<List<String>> stages = ConcurrentHashMap.newKeySet();
    private final Set<String> dryRuns = ConcurrentHashMap.newKeySet();
    private final RunbookRegistry runbooks;

    private final Counter runs = Counter.build("watchkeeper_run_total", "Runs that ended, by how they ended")
            .labelNames("runbook", "state")
            .register(collectors);
    private final Histogram runDuration = Histogram.build(
                    "watchkeeper_run_duration_seconds", "How long runs took, waiting for locks included")
            .labelNames("runbook")
            .buckets(RUN_BUCKETS)
            .register(collectors);
    private final Gauge lastSuccess = Gauge.build(
                    "watchkeeper_run_last_success_timestamp_seconds", "When the newest successful run ended")
            .labelNames("runbook")
            .register(collectors);
    private final Gauge loadErrors = Gauge.build(
                    "watchkeeper_runbook_load_errors", "Problems in the runbook files as they stand on disk")
            .register(collectors);
    private final Histogram lateness = Histogram.build(
                    "watchkeeper_scheduler_lateness_seconds",
                    "How long after its fire time, jitter included, a run was asked for")
            .buckets(LATENESS_BUCKETS)
            .register(collectors);
    private final Counter tableRows = Counter.build("watchkeeper_table_rows_total", "Rows written to tables")
            .labelNames("operation", "database", "table")
            .register(collectors);
    private final Counter tableBytes = Counter.build("watchkeeper_table_bytes_total", "Bytes moved into tables")
            .labelNames("operation", "database", "table")
            .register(collectors);
    private final Histogram stageDuration = Histogram.build(
                    "watchkeeper_stage_duration_seconds", "How long the stages of table operations took")
            .labelNames("operation", "stage")
            .buckets(STAGE_BUCKETS)
            .register(collectors);

    /** @param lastSuccesses when the newest successful run of each runbook ended, from history */
    public RunMetrics(RunbookRegistry runbooks, String version, Map<String, Instant> lastSuccesses) {
        this.runbooks = runbooks;
        Gauge.build("watchkeeper_build_info", "Always 1; the label says which version runs")
                .labelNames("version")
                .register(collectors)
                .labels(version)
                .set(1);
        DefaultExports.register(collectors);
        Map<String, Instant> pastSuccesses = new ConcurrentHashMap<>(lastSuccesses);
        runbooks.onSwap((before, now) -> follow(before, now, pastSuccesses));
        follow(runbooks.contents(), runbooks.contents(), pastSuccesses);
    }

    /** Shows these connection pools, too. */
    public void watch(DatabasePools pools) {
        collectors.register(new PoolCollector(pools));
    }

    /** Shows how old tables are and how they compare, too. @param tables as the store knows them, also after a restart */
    public void watch(Supplier<List<TableState>> tables, Clock clock) {
        collectors.register(new TableCollector(tables, clock, MOST_TABLES));
    }

    /** Shows backups, archives and drills, too. @param protection read at each scrape */
    public void watch(Supplier<Protection> protection) {
        collectors.register(new ProtectionCollector(protection));
    }

    /** Shows how far replicas are behind and what slots keep, too. @param board read at each scrape */
    public void watch(ReplicationBoard board) {
        collectors.register(new ReplicationCollector(board));
    }

    /** Shows how the audit trail stands, too. @param trail read at each scrape */
    public void watchAudit(Supplier<AuditState> trail) {
        collectors.register(new AuditCollector(trail));
    }

    /** Shows how bloated tables are, too. @param figures read at each scrape */
    public void watchBloat(Supplier<List<Measurement>> figures) {
        collectors.register(new BloatCollector(figures));
    }

    /** Shows whether databases keep what was promised of them, too. @param figures read at each scrape */
    public void watchSlo(Supplier<List<Measurement>> figures) {
        collectors.register(new SloCollector(figures));
    }

    /** Shows who does heavy work on this host and who waits for it, too. @param heavy read at each scrape */
    public void watchHeavyWork(Supplier<ArbiterState> heavy, Clock clock) {
        collectors.register(new HeavyWorkCollector(heavy, clock));
    }

    /** Shows how runbooks stand and whether the scheduler works, too. @param standings worked out at each scrape */
    public void watchRunbooks(Supplier<List<RunbookStanding>> standings, BooleanSupplier schedulerAlive) {
        collectors.register(new RunbookCollector(standings, schedulerAlive));
    }

    /** Shows whether tenants are proven to be kept apart, too. @param standings read at each scrape */
    public void watchTenants(Supplier<List<TenantStanding>> standings) {
        collectors.register(new TenantCollector(standings));
    }

    /** Shows how servers keep their tables in order, too. @param servers read at each scrape */
    public void watchUpkeep(Supplier<List<ServerUpkeep>> servers) {
        collectors.register(new UpkeepCollector(servers));
    }

    /** Shows the room on these folders' disks, too. @param folders by what they are for */
    public void watchDisks(Map<String, Path> folders) {
        collectors.register(new DiskCollector(folders));
    }

    /** Shows when the certificates in these PEM files end, too. @param files by what they are used for */
    public void watchCertificates(Map<String, Path> files) {
        collectors.register(new CertificateCollector(files));
    }

    /** The scheduler asked for a run this long after its fire time. */
    public void schedulerFired(Duration late) {
        lateness.observe(Math.max(0, seconds(late)));
    }

    @Override
    public void runAccepted(RunOutcome run) {
        if (run.dryRun()) {
            dryRuns.add(run.runId());
        }
    }

    @Override
    public void verbFinished(String runId, int stepIndex, VerbResult result) {
        if (dryRuns.contains(runId)) {
            return;
        }
        Map<String, Object> fields = result.fields();
        if (fields.get("table") instanceof String table && fields.get("to") instanceof String database) {
            String[] labels = bounded(tables, MOST_TABLES, result.verb(), database, table);
            tableRows.labels(labels).inc(number(fields.get("rowsWritten")));
            tableBytes.labels(labels).inc(number(fields.get("bytes")));
        }
        if (fields.get("stages") instanceof Map<?, ?> millisByStage) {
            millisByStage.forEach((stage, millis) -> stageDuration
                    .labels(bounded(stages, MOST_STAGES, result.verb(), stage.toString()))
                    .observe(number(millis) / 1000));
        }
    }

    @Override
    public void runFinished(RunOutcome run) {
        dryRuns.remove(run.runId());
        // A runbook removed while it ran would come back as a series nobody ever removes.
        if (run.dryRun() || runbooks.find(run.runbook()).isEmpty()) {
            return;
        }
        runs.labels(run.runbook(), run.state().wireName()).inc();
        if (run.state() != RunState.SKIPPED) {
            runDuration.labels(run.runbook()).observe(seconds(run.duration()));
        }
        if (run.state() == RunState.SUCCEEDED) {
            lastSuccess.labels(run.runbook()).set(epochSeconds(run.startedAt().plus(run.duration())));
        }
    }

    @Override
    public Page render(String accept) {
        String contentType = TextFormat.chooseContentType(accept.isEmpty() ? null : accept);
        StringWriter text = new StringWriter(16_384);
        try {
            TextFormat.writeFormat(contentType, text, withoutCreationTimes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Page(contentType, withoutTrailingCommas(text.toString()));
    }

    /** {@code x{a="1",} 5} is allowed, but whoever looks for {@code x{a="1"}} does not find it. A value follows the last quote. */
    private static String withoutTrailingCommas(String page) {
        StringBuilder text = new StringBuilder(page.length());
        page.lines().forEach(line -> {
            int comma = line.startsWith("#") ? 0 : line.lastIndexOf("\",} ") + 1;
            text.append(comma > 0 ? line.substring(0, comma) + line.substring(comma + 1) : line)
                    .append('\n');
        });
        return text.toString();
    }

    private void follow(
            RunbookRegistry.Contents before, RunbookRegistry.Contents now, Map<String, Instant> pastSuccesses) {
        loadErrors.set(now.problems().size());
        for (String gone : before.runbooks().keySet()) {
            if (!now.runbooks().containsKey(gone)) {
                finalStates().forEach(state -> runs.remove(gone, state.wireName()));
                runDuration.remove(gone);
                lastSuccess.remove(gone);
            }
        }
        for (String runbook : now.runbooks().keySet()) {
            finalStates().forEach(state -> runs.labels(runbook, state.wireName()));
            Instant past = pastSuccesses.remove(runbook);
            if (past != null) {
                lastSuccess.labels(runbook).set(epochSeconds(past));
            }
        }
    }

    private static List<RunState> finalStates() {
        return List.of(RunState.values()).stream().filter(RunState::isFinal).toList();
    }

    private static String[] bounded(Set<List<String>> known, int most, String... labels) {
        List<String> key = List.of(labels);
        if (known.contains(key) || (known.size() < most && known.add(key))) {
            return labels;
        }
        labels[labels.length - 1] = OTHER;
        return labels;
    }

    /** The library adds the creation time of every series as a series of its own, which doubles the page for nothing. */
    private Enumeration<Collector.MetricFamilySamples> withoutCreationTimes() {
        List<Collector.MetricFamilySamples> families = new ArrayList<>();
        for (Collector.MetricFamilySamples family : Collections.list(collectors.metricFamilySamples())) {
            families.add(new Collector.MetricFamilySamples(
                    family.name,
                    family.unit,
                    family.type,
                    family.help,
                    family.samples.stream()
                            .filter(s -> !s.name.endsWith("_created"))
                            .toList()));
        }
        return Collections.enumeration(families);
    }

    private static double number(@Nullable Object value) {
        return value instanceof Number number ? Math.max(0, number.doubleValue()) : 0;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static double epochSeconds(Instant instant) {
        return instant.toEpochMilli() / 1e3;
    }
}
