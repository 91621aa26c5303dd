package io.watchkeeper.toolkit.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is found in the settings of real servers, and that what is proposed mends it. */
class SettingsReviewTest {

    private static LocalServer server;
    private static int reloads;

    @BeforeAll
    static void start() {
        server = TestServers.own(Map.of("archive_mode", "on", "archive_command", "'/bin/true'"));
    }

    @AfterEach
    void putBack() throws Exception {
        TestServers.execute(server, "postgres", "alter system reset all");
        reload();
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    @Test
    void whatIsProposedMendsWhatIsFound() throws Exception {
        Map<String, String> careless = Map.ofEntries(
                Map.entry("full_page_writes", "off"),
                Map.entry("synchronous_commit", "off"),
                Map.entry("archive_command", "''"),
                Map.entry("archive_timeout", "'10min'"),
                Map.entry("wal_compression", "off"),
                Map.entry("max_wal_size", "'64MB'"),
                Map.entry("checkpoint_timeout", "'1min'"),
                Map.entry("checkpoint_completion_target", "0.2"),
                Map.entry("autovacuum", "off"),
                Map.entry("autovacuum_vacuum_scale_factor", "0.2"),
                Map.entry("autovacuum_vacuum_cost_delay", "'20ms'"),
                Map.entry("idle_in_transaction_session_timeout", "0"),
                Map.entry("log_min_messages", "fatal"),
                Map.entry("log_min_error_statement", "panic"),
                Map.entry("log_min_duration_statement", "0"),
                Map.entry("log_rotation_age", "0"),
                Map.entry("log_line_prefix", "'[%p] '"),
                Map.entry("effective_cache_size", "'1MB'"),
                Map.entry("maintenance_work_mem", "'1MB'"),
                Map.entry("work_mem", "'1GB'"),
                Map.entry("zero_damaged_pages", "on"),
                Map.entry("enable_hashjoin", "off"));
        for (Map.Entry<String, String> one : careless.entrySet()) {
            TestServers.execute(server, "postgres", "alter system set " + one.getKey() + " = " + one.getValue());
        }
        reload();

        Review before = review("postgres", Bytes.gigabytes(16));
        assertThat(codes(before, ReviewStatus.FAIL))
                .containsExactlyInAnyOrder("archiveCommand", "fsync", "fullPageWrites", "damageIgnored");
        assertThat(codes(before, ReviewStatus.WARN))
                .contains(
                        "synchronousCommit",
                        "archiveTimeout",
                        "walCompression",
                        "maxWalSize",
                        "checkpointTimeout",
                        "completionTarget",
                        "autovacuum",
                        "vacuumScaleFactor",
                        "analyzeScaleFactor",
                        "autovacuumCost",
                        "idleInTransaction",
                        "logMinMessages",
                        "logMinErrorStatement",
                        "logMinDuration",
                        "logStatement",
                        "logLinePrefix",
                        "logLockWaits",
                        "effectiveCacheSize",
                        "maintenanceWorkMem",
                        "workMem",
                        "plannerSwitch",
                        "loggingCollector",
                        "dataChecksums");
        assertThat(before.failure())
                .hasValueSatisfying(e -> assertThat(e.hint()).contains("ALTER SYSTEM SET"));
        assertThat(before.summary()).startsWith("4 to mend now, ");

        for (String remedy : before.remedy()) {
            if (remedy.startsWith("ALTER SYSTEM") && remedy.endsWith("SELECT pg_reload_conf();")) {
                for (String statement : remedy.split("; ")) {
                    TestServers.execute(server, "postgres", statement);
                }
            }
        }
        reload();

        Review after = review("postgres", Bytes.gigabytes(16));
        assertThat(after.failure()).isEmpty();
        assertThat(codes(after, ReviewStatus.WARN))
                .containsExactlyInAnyOrder("dataChecksums", "loggingCollector", "localTrust");
        Review accepted = new SettingsReviewOf(server, "postgres")
                .review(new SettingsPlan(
                        Bytes.gigabytes(16), false, Set.of("dataChecksums", "loggingCollector", "localTrust")));
        assertThat(accepted.status()).isEqualTo("ok");
        assertThat(accepted.summary()).isEqualTo("as recommended");
    }

    @Test
    void memoryIsComparedWithWhatThereIs() throws Exception {
        Review small = review("postgres", Bytes.megabytes(100));
        assertThat(one(small, "sharedBuffers").message()).contains("64 MB of 100 MB");
        assertThat(one(small, "sharedBuffers").remedy())
                .isEqualTo("ALTER SYSTEM SET shared_buffers = '25MB'; -- then restart the server");
        assertThat(one(small, "effectiveCacheSize").message()).contains("4 GB", "more of the data");
        assertThat(one(small, "workMem").remedy()).contains("ALTER SYSTEM SET max_connections = 20");
        assertThat(codes(small, ReviewStatus.WARN)).doesNotContain("maintenanceWorkMem");

        Review large = review("postgres", Bytes.gigabytes(64));
        assertThat(one(large, "maintenanceWorkMem").remedy()).contains("maintenance_work_mem = '1024MB'");
        // All of the data fits into what there is.
        assertThat(codes(large, ReviewStatus.WARN)).doesNotContain("sharedBuffers", "workMem");
    }

    @Test
    void memoryOfAnotherHostIsAskedForAndNotGuessed() throws Exception {
        DatabaseSettings far = new DatabaseSettings("shore", server.url("postgres"), "postgres", null, 2, null, false);
        try (DatabasePools pools = new DatabasePools(List.of(far))) {
            Review review = new SettingsReview(pools.database("shore"), Work.unattended("test"))
                    .settings(new SettingsPlan(null, false, Set.of()));
            assertThat(one(review, "memoryUnknown").status()).isEqualTo(ReviewStatus.OK);
            assertThat(one(review, "memoryUnknown").remedy()).contains("memory 8.gigabytes");
        }
        assertThat(codes(review("postgres", null), ReviewStatus.OK)).doesNotContain("memoryUnknown");
    }

    @Test
    void changeThatWaitsForARestartIsNamedWithItsNewValue() throws Exception {
        TestServers.execute(server, "postgres", "alter system set max_connections = 50");
        reload();
        ReviewFinding waiting = one(review("postgres", null), "pendingRestart");
        assertThat(waiting.message()).contains("max_connections 60 → 50 (postgresql.auto.conf:");
        assertThat(codes(review("postgres", null), ReviewStatus.FAIL)).doesNotContain("fileError");
    }

    @Test
    void lineThatTheServerCannotReadFailsBeforeItKeepsTheServerFromStarting() throws Exception {
        Path file = server.data().resolve("postgresql.conf");
        String original = Files.readString(file);
        Files.writeString(file, original + "work_mem = 'lots'\n");
        try {
            ReviewFinding broken = one(review("postgres", null), "fileError");
            assertThat(broken.status()).isEqualTo(ReviewStatus.FAIL);
            assertThat(broken.message())
                    .contains("postgresql.conf:" + original.split("\n", -1).length, "work_mem", "will not start again");
        } finally {
            Files.writeString(file, original);
        }
    }

    @Test
    void whatTheRoleMayNotReadIsSaidWithItsGrant() throws Exception {
        TestServers.execute(server, "postgres", "create role \"Settings Onlooker\" login");
        try {
            List<String> remedies = review("Settings Onlooker", null).findings().stream()
                    .filter(f -> f.code().equals("unreadable"))
                    .map(ReviewFinding::remedy)
                    .toList();
            assertThat(remedies).anySatisfy(text -> assertThat(text).startsWith("GRANT SELECT ON pg_file_settings"));
            for (String remedy : remedies) {
                if (remedy.startsWith("GRANT")) {
                    TestServers.execute(server, "postgres", remedy);
                }
            }
            assertThat(review("Settings Onlooker", null).findings())
                    .filteredOn(f -> f.code().equals("unreadable"))
                    .noneMatch(f -> f.message().contains("pg_file_settings"));
        } finally {
            TestServers.execute(
                    server, "postgres", "drop owned by \"Settings Onlooker\"; drop role \"Settings Onlooker\"");
        }
    }

    @Test
    void settingOfARoleIsNotBlamedOnTheServersFiles() throws Exception {
        TestServers.execute(server, "postgres", "create role settings_hasty login superuser");
        TestServers.execute(server, "postgres", "alter role settings_hasty set synchronous_commit = off");
        try {
            assertThat(one(review("settings_hasty", null), "synchronousCommit").remedy())
                    .contains("ALTER ROLE … RESET synchronous_commit");
            assertThat(codes(review("postgres", null), ReviewStatus.WARN)).doesNotContain("synchronousCommit");
        } finally {
            TestServers.execute(server, "postgres", "drop role settings_hasty");
        }
    }

    @Test
    void archiveThatGetsTheLogItselfNeedsNoCommandOfTheServer() throws Exception {
        TestServers.execute(server, "postgres", "alter system set archive_command = ''");
        reload();
        Review received = new SettingsReviewOf(server, "postgres").review(new SettingsPlan(null, true, Set.of()));
        assertThat(received.findings()).noneMatch(f -> f.code().startsWith("archive"));
    }

    @Test
    void recommendedWalGrowsWithTheDatabase() {
        assertThat(WalRules.recommendedMaxWalSize(Bytes.megabytes(10))).isEqualTo(Bytes.gigabytes(1));
        assertThat(WalRules.recommendedMaxWalSize(Bytes.gigabytes(45))).isEqualTo(Bytes.gigabytes(4));
        assertThat(WalRules.recommendedMaxWalSize(Bytes.gigabytes(4_000))).isEqualTo(Bytes.gigabytes(16));
    }

    @Tag("campaign")
    @Test
    void everyVersionIsRead() throws Exception {
        try (PostgresVersions versions = new PostgresVersions()) {
            for (int version : PostgresVersions.available()) {
                Review review = new SettingsReviewOf(versions.server(version), "postgres")
                        .review(new SettingsPlan(Bytes.gigabytes(4), false, Set.of()));
                assertThat(codes(review, ReviewStatus.FAIL))
                        .as("PostgreSQL %d", version)
                        .containsExactly("fsync");
                assertThat(codes(review, ReviewStatus.WARN))
                        .as("PostgreSQL %d", version)
                        .contains("archiveMode", "logConnections", "vacuumScaleFactor")
                        .doesNotContain("unreadable", "plannerSwitch");
            }
        }
    }

    private static Review review(String user, @Nullable Bytes memory) throws Exception {
        return new SettingsReviewOf(server, user).review(new SettingsPlan(memory, false, Set.of()));
    }

    /** A review by one role, whose connections are closed again. */
    private record SettingsReviewOf(LocalServer at, String user) {
        Review review(SettingsPlan plan) throws Exception {
            DatabaseSettings settings = new DatabaseSettings("shore", at.url("postgres"), user, null, 2, null, true);
            try (DatabasePools pools = new DatabasePools(List.of(settings))) {
                return new SettingsReview(pools.database("shore"), Work.unattended("test")).review(plan);
            }
        }
    }

    private static ReviewFinding one(Review review, String code) {
        return review.findings().stream()
                .filter(f -> f.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError(code + " is not in " + review.findings()));
    }

    private static List<String> codes(Review review, ReviewStatus status) {
        return review.findings().stream()
                .filter(f -> f.status() == status)
                .map(ReviewFinding::code)
                .distinct()
                .toList();
    }

    /** New sessions have the new settings once the postmaster has read the files: a value that is new each time says so. */
    private static void reload() throws Exception {
        String mark = "test.reload" + ++reloads;
        Path marks = server.data().resolve("postgresql.conf");
        Files.writeString(
                marks, Files.readString(marks).replaceAll("(?m)^test\\.reload\\d+ = on\n", "") + mark + " = on\n");
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        Awaitility.await().until(() -> {
            try (Connection connection = TestServers.connect(server, "postgres");
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("select current_setting('" + mark + "', true)")) {
                rows.next();
                return "on".equals(rows.getString(1));
            }
        });
    }
}
