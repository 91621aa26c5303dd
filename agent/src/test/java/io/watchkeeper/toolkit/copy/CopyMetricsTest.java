package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.watchkeeper.metrics.RunMetrics;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.runbook.RunbookRegistry;
import io.watchkeeper.runbook.VerbResult;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Prometheus is told of real copies: the contract's names and labels, in seconds and bytes. */
class CopyMetricsTest {

    private static final CopyPlan PLAN = CopyPlan.of(TableName.parse("public.t"));
    private static final String TABLE = "{operation=\"copyTable\",database=\"ship\",table=\"public.t\"}";

    private final Fleet fleet = new Fleet();
    private final RunMetrics metrics = new RunMetrics(new RunbookRegistry(), "test", Map.of());

    @BeforeEach
    void fill() {
        fleet.both("create table t (id int primary key, filler text)");
        fleet.on("shore", "insert into t select i, repeat('x', 1000) from generate_series(1, 2000) i; analyze t");
        fleet.on("ship", "insert into t values (1, 'old')");
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void ofACopyInOneTransaction() throws Exception {
        CopyResult result = count(PLAN);

        assertRowsAndBytes(2_000, result);
        assertStages(result, "extract", "load", "verify", "analyze");
    }

    @Test
    void ofACopyInChunks() throws Exception {
        CopyResult result = count(PLAN.with(
                o -> o.withResume(true).withPace(Pace.FREE.withBatch(100L).withWorkers(2))));

        assertThat(result.chunks()).isEqualTo(20);
        assertRowsAndBytes(2_000, result);
        assertStages(result, "extract", "load", "verify", "analyze");
    }

    @Test
    void ofAMergeWhichWritesFewerRowsThanItReads() throws Exception {
        fleet.copy(PLAN);
        fleet.on("shore", "update t set filler = repeat('y', 1000) where id <= 50");

        CopyResult result = count(PLAN.with(o -> o.withStrategy(CopyStrategy.MERGE)));

        assertThat(result.rowsRead()).isEqualTo(2_000);
        assertRowsAndBytes(50, result);
        assertStages(result, "extract", "load", "merge", "verify", "analyze");
    }

    @Test
    void theyAddUpOverRuns() throws Exception {
        count(PLAN);
        count(PLAN);

        assertThat(value("watchkeeper_table_rows_total" + TABLE)).isEqualTo(4_000);
        assertThat(value("watchkeeper_stage_duration_seconds_count{operation=\"copyTable\",stage=\"load\"}"))
                .isEqualTo(2);
    }

    private CopyResult count(CopyPlan plan) throws Exception {
        CopyResult result = fleet.copy(plan);
        metrics.verbFinished("1", 0, new VerbResult("copyTable", result.fields()));
        return result;
    }

    private void assertRowsAndBytes(long rowsWritten, CopyResult result) {
        assertThat(value("watchkeeper_table_rows_total" + TABLE)).isEqualTo((double) rowsWritten);
        assertThat(value("watchkeeper_table_bytes_total" + TABLE))
                .isEqualTo((double) result.bytes())
                .isBetween(2_000.0 * 1_000, 2_000.0 * 1_100);
    }

    /** These stages and no others, each observed once, in seconds. */
    private void assertStages(CopyResult result, String... stages) {
        for (String stage : stages) {
            String labels = "{operation=\"copyTable\",stage=\"" + stage + "\"}";
            assertThat(value("watchkeeper_stage_duration_seconds_count" + labels))
                    .as(stage)
                    .isEqualTo(1);
            CopyResult.Stage measured = CopyResult.Stage.valueOf(stage.toUpperCase(Locale.ROOT));
            double seconds =
                    Objects.requireNonNull(result.stages().get(measured)).toNanos() / 1e9;
            assertThat(value("watchkeeper_stage_duration_seconds_sum" + labels))
                    .as(stage)
                    .isCloseTo(seconds, within(0.001));
        }
        assertThat(Pattern.compile("watchkeeper_stage_duration_seconds_count\\{")
                        .matcher(metrics.render("").body())
                        .results())
                .hasSize(stages.length);
    }

    private double value(String series) {
        Matcher line = Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE)
                .matcher(metrics.render("").body());
        assertThat(line.find()).as(series).isTrue();
        return Double.parseDouble(line.group(1));
    }
}
