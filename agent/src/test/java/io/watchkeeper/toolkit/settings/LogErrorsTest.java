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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real servers write into their logs, and that it is found there. */
class LogErrorsTest {

    private static final AtomicInteger MARKS = new AtomicInteger();

    private static LocalServer server;

    @TempDir
    Path state;

    @BeforeAll
    static void start() {
        server = TestServers.own(Map.of(
                "logging_collector", "on",
                "log_temp_files", "0",
                "log_filename", "'postgresql-%Y-%m-%d.log'",
                "log_line_prefix", "'%m [%p] %q%u@%d/%a '",
                "log_timezone", "'Asia/Seoul'"));
        TestServers.execute(server, "postgres", "create role log_reader login; grant pg_monitor to log_reader");
    }

    @AfterAll
    static void stop() {
        server.delete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stderr", "csvlog", "jsonlog"})
    void everyFormatHasTheSameClasses(String format) throws Exception {
        write(format);
        read("postgres", plan("1"));
        provoke(server);
        written(format);

        Review review = read("postgres", plan("2"));

        assertThat(review.status()).isEqualTo("fail");
        assertThat(codes(review))
                .containsExactlyInAnyOrder(
                        "corruption",
                        "authentication",
                        "deadlock",
                        "lockTimeout",
                        "statementTimeout",
                        "tempFiles",
                        "error",
                        "warning");
        assertThat(one(review, "error").evidence())
                .containsEntry("count", 3L)
                .satisfies(evidence ->
                        assertThat(String.valueOf(evidence.get("first"))).startsWith("20"));
        assertThat(one(review, "error").message()).contains("division by zero");
        assertThat(one(review, "lockTimeout").remedy()).contains("lockWaits('shore')");
        assertThat(review.rows())
                .anySatisfy(row -> assertThat(row)
                        .containsEntry("message", "division by zero")
                        .containsEntry("count", 2L));
        assertThat(review.summary()).startsWith("1 corruption, ").contains("1 deadlock", "since ");
        assertThat(review.toString()).doesNotContain("geheim");
        // It was told once.
        assertThat(codes(read("postgres", plan("3")))).isEmpty();
    }

    @Test
    void sameRunFindsAgainWhatItFound() throws Exception {
        write("csvlog");
        read("postgres", plan("1"));
        fail(server, "select 1/0");
        written("csvlog");
        assertThat(codes(read("postgres", plan("2")))).contains("error");
        assertThat(codes(read("postgres", plan("2")))).contains("error");
        assertThat(codes(read("postgres", plan("3")))).isEmpty();
    }

    @Test
    void longStatementLosesNothingOfTheReading() throws Exception {
        write("csvlog");
        read("postgres", plan("1"));
        fail(server, "select '" + "geheim".repeat(10_000) + "' || E'it\\'s Kim', 4711, 1/0");
        written("csvlog");
        Review review = read("postgres", plan("2"));
        assertThat(String.valueOf(one(review, "error").evidence().get("statement")))
                .startsWith("select ?");
        assertThat(review.toString()).doesNotContain("geheim", "Kim", "4711");
    }

    @Test
    void statementsThatAreLoggedAreNotSearched() throws Exception {
        write("csvlog");
        read("postgres", plan("1"));
        try (Connection connection = TestServers.connect(server, "postgres")) {
            run(connection, "set log_statement = 'all'; set log_min_duration_statement = 0");
            run(connection, "select 'invalid page in block 3', 'archive command failed'");
        }
        written("csvlog");
        assertThat(codes(read("postgres", plan("2")))).isEmpty();
    }

    @Test
    void dryRunReadsAndForgets() throws Exception {
        write("csvlog");
        read("postgres", plan("1"));
        fail(server, "select 1/0");
        written("csvlog");
        assertThat(codes(read("postgres", plan("2", false)))).contains("error");
        assertThat(codes(read("postgres", plan("3")))).contains("error");
    }

    @Test
    void whatIsIgnoredIsCountedAndNotFound() throws Exception {
        write("csvlog");
        read("postgres", plan("1"));
        fail(server, "select 1/0");
        fail(server, "select * from no_such_table");
        written("csvlog");
        LogPlan plan = new LogPlan(
                "test",
                "2",
                null,
                Set.of(),
                List.of(new LogIgnore("22012"), new LogIgnore("relation*not exist")),
                1,
                null,
                Duration.ofDays(1),
                LogPlan.AT_MOST,
                true);
        Review review = read("postgres", plan);
        assertThat(codes(review)).isEmpty();
        assertThat(review.summary()).startsWith("nothing to look at, 2 ignored");
    }

    @Test
    void serverIsAskedWhereTheFilesMayNotBeReadAndTheGrantIsSaid() throws Exception {
        write("csvlog");
        fail(server, "select 1/0");
        written("csvlog");
        // Of another host: no file of it is here.
        Review refused = readFrom("log_reader", false, plan("1"));
        ReviewFinding unreadable = one(refused, "unreadable");
        assertThat(unreadable.status()).isEqualTo(ReviewStatus.WARN);

        TestServers.execute(server, "postgres", unreadable.remedy());
        assertThat(codes(readFrom("log_reader", false, plan("2")))).contains("error");
        assertThat(codes(readFrom("log_reader", false, plan("3")))).doesNotContain("error");
    }

    @Test
    void logThatNobodyCollectsIsFoundWhereItWasOpened() throws Exception {
        try (DatabasePools pools =
                new DatabasePools(List.of(TestServers.settings("shore", TestServers.shore(), "postgres")))) {
            LogErrors log = new LogErrors(pools.database("shore"), Work.unattended("test"), state, Clock.systemUTC());
            log.read(plan("1"));
            String mark = "mark_" + MARKS.incrementAndGet() + "_" + server.port();
            fail(TestServers.shore(), "select * from " + mark);
            Awaitility.await()
                    .untilAsserted(
                            () -> assertThat(log.read(plan("2", false)).rows().toString())
                                    .contains(mark));
        }
    }

    @Test
    void logInAFileOfAPersonsIsRead() throws Exception {
        Path file = Files.writeString(state.resolve("any.log"), "2099-03-01 20:59:01.123 KST [1] PANIC:  over\n");
        LogPlan plan = new LogPlan(
                "test", "1", file, Set.of(), List.of(), 1, null, Duration.ofDays(1), Bytes.megabytes(1), true);
        assertThat(read("postgres", plan).failure()).isPresent();

        LogPlan missing = new LogPlan(
                "test",
                "1",
                state.resolve("no.log"),
                Set.of(),
                List.of(),
                1,
                null,
                Duration.ofDays(1),
                Bytes.megabytes(1),
                true);
        assertThat(one(read("postgres", missing), "unreadable").message()).contains("no.log is not there");
    }

    @Tag("campaign")
    @Test
    void everyVersionIsRead() throws Exception {
        try (PostgresVersions versions = new PostgresVersions()) {
            for (int version : PostgresVersions.available()) {
                LocalServer at = versions.server(version);
                try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", at, "postgres")))) {
                    LogErrors log = new LogErrors(
                            pools.database("shore"),
                            Work.unattended("test"),
                            state.resolve("v" + version),
                            Clock.systemUTC());
                    provoke(at);
                    Awaitility.await()
                            .untilAsserted(() -> assertThat(codes(log.read(plan("1"))))
                                    .as("PostgreSQL %d", version)
                                    .contains("corruption", "deadlock", "lockTimeout", "statementTimeout", "error"));
                }
            }
        }
    }

