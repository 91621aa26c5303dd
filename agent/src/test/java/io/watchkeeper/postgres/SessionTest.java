package io.watchkeeper.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionTest {

    private String databaseName;
    private DatabasePools pools;
    private Database database;

    @BeforeEach
    void connect() {
        databaseName = TestServers.freshDatabase(TestServers.shore());
        DatabaseSettings settings =
                new DatabaseSettings("shore", TestServers.shore().url(databaseName), "postgres", null, 2, null, true);
        pools = new DatabasePools(List.of(settings));
        database = pools.database("shore");
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void carriesNameTimeoutsAndLockTimeout() throws Exception {
        StoppableWork work = new StoppableWork("watchkeeper nightly 01ABC").timeLeft(Duration.ofSeconds(58));
        try (Session session = database.open(work)) {
            assertThat(setting(session, "application_name")).isEqualTo("watchkeeper nightly 01ABC");
            assertThat(setting(session, "statement_timeout")).isEqualTo("1min");
            assertThat(setting(session, "lock_timeout")).isEqualTo("5s");
            assertThat(setting(session, "idle_in_transaction_session_timeout")).isEqualTo("10min");
        }
    }

    @Test
    void isNotEndedForBeingIdleBetweenItsTransactions() throws Exception {
        TestServers.execute(
                TestServers.shore(),
                databaseName,
                "alter database " + databaseName + " set idle_session_timeout = '10min'");
        try (Session session = database.open(Work.unattended("idle"))) {
            assertThat(setting(session, "idle_session_timeout")).isEqualTo("0");
        }
    }

    @Test
    void leavesNothingToTheNextBorrower() throws Exception {
        int pid;
        try (Session session = database.open(Work.unattended("first"))) {
            pid = pid(session);
            session.update("create temp table t (i int); select pg_advisory_lock(7); set work_mem = '1MB'; listen x");
            session.begin();
            session.update("create table uncommitted (i int); set role pg_monitor");
        }
        try (Session session = database.open(new StoppableWork("second"))) {
            assertThat(pid(session)).isEqualTo(pid);
            assertThat(setting(session, "work_mem")).isEqualTo("4MB");
            assertThat(session.query("select current_user::text as u, pg_listening_channels() as l"))
                    .isEmpty();
            assertThat(session.query("select current_user::text as u").get(0)).containsEntry("u", "postgres");
            assertThat(session.query("select relname from pg_class where relname in ('t', 'uncommitted')"))
                    .isEmpty();
            assertThat(session.query("select 1 from pg_locks where locktype = 'advisory' and pid = " + pid))
                    .isEmpty();
            assertThat(session.connection().getAutoCommit()).isTrue();
        }
        assertThat(applicationNames()).contains("watchkeeper").doesNotContain("first", "second");
    }

    @Test
    void stoppingTheWorkCancelsTheStatementOnTheServer() throws Exception {
        StoppableWork work = new StoppableWork("sleeper");
        CompletableFuture<Object> asleep = CompletableFuture.supplyAsync(() -> {
            try (Session session = database.open(work)) {
                return session.query("select pg_sleep(60)");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await().until(() -> activeStatements("sleeper") == 1);

        work.stop();

        assertThatThrownBy(() -> asleep.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(WorkCancelledException.class);
        await().until(() -> !applicationNames().contains("sleeper"));
    }

    @Test
    void aStopBetweenTwoStatementsStopsTheNextOne() throws Exception {
        StoppableWork work = new StoppableWork("between");
        try (Session session = database.open(work)) {
            session.query("select 1");
            work.stop();
            assertThatThrownBy(() -> session.query("select 1")).isInstanceOf(WorkCancelledException.class);
        }
    }

    @Test
    void aStopThatOvertakesItsStatementStillCancelsIt() throws Exception {
        StoppableWork work = new StoppableWork("overtaken");
        try (Session session = database.open(work)) {
            work.stop();
            // As if the statement had been on its way when the work was told to stop: nothing looked before sending it.
            assertThatThrownBy(() -> session.connection().createStatement().execute("select pg_sleep(60)"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        }
    }

    @Test
    void aConnectionCutByTheServerIsNotLentAgain() throws Exception {
        try (Session session = database.open(Work.unattended("cut"))) {
            TestServers.execute(TestServers.shore(), databaseName, "select pg_terminate_backend(" + pid(session) + ")");
            assertThatThrownBy(() -> session.query("select 1"))
                    .satisfies(e -> assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE));
        }
        try (Session session = database.open(Work.unattended("next"))) {
            assertThat(session.query("select 1 as one")).containsExactly(Map.of("one", 1));
        }
    }

    @Test
    void bindsWhatRunbooksHandOver() throws Exception {
        try (Session session = database.open(Work.unattended("bind"))) {
            Map<String, Object> row = session.query(
                            """
                    select ?::int as number, ?::text as word, ?::timestamptz at time zone 'UTC' as moment,
                           ?::interval as span, ?::bigint as size, 'b' = any(?) as member, ?::text is null as nothing,
                           (select count(*) from pg_class where oid = ?) as by_text, ?::uuid as id""",
                            "7",
                            "o'clock; drop table x",
                            Instant.parse("2026-01-31T10:00:00Z"),
                            Duration.ofMinutes(90),
                            Bytes.kilobytes(2),
                            List.of("a", "b", "c \"d\\"),
                            null,
                            "1259",
                            "00000000-0000-0000-0000-000000000001")
                    .get(0);

            assertThat(row)
                    .containsEntry("number", 7)
                    .containsEntry("word", "o'clock; drop table x")
                    .containsEntry("moment", "2026-01-31T10:00:00")
                    .containsEntry("span", "01:30:00")
                    .containsEntry("size", 2048L)
                    .containsEntry("member", true)
                    .containsEntry("nothing", true)
                    .containsEntry("by_text", 1L)
                    .containsEntry("id", "00000000-0000-0000-0000-000000000001");
        }
    }

    @Test
    void readsValuesThatJsonCanHold() throws Exception {
        try (Session session = database.open(Work.unattended("read"))) {
            session.update("set time zone 'Asia/Seoul'");
            Map<String, Object> row = session.query("""
                    select 1::int2 as small, 2::int8 as big, 1.50::numeric as exact, 'NaN'::numeric as nan, 0.5::float8 as half,
                           'infinity'::float8 as inf, '2026-01-31 01:02:03+00'::timestamptz as at, date '2026-01-31' as day,
                           '{"a": 1}'::jsonb as doc, array[1,null,3] as list, array[['a','b']] as nested, '\\x00ff'::bytea as raw,
                           null as nothing, 1 as twice, 2 as twice""").get(0);

            assertThat(row)
                    .containsEntry("small", 1)
                    .containsEntry("big", 2L)
                    .containsEntry("exact", new BigDecimal("1.50"))
                    .containsEntry("nan", "NaN")
                    .containsEntry("half", 0.5)
                    .containsEntry("inf", "Infinity")
                    .containsEntry("at", "2026-01-31T10:02:03+09:00")
                    .containsEntry("day", "2026-01-31")
                    .containsEntry("doc", "{\"a\": 1}")
                    .containsEntry("list", Arrays.asList(1, null, 3))
                    .containsEntry("nested", List.of(List.of("a", "b")))
                    .containsEntry("raw", "\\x00ff")
                    .containsEntry("nothing", null)
                    .containsEntry("twice", 1)
                    .containsEntry("twice_2", 2);
        }
    }

    @Test
    void countsTheRowsOfSeveralStatements() throws Exception {
        try (Session session = database.open(Work.unattended("update"))) {
            session.update("create table t (i int)");
            assertThat(session.update(
                            "insert into t select generate_series(1, 5); select 1; delete from t where i < 3"))
                    .isEqualTo(7);
        }
    }

    @Test
    void aResultThatWouldFillTheMemoryIsRefusedAndTheNextOneRead() throws Exception {
        try (Session session = database.open(Work.unattended("large"))) {
            assertThatThrownBy(() -> session.query("select repeat('x', 10000000) from generate_series(1, 100)"))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("more than fits into memory");
        }
        try (Session session = database.open(Work.unattended("next"))) {
            assertThat(session.query("select 1 as one")).containsExactly(Map.of("one", 1));
        }
    }

    @Test
    void aParameterOfUnknownTypeIsExplained() throws Exception {
        try (Session session = database.open(Work.unattended("typeless"))) {
            assertThatThrownBy(() -> session.query("select jsonb_build_object('a', ?)", "x"))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("?::text"));
        }
    }

    private static String setting(Session session, String name) throws SQLException {
        return session.one("select current_setting(?)", row -> row.getString(1), name);
    }

    private static int pid(Session session) throws SQLException {
        return session.one("select pg_backend_pid()", row -> row.getInt(1));
    }

    private List<String> applicationNames() throws SQLException {
        return activity("select application_name from pg_stat_activity where datname = current_database()");
    }

    private int activeStatements(String applicationName) throws SQLException {
        return activity("select query from pg_stat_activity where state = 'active' and query like '%pg_sleep%'"
                        + " and application_name = '" + applicationName + "'")
                .size();
    }

    private List<String> activity(String sql) throws SQLException {
        try (Connection connection = TestServers.connect(TestServers.shore(), databaseName);
                var rows = connection.createStatement().executeQuery(sql)) {
            List<String> result = new java.util.ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }
}
