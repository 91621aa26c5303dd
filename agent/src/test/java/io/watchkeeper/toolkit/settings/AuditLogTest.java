package io.watchkeeper.toolkit.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real pgaudit writes, and that it is found there. */
class AuditLogTest {

    private static final AtomicInteger MARKS = new AtomicInteger();

    private static @Nullable LocalServer server;

    @TempDir
    Path state;

    @BeforeAll
    static void start() {
        assumeTrue(
                Files.exists(Path.of("/usr/share/postgresql/15/extension/pgaudit.control")),
                "pgaudit is installed here");
        server = TestServers.own(Map.of(
                "logging_collector", "on",
                "shared_preload_libraries", "'pgaudit'",
                "pgaudit.log", "'ddl, role, write'",
                "pgaudit.log_relation", "on",
                "log_line_prefix", "'%m [%p] %q%u@%d/%a '"));
        onServer("create extension pgaudit");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.delete();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stderr", "csvlog", "jsonlog"})
    void everyFormatTellsWhoDidWhatWithWhichObject(String format) throws Exception {
        write(format);
        read(plan("1", true));
        String mark = format + MARKS.incrementAndGet();
        onServer("create table ledger_" + mark + " (id int, note text)");
        onServer("create role clerk_" + mark + " login password 'geheim-" + mark + "'");
        onServer("grant insert on ledger_" + mark + " to clerk_" + mark);
        onServer("insert into ledger_" + mark + " values (4711, 'multi\nline, with \"quotes\" and commas')");
        onServer("insert into ledger_" + mark + " values (4712, 'x')");
        written(format);

        Review review = read(plan("2", true));

        assertThat(review.findings()).isEmpty();
        assertThat(review.rows())
                .anySatisfy(row -> assertThat(row)
                        .containsEntry("class", "DDL")
                        .containsEntry("command", "CREATE TABLE")
                        .containsEntry("object", "public.ledger_" + mark)
                        .containsEntry("role", "postgres"))
                .anySatisfy(
                        row -> assertThat(row).containsEntry("class", "ROLE").containsEntry("command", "CREATE ROLE"))
                .anySatisfy(
                        row -> assertThat(row).containsEntry("class", "ROLE").containsEntry("command", "GRANT"))
                .anySatisfy(row -> assertThat(row)
                        .containsEntry("class", "WRITE")
                        .containsEntry("command", "INSERT")
                        .containsEntry("object", "public.ledger_" + mark)
                        .containsEntry("count", 2L));
        assertThat(review.rows().get(0)).as("rights come first").containsEntry("class", "ROLE");
        assertThat(review.toString()).doesNotContain("geheim").doesNotContain("4711");
        assertThat(review.summary()).contains("1 DDL", "2 ROLE", "2 WRITE");
        assertThat(read(plan("3", true)).rows()).as("it was told once").isEmpty();
    }

    @Test
    void aDryRunReadsAndForgets() throws Exception {
        write("csvlog");
        read(plan("1", true));
        onServer("create table dry_" + MARKS.incrementAndGet() + " ()");
        written("csvlog");

        assertThat(read(plan("2", false)).rows()).hasSize(1);
        assertThat(read(plan("3", true)).rows()).hasSize(1);
    }

    @Test
    void classesThatAreLeftOutAreAFindingOfBothReviews() throws Exception {
        onServer("alter system set pgaudit.log = 'read'");
        onServer("select pg_reload_conf()");
        try {
            Awaitility.await().untilAsserted(() -> {
                ReviewFinding finding = settingsFinding();
                assertThat(finding.message())
                        .contains("who changed a definition and who changed a role or a right is not audited");
                assertThat(finding.remedy()).contains("ALTER SYSTEM SET pgaudit.log = 'read, ddl, role'");
            });
            assertThat(read(plan("1", false)).findings())
                    .extracting(ReviewFinding::code)
                    .contains("pgAuditClasses");
        } finally {
            onServer("alter system reset pgaudit.log");
            onServer("select pg_reload_conf()");
        }
    }

    @Test
    void aDatabaseWithoutTheExtensionIsToldOf() throws Exception {
        onServer("create database plain");
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", audited(), "plain")))) {
            assertThat(new AuditLog(pools.database("shore"), Work.unattended("test"), state, Clock.systemUTC())
                            .read(plan("1", false))
                            .findings())
                    .extracting(ReviewFinding::code)
                    .containsExactly("pgAuditExtension");
        }
    }

    @Test
    void aServerWithoutItIsToldOf() throws Exception {
        DatabaseSettings settings = TestServers.settings("shore", TestServers.shore(), "postgres");
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            Review review = new AuditLog(pools.database("shore"), Work.unattended("test"), state, Clock.systemUTC())
                    .read(plan("1", false));
            assertThat(review.findings()).anySatisfy(finding -> {
                assertThat(finding.code()).isEqualTo("pgAuditAbsent");
                assertThat(finding.remedy()).contains("shared_preload_libraries");
            });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none|ddl role",
                "all|",
                "'all, -role'|role",
                "DDL|role",
                "'ddl, role, -ddl'|ddl",
                "'read, write'|ddl role"
            })
    void theSettingIsReadFromLeftToRight(String setting, @Nullable String missing) {
        assertThat(String.join(" ", PgAuditRules.missing(setting))).isEqualTo(missing == null ? "" : missing);
    }

    private ReviewFinding settingsFinding() throws Exception {
        try (DatabasePools pools = pools()) {
            return new SettingsReview(pools.database("shore"), Work.unattended("test"))
                    .settings(new SettingsPlan(null, true, Set.of())).findings().stream()
                            .filter(one -> one.code().equals("pgAuditClasses"))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("no finding yet"));
        }
    }

    private static AuditLogPlan plan(String run, boolean keeps) {
        return new AuditLogPlan("watch", run, null, Duration.ofDays(1), Bytes.megabytes(64), keeps);
    }

    private Review read(AuditLogPlan plan) throws Exception {
        try (DatabasePools pools = pools()) {
            return new AuditLog(pools.database("shore"), Work.unattended("test"), state, Clock.systemUTC()).read(plan);
        }
    }

    private static DatabasePools pools() {
        return new DatabasePools(List.of(TestServers.settings("shore", audited(), "postgres")));
    }

    private static LocalServer audited() {
        return java.util.Objects.requireNonNull(server);
    }

    private static void onServer(String sql) {
        TestServers.execute(audited(), "postgres", sql);
    }

    private static void write(String format) throws Exception {
        onServer("alter system set log_destination = '" + format + "'");
        onServer("select pg_reload_conf()");
        Awaitility.await().until(() -> {
            try (var connection = TestServers.connect(audited(), "postgres");
                    var statement = connection.createStatement();
                    var rows = statement.executeQuery("select pg_current_logfile('" + format + "') is not null")) {
                rows.next();
                return rows.getBoolean(1);
            }
        });
    }

    /** The collector writes in its own time: a mark that has arrived says that all before it has, too. */
    private static void written(String format) {
        String mark = "written " + MARKS.incrementAndGet() + ".";
        onServer("do $$ begin raise log '" + mark + "'; end $$");
        String suffix = format.equals("stderr") ? ".log" : format.equals("csvlog") ? ".csv" : ".json";
        Awaitility.await().until(() -> {
            try (Stream<Path> files = Files.list(audited().data().resolve("log"))) {
                return files.filter(file -> file.toString().endsWith(suffix)).anyMatch(file -> holds(file, mark));
            }
        });
    }

    private static boolean holds(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            return false;
        }
    }
}
