package io.watchkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.doctor.Doctor;
import io.watchkeeper.doctor.Finding;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.protection.WalState;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the doctor says of real servers' settings. */
class SettingsFindingsTest {

    private static LocalServer server;

    @BeforeAll
    static void startCarelessServer() {
        server = TestServers.own(Map.of(
                "fsync", "off",
                "full_page_writes", "off",
                "autovacuum", "off",
                "archive_mode", "off",
                "log_lock_waits", "off",
                "max_wal_size", "'64MB'",
                "checkpoint_timeout", "'1min'",
                "idle_in_transaction_session_timeout", "0"));
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    @Test
    void whatPutsDataAtRiskHasItsOwnLineAndTheRestIsCounted() throws Exception {
        List<Finding> findings = examine(Protection.NONE, server.url("postgres"));

        assertThat(findings)
                .filteredOn(f -> f.level() == Finding.Level.RED)
                .extracting(Finding::hint)
                .containsExactly(
                        "ALTER SYSTEM SET fsync = on; SELECT pg_reload_conf();",
                        "ALTER SYSTEM SET full_page_writes = on; SELECT pg_reload_conf();");
        assertThat(findings)
                .filteredOn(f -> f.level() == Finding.Level.AMBER)
                .extracting(Finding::hint)
                .containsExactly(
                        "while the server is stopped: pg_checksums --enable --pgdata=DATA_DIRECTORY",
                        "ALTER SYSTEM SET archive_mode = on; -- then restart the server",
                        "ALTER SYSTEM SET max_wal_size = '1GB'; SELECT pg_reload_conf();",
                        "ALTER SYSTEM SET checkpoint_timeout = '15min'; SELECT pg_reload_conf();",
                        "ALTER SYSTEM SET autovacuum = on; SELECT pg_reload_conf();",
                        "ALTER SYSTEM SET idle_in_transaction_session_timeout = '10min'; SELECT pg_reload_conf();",
                        "ALTER SYSTEM SET log_lock_waits = on; SELECT pg_reload_conf();");
        assertThat(findings.get(findings.size() - 1).text()).matches("\\d+ other settings could be better");
        assertThat(Doctor.exitStatus(findings)).isEqualTo(1);
    }

    @Test
    void archiveOfThisHostIsAsGoodAsTheServersOwn() throws Exception {
        WalState archive = new WalState("shore", null, false, null, true, null, null, List.of());
        Protection archived = new Protection("/backups", List.of(), List.of(archive), List.of());

        assertThat(examine(archived, server.url("postgres")))
                .noneMatch(finding -> finding.text().startsWith("archive_mode"));
    }

    @Test
    void serverThatCannotBeReachedIsSomebodyElsesFinding() throws Exception {
        assertThat(examine(Protection.NONE, "jdbc:postgresql://127.0.0.1:1/d")).isEmpty();
    }

    private static List<Finding> examine(Protection protection, String url) throws Exception {
        DatabaseSettings settings = new DatabaseSettings("shore", url, "postgres", null, 2, null, true);
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            return new SettingsFindings(() -> protection).of(pools.database("shore"));
        }
    }
}