    /** One of each kind that a session can bring about. */
    private static void provoke(LocalServer at) throws Exception {
        fail(at, "select 1/0");
        fail(at, "select 2/0");
        fail(at, "select * from \"no such table\"");
        fail(
                at,
                "do $$ begin raise exception 'invalid page in block 3 of relation base/1/2' using errcode = 'XX001'; end $$");
        TestServers.execute(at, "postgres", "do $$ begin raise warning 'mind this: password=geheim'; end $$");
        TestServers.execute(
                at,
                "postgres",
                "set work_mem = '64kB'; select count(*) from (select i from generate_series(1, 50000) i order by i::text) t");
        fail(at, "set statement_timeout = '20ms'; select pg_sleep(5)");
        try (Connection nobody = DriverManager.getConnection(at.url("postgres"), "nobody_there", "geheim")) {
            throw new AssertionError("nobody logged in: " + nobody);
        } catch (SQLException e) {
            assertThat(e.getMessage()).contains("nobody_there");
        }
        TestServers.execute(
                at, "postgres", "create table if not exists one (i int); create table if not exists two (i int)");
        try (Connection holder = TestServers.connect(at, "postgres")) {
            holder.setAutoCommit(false);
            run(holder, "lock table one");
            fail(at, "set lock_timeout = '20ms'; select i from one");
            deadlock(at, holder);
        }
    }

