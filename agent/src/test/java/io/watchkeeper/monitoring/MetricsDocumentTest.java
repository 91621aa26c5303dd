package io.watchkeeper.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.metrics.MadeUpMetrics;
import io.watchkeeper.metrics.ShownMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference of metrics is what the agent shows. */
class MetricsDocumentTest {

    private static final Path FILE = MonitoringFiles.ROOT.resolve("docs/metrics.md");
    private static final String BEGIN = "<!-- begin: written by MetricsDocumentTest -->\n";
    private static final String END = "<!-- end -->\n";

    /** What names do not end in. */
    private static final Map<String, String> UNITS = Map.ofEntries(
            Map.entry("watchkeeper_audit_position", "entries"),
            Map.entry("watchkeeper_audit_verified_position", "entries"),
            Map.entry("watchkeeper_audit_entries_total", "entries"),
            Map.entry("watchkeeper_audit_hash", "48 bits"),
            Map.entry("watchkeeper_run_total", "runs"),
            Map.entry("watchkeeper_runbook_load_errors", "problems"),
            Map.entry("watchkeeper_table_rows_total", "rows"),
            Map.entry("watchkeeper_table_bytes_total", "bytes"),
            Map.entry("watchkeeper_verify_differences", "rows"),
            Map.entry("watchkeeper_backup_damaged", "backups"),
            Map.entry("watchkeeper_recovery_conflicts_total", "queries"),
            Map.entry("watchkeeper_heavy_places", "runs"),
            Map.entry("watchkeeper_heavy_working", "runs"),
            Map.entry("watchkeeper_heavy_waiting", "runs"),
            Map.entry("watchkeeper_slo_burn_rate", "1 spends the budget evenly"),
            Map.entry("watchkeeper_tenants", "tenants"),
            Map.entry("watchkeeper_tenants_unproven", "tenants"),
            Map.entry("watchkeeper_tenant_proofs_failed", "tenants"),
            Map.entry("watchkeeper_transaction_id_age", "transactions"),
            Map.entry("watchkeeper_wal_seconds_to_full", "seconds"),
            Map.entry("hikaricp_active_connections", "connections"),
            Map.entry("hikaricp_idle_connections", "connections"),
            Map.entry("hikaricp_connections", "connections"),
            Map.entry("hikaricp_max_connections", "connections"),
            Map.entry("hikaricp_pending_threads", "threads"));

    @Test
    void isUpToDate(@TempDir Path state) throws IOException {
        String document = Files.readString(FILE);
        String wanted = document.substring(0, document.indexOf(BEGIN) + BEGIN.length())
                + table(MadeUpMetrics.shown(state))
                + document.substring(document.indexOf(END));
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(FILE, wanted);
        }

        assertThat(Files.readString(FILE))
                .as("renew it with: mvn test -pl agent -Dtest=MetricsDocumentTest -Dreference.write=true")
                .isEqualTo(wanted);
    }

    /** Which of the Java client's own there are depends on Java and its garbage collector. */
    @Test
    void namesWhatTheJvmAddsToo(@TempDir Path state) throws IOException {
        String document = Files.readString(FILE);
        assertThat(MadeUpMetrics.shown(state).families().keySet())
                .filteredOn(name -> !isOurs(name))
                .hasSizeGreaterThan(20)
                .allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
    }

    private static boolean isOurs(String name) {
        return name.startsWith("watchkeeper_") || name.startsWith("hikaricp_");
    }

    private static String table(ShownMetrics shown) {
        StringBuilder text = new StringBuilder("| metric | type | unit | meaning |\n| --- | --- | --- | --- |\n");
        for (ShownMetrics.Family family : shown.families().values()) {
            if (!isOurs(family.name())) {
                continue;
            }
            String labels = family.labels().isEmpty()
                    ? ""
                    : family.labels().stream().collect(Collectors.joining(",", "{", "}"));
            text.append("| `%s%s` | %s | %s | %s |%n"
                    .formatted(
                            family.name(),
                            labels,
                            family.type(),
                            unit(family),
                            family.help().replace("|", "\\|")));
        }
        return text.toString();
    }

    private static String unit(ShownMetrics.Family family) {
        String name = family.name();
        String known = UNITS.get(name);
        if (known != null) {
            return known;
        }
        if (name.endsWith("_timestamp_seconds")) {
            return "seconds since 1970";
        }
        for (String unit : new String[] {"seconds", "bytes", "ratio"}) {
            if (name.endsWith("_" + unit) || name.endsWith("_" + unit + "_total") || name.contains("_" + unit + "_")) {
                return unit.equals("ratio") ? "1 is all" : unit;
            }
        }
        boolean flag = family.help().toLowerCase(Locale.ROOT).startsWith("whether");
        assertThat(flag || name.equals("watchkeeper_build_info"))
                .as("the unit of " + name)
                .isTrue();
        return flag ? "0 or 1" : "1";
    }
}
