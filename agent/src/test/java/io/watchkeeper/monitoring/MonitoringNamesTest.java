package io.watchkeeper.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.watchkeeper.metrics.MadeUpMetrics;
import io.watchkeeper.metrics.ShownMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules and dashboard ask for nothing that the agent does not show. */
class MonitoringNamesTest {

    /** What Prometheus adds to every series, and what the targets of monitoring/prometheus.yml have. */
    private static final Set<String> OF_TARGETS = Set.of("job", "instance", "ship", "host", "link");

    /** What Prometheus knows by itself of a target, and of alerts. */
    private static final Map<String, Set<String>> OF_PROMETHEUS =
            Map.of("up", Set.of(), "ALERTS", Set.of("alertname", "alertstate", "severity"));

    private static final Pattern LABEL_IN_TEXT = Pattern.compile("\\$labels\\.(\\w+)");

    private static ShownMetrics shown;

    @BeforeAll
    static void ask(@TempDir Path state) {
        shown = MadeUpMetrics.shown(state);
    }

    @Test
    void alertsAskForMetricsAndLabelsThatAreThere() {
        assertThat(MonitoringFiles.alerts()).hasSizeGreaterThan(50).allSatisfy(alert -> {
            Set<String> labels = check(alert.name(), alert.expression(), Map.of());
            Matcher told = LABEL_IN_TEXT.matcher(alert.annotations().toString());
            while (told.find()) {
                assertThat(labels).as("labels of " + alert.name()).contains(told.group(1));
            }
        });
    }

    @Test
    void recordingRulesAskForMetricsAndLabelsThatAreThere() {
        assertThat(MonitoringFiles.records()).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getKey()).matches("(host|runbook|database):watchkeeper_[a-z_]+(:[a-z0-9_]+)?");
            check(rule.getKey(), rule.getValue(), Map.of());
        });
    }

    @Test
    void everyAlertSaysHowGraveItIsWhatItMeansAndWhereToReadOn() {
        List<String> names = new ArrayList<>();
        assertThat(MonitoringFiles.alerts()).allSatisfy(alert -> {
            assertThat(alert.name()).matches("Watchkeeper[A-Z]\\w+");
            assertThat(MonitoringFiles.text(alert.labels(), "severity")).isIn("page", "warning", "info");
            assertThat(MonitoringFiles.text(alert.annotations(), "summary"))
                    .isNotBlank()
                    .doesNotEndWith(".");
            assertThat(MonitoringFiles.text(alert.annotations(), "description")).endsWith(".");
            assertThat(MonitoringFiles.text(alert.annotations(), "runbook_url"))
                    .isEqualTo("docs/alerts.md#" + alert.name().toLowerCase(java.util.Locale.ROOT));
            names.add(alert.name());
        });
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void everyMetricOfTheAgentThatMayGoWrongHasAnAlert() {
        Set<String> asked = new TreeSet<>();
        MonitoringFiles.alerts().forEach(alert -> asked.addAll(new Expression(alert.expression()).metrics()));
        assertThat(asked)
                .contains(
                        "watchkeeper_run_failing",
                        "watchkeeper_run_due_timestamp_seconds",
                        "watchkeeper_runbook_load_errors",
                        "watchkeeper_scheduler_lateness_seconds_bucket",
                        "watchkeeper_sync_age_seconds",
                        "watchkeeper_verify_differences",
                        "watchkeeper_replication_lag_seconds",
                        "watchkeeper_slot_retained_bytes",
                        "watchkeeper_backup_last_success_timestamp_seconds",
                        "watchkeeper_backup_size_bytes",
                        "watchkeeper_wal_archive_last_timestamp_seconds",
                        "watchkeeper_pitr_drill_rpo_seconds",
                        "watchkeeper_pitr_drill_rto_seconds",
                        "watchkeeper_pitr_drill_last_success_timestamp_seconds",
                        "watchkeeper_table_bloat_ratio",
                        "watchkeeper_dead_tuple_ratio",
                        "watchkeeper_disk_free_bytes",
                        "watchkeeper_audit_damaged",
                        "watchkeeper_tenant_proofs_failed",
                        "watchkeeper_certificate_expiry_timestamp_seconds",
                        "up");
    }

    @Test
    void theDashboardAsksForMetricsAndLabelsThatAreThere() throws IOException {
        Map<String, Set<String>> recorded = new LinkedHashMap<>();
        for (Map.Entry<String, String> rule : MonitoringFiles.records()) {
            recorded.put(rule.getKey(), check(rule.getKey(), rule.getValue(), recorded));
        }
        int asked = 0;
        for (JsonNode panel : panels()) {
            for (JsonNode target : panel.path("targets")) {
                check(panel.path("title").asText(), target.path("expr").asText(), recorded);
                asked++;
            }
        }
        assertThat(asked).isGreaterThan(20);
    }

    @Test
    void panelsHaveTheirOwnIdsAndSayWhatTheyShowInWhichUnit() throws IOException {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode panel : panels()) {
            String title = panel.path("title").asText();
            ids.add(panel.path("id").asInt());
            if (panel.path("type").asText().equals("row")) {
                continue;
            }
            assertThat(title).isNotBlank();
            assertThat(panel.path("description").asText()).as(title).endsWith(".");
            assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                    .as(title)
                    .isNotBlank();
            assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            assertThat(panel.path("targets")).as(title).isNotEmpty();
        }
        assertThat(ids).doesNotHaveDuplicates().doesNotContain(0);
    }

    @Test
    void noTwoPanelsLieOnEachOther() throws IOException {
        Set<String> taken = new LinkedHashSet<>();
        for (JsonNode panel : panels()) {
            JsonNode place = panel.path("gridPos");
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    String cell = (place.path("x").asInt() + x) + ","
                            + (place.path("y").asInt() + y);
                    assertThat(taken.add(cell))
                            .as(panel.path("title").asText() + " at " + cell)
                            .isTrue();
                    assertThat(place.path("x").asInt() + x).isLessThan(24);
                }
            }
        }
    }

    @Test
    void theDashboardIsOfOneShipAndHostOrOfAll() throws IOException {
        JsonNode variables = MonitoringFiles.dashboard().at("/templating/list");
        assertThat(variables.findValuesAsText("name")).startsWith("datasource", "ship", "host");
        assertThat(variables.path(1).path("query").path("query").asText())
                .isEqualTo("label_values(watchkeeper_build_info, ship)");
        assertThat(variables.path(2).path("query").path("query").asText())
                .isEqualTo("label_values(watchkeeper_build_info{ship=~\"$ship\"}, host)");
    }

    private static List<JsonNode> panels() throws IOException {
        List<JsonNode> panels = new ArrayList<>();
        MonitoringFiles.dashboard().path("panels").forEach(panels::add);
        assertThat(panels).hasSizeGreaterThan(20);
        return panels;
    }

    /** The labels that a result may have. @param more metrics that are not the agent's own */
    private static Set<String> check(String where, String expression, Map<String, Set<String>> more) {
        Expression names = new Expression(expression);
        assertThat(names.metrics()).as("metrics of " + where).isNotEmpty();
        Set<String> known = new TreeSet<>(OF_TARGETS);
        for (String metric : names.metrics()) {
            Set<String> labels = shown.labelsOf(metric).orElse(null);
            if (labels == null) {
                labels = more.getOrDefault(metric, OF_PROMETHEUS.get(metric));
            }
            assertThat(labels).as(where + " asks for " + metric).isNotNull();
            known.addAll(java.util.Objects.requireNonNull(labels));
        }
        assertThat(known).as("labels of " + where).containsAll(names.labels());
        return known;
    }
}