    private static void deadlock(LocalServer at, Connection holder) throws Exception {
        run(holder, "set deadlock_timeout = '10min'");
        try (Connection other = TestServers.connect(at, "postgres")) {
            other.setAutoCommit(false);
            run(other, "set deadlock_timeout = '20ms'");
            run(other, "lock table two");
            Thread waits = new Thread(() -> {
                try {
                    run(holder, "lock table two");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            waits.start();
            Awaitility.await().until(() -> isSomebodyWaiting(at));
            try {
                run(other, "lock table one");
                throw new AssertionError("no deadlock");
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo("40P01");
            }
            other.rollback();
            waits.join();
            holder.rollback();
        }
    }

    private static boolean isSomebodyWaiting(LocalServer at) throws SQLException {
        try (Connection connection = TestServers.connect(at, "postgres");
                Statement statement = connection.createStatement()) {
            var rows = statement.executeQuery("select exists (select from pg_locks where not granted)");
            rows.next();
            return rows.getBoolean(1);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void fail(LocalServer at, String sql) throws SQLException {
        try (Connection connection = TestServers.connect(at, "postgres");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            throw new AssertionError("did not fail: " + sql);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isNotNull();
        }
    }

    /** Lets the server write this format, and waits until it does. */
    private static void write(String format) throws Exception {
        TestServers.execute(server, "postgres", "alter system set log_destination = '" + format + "'");
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        Awaitility.await().until(() -> {
            try (Connection connection = TestServers.connect(server, "postgres");
                    Statement statement = connection.createStatement()) {
                var rows = statement.executeQuery("select pg_current_logfile('" + format + "') is not null");
                rows.next();
                return rows.getBoolean(1);
            }
        });
    }

    /** The collector writes in its own time: a mark that has arrived says that all before it has, too. */
    private static void written(String format) throws Exception {
        String mark = "written " + MARKS.incrementAndGet() + ".";
        TestServers.execute(server, "postgres", "do $$ begin raise log '" + mark + "'; end $$");
        String suffix = format.equals("stderr") ? ".log" : format.equals("csvlog") ? ".csv" : ".json";
        Awaitility.await().until(() -> {
            try (Stream<Path> files = Files.list(server.data().resolve("log"))) {
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

    private static LogPlan plan(String run) {
        return plan(run, true);
    }

    private static LogPlan plan(String run, boolean keeps) {
        return new LogPlan("test", run, null, Set.of(), List.of(), 1, null, Duration.ofDays(1), LogPlan.AT_MOST, keeps);
    }

    private Review read(String user, LogPlan plan) throws Exception {
        return readFrom(user, true, plan);
    }

    private Review readFrom(String user, boolean local, LogPlan plan) throws Exception {
        DatabaseSettings settings = new DatabaseSettings("shore", server.url("postgres"), user, null, 2, null, local);
        try (DatabasePools pools = new DatabasePools(List.of(settings))) {
            return new LogErrors(pools.database("shore"), Work.unattended("test"), state, Clock.systemUTC()).read(plan);
        }
    }

    private static List<String> codes(Review review) {
        return review.findings().stream().map(ReviewFinding::code).toList();
    }

    private static ReviewFinding one(Review review, String code) {
        return review.findings().stream()
                .filter(f -> f.code().equals(code))
                .findFirst()
                .orElseThrow(() -> new AssertionError(code + " is not in " + review.findings()));
    }
}
