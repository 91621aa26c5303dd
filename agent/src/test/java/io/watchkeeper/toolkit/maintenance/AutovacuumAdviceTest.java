package io.watchkeeper.toolkit.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Ratio;
import java.sql.SQLException;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutovacuumAdviceTest {

    private static final Work WORK = Work.unattended("advice test");
    private static final List<String> ALL = List.of("public.*");

    private DatabasePools pools;
    private Database database;
    private AutovacuumAdvice advice;

    @BeforeEach
    void open() throws Exception {
        pools = TestServers.freshFleet();
        database = pools.database("shore");
        advice = new AutovacuumAdvice(database, WORK);
        sql("create table small (i int); insert into small select generate_series(1, 100);"
                + " create table \"Large\" (i int); insert into \"Large\" select generate_series(1, 20000); analyze");
    }

    @AfterEach
    void close() {
        pools.close();
    }

    @Test
    void proposesSharesForLargeTablesAndChangesNothing() throws Exception {
        Review review = advice.advise(ALL, AutovacuumRules.DEFAULT);

        assertThat(review.status()).isEqualTo("warn");
        assertThat(review.summary()).isEqualTo("2 tables looked at, 1 would be better off with settings of their own");
        assertThat(review.findings()).singleElement().satisfies(one -> {
            assertThat(one.message())
                    .isEqualTo("public.\"Large\": vacuumed after 4,050 dead rows of 20,000, better after 1,050;"
                            + " analyzed after 2,050 changed rows of 20,000, better after 450");
            assertThat(one.remedy())
                    .isEqualTo("ALTER TABLE public.\"Large\" SET (autovacuum_vacuum_scale_factor = 0.05,"
                            + " autovacuum_analyze_scale_factor = 0.02);");
        });
        assertThat(options("Large")).isEqualTo("");
    }

    @Test
    void appliesOnceAndTakesItBack() throws Exception {
        List<PlannedAction> planned = advice.describe(ALL, AutovacuumRules.DEFAULT);
        assertThat(planned)
                .singleElement()
                .satisfies(one -> assertThat(one.lock()).isEqualTo(LockLevel.SHARE_UPDATE_EXCLUSIVE));

        Review applied = advice.apply(ALL, AutovacuumRules.DEFAULT);
        assertThat(applied.status()).isEqualTo("ok");
        assertThat(applied.summary()).isEqualTo("2 tables looked at, 1 got settings of their own, all is well");
        assertThat(options("Large"))
                .isEqualTo("autovacuum_analyze_scale_factor=0.02 autovacuum_vacuum_scale_factor=0.05");
        assertThat(advice.describe(ALL, AutovacuumRules.DEFAULT)).isEmpty();

        assertThat(advice.describeUndo(ALL))
                .extracting(PlannedAction::sql)
                .containsExactly("ALTER TABLE public.\"Large\" RESET (autovacuum_analyze_scale_factor,"
                        + " autovacuum_vacuum_scale_factor)");
        advice.undo(ALL);
        assertThat(options("Large")).isEqualTo("");
        assertThat(advice.undo(ALL).summary()).isEqualTo("nothing to undo");
    }

    @Test
    void whatAPersonHasSetStaysUnlessTold() throws Exception {
        sql("alter table \"Large\" set (autovacuum_vacuum_scale_factor = 0.3)");

        Review review = advice.apply(ALL, AutovacuumRules.DEFAULT);
        assertThat(review.findings())
                .extracting(ReviewFinding::message)
                .contains("public.\"Large\" has what somebody has set: autovacuum_vacuum_scale_factor=0.3");
        assertThat(options("Large"))
                .isEqualTo("autovacuum_analyze_scale_factor=0.02 autovacuum_vacuum_scale_factor=0.3");

        advice.apply(ALL, new AutovacuumRules(Ratio.percent(5), Ratio.percent(2), 10_000, 20_000_000, 80, true));
        assertThat(options("Large"))
                .isEqualTo("autovacuum_analyze_scale_factor=0.02 autovacuum_vacuum_scale_factor=0.05");

        // Back comes what the person had set; what a person has changed since is left.
        sql("alter table \"Large\" set (autovacuum_analyze_scale_factor = 0.5)");
        advice.undo(ALL);
        assertThat(options("Large"))
                .isEqualTo("autovacuum_analyze_scale_factor=0.5 autovacuum_vacuum_scale_factor=0.3");
    }

    @Test
    void aHugeTableGetsAFixedNumberOfRows() throws Exception {
        AutovacuumRules rules = new AutovacuumRules(Ratio.percent(5), Ratio.percent(2), 1_000, 10_000, 80, false);

        advice.apply(ALL, rules);

        assertThat(options("Large"))
                .isEqualTo("autovacuum_analyze_scale_factor=0 autovacuum_analyze_threshold=200"
                        + " autovacuum_vacuum_scale_factor=0 autovacuum_vacuum_threshold=500");
        assertThat(advice.advise(ALL, rules).status()).isEqualTo("ok");
    }

    @Test
    void fillfactorForTablesWhoseUpdatesFindNoRoom() throws Exception {
        sql("alter table \"Large\" set (autovacuum_enabled = off); create index on \"Large\" (i)");
        sql("update \"Large\" set i = i + 1");
        Awaitility.await().until(() -> number("select n_tup_upd from pg_stat_user_tables where relname = 'Large'") > 0);

        Review review = advice.advise(ALL, AutovacuumRules.DEFAULT);

        assertThat(review.findings())
                .extracting(ReviewFinding::code)
                .containsExactlyInAnyOrder("autovacuumOff", "settings");
        assertThat(review.remedy()).anyMatch(remedy -> remedy.contains("fillfactor = 80"));
    }

    @Test
    void aLockedTableIsToldOfAndDoesNotStopTheOthers() throws Exception {
        sql("create table other (i int); insert into other select generate_series(1, 20000); analyze other");
        try (Session holder = database.open(Work.unattended("someone else"))) {
            holder.begin();
            holder.update("lock table \"Large\" in share update exclusive mode");

            Review review = advice.apply(ALL, AutovacuumRules.DEFAULT);

            assertThat(review.findings())
                    .filteredOn(one -> one.code().equals("notApplied"))
                    .singleElement()
                    .satisfies(one -> assertThat(one.message()).contains("'someone else'"));
        }
        assertThat(options("other")).contains("autovacuum_vacuum_scale_factor=0.05");
        assertThat(options("Large")).isEmpty();
        assertThat(number("select count(*) from watchkeeper.autovacuum_settings where table_name like '%Large%'"))
                .isZero();
    }

    @Test
    void aTableOfSomebodyElseIsAFindingForItsOwner() throws Exception {
        String role = "advised_" + ProcessHandle.current().pid();
        sql("create role " + role + " login");
        try (DatabasePools other = new DatabasePools(
                List.of(new DatabaseSettings("shore", database.settings().url(), role, null, 2, null, true)))) {
            Review review = new AutovacuumAdvice(other.database("shore"), WORK).apply(ALL, AutovacuumRules.DEFAULT);

            assertThat(review.findings()).singleElement().satisfies(one -> {
                assertThat(one.code()).isEqualTo("notOwner");
                assertThat(one.remedy()).contains("-- as the owner of");
            });
        } finally {
            sql("drop role " + role);
        }
    }

    private String options(String table) throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.one(
                    "select coalesce(string_agg(o, ' ' order by o), '') from pg_class c, unnest(c.reloptions) o where relname = ?",
                    row -> row.getString(1),
                    table);
        }
    }

    private long number(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.one(sql, row -> row.getLong(1));
        }
    }

    private void sql(String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            session.update(sql);
            session.query("select pg_stat_force_next_flush()");
        }
    }
}
