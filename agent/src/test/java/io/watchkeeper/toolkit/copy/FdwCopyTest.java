package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.TableShape;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies in which the target's server reads the source itself. */
class FdwCopyTest {

    private static final CopyPlan T = CopyPlan.of(TableName.parse("t")).with(o -> o.withMethod(CopyMethod.FDW));

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
        fleet.on("ship", "create extension postgres_fdw");
    }

    @AfterEach
    void close() {
        assertNothingLeft(fleet);
        fleet.close();
    }

    static void assertNothingLeft(Fleet fleet) {
        assertThat(fleet.rows("ship", "select srvname from pg_foreign_server")).isEmpty();
        assertThat(fleet.rows("ship", "select umid from pg_user_mappings")).isEmpty();
        assertThat(fleet.rows("ship", "select relname from pg_class where relname like 'watchkeeper%'"))
                .isEmpty();
    }

    private CopyResult copy(UnaryOperator<CopyOptions> change) throws Exception {
        return fleet.copy(T.with(change));
    }

    private CopyResult copy() throws Exception {
        return fleet.copy(T);
    }

    private void assertSame() {
        assertThat(fleet.rows("ship", "select * from t order by 1"))
                .isEqualTo(fleet.rows("shore", "select * from t order by 1"));
    }

    @Test
    void replacesTheTargetsRowsVerifiesRebuildsIndexesAndAnalyzes() throws Exception {
        fleet.both("create table t (id int primary key, name text)");
        fleet.on("shore", "insert into t select i, 'name ' || i from generate_series(1, 30000) i; analyze t");
        fleet.on("ship", "insert into t values (1, 'old'), (99999, 'gone ashore')");

        CopyResult result = copy();

        assertSame();
        assertThat(result.rowsRead()).isEqualTo(30_000);
        assertThat(result.rowsWritten()).isEqualTo(30_000);
        assertThat(result.verified()).isTrue();
        assertThat(result.format()).isEqualTo(CopyFormat.TEXT);
        assertThat(result.notes()).isEmpty();
        assertThat(result.stages())
                .containsOnlyKeys(
                        CopyResult.Stage.EXTRACT,
                        CopyResult.Stage.LOAD,
                        CopyResult.Stage.INDEX,
                        CopyResult.Stage.VERIFY,
                        CopyResult.Stage.ANALYZE);
        assertThat(fleet.value("ship", "select conname from pg_constraint where conrelid = 't'::regclass"))
                .isEqualTo("t_pkey");
    }

    @Test
    void everyBuiltInTypeArrivesUnchanged() throws Exception {
        EveryType.fill(fleet);
        // The server's own settings must not change what values look like on their way.
        String database = fleet.value("shore", "select current_database()");
        fleet.on(
                "shore",
                "alter database " + database + " set bytea_output = escape; alter database " + database
                        + " set intervalstyle = iso_8601");

        assertThat(copy().verified()).isTrue();

        fleet.on("shore", "alter database " + database + " reset all");
        assertThat(fleet.rows("ship", "select * from t")).isEqualTo(fleet.rows("shore", "select * from t"));
    }

    @Test
    void textIsWhatTheTargetsTypesRead() throws Exception {
        fleet.on("shore", """
                create type mood as enum ('good', 'bad'); create domain small as varchar(4);
                create table t (id int, as_there_1 int, c char(5), e mood, n numeric(10,2), s small, dropped int, ip inet);
                alter table t drop column dropped;
                insert into t values (1, 2, 'ab', 'bad', 1.50, 'x', '10.0.0.1'), (2, null, null, null, null, null, null)""");
        fleet.on("ship", """
                create table t (ip text, s varchar(4), n numeric, e text, c text, as_there_1 bigint, id bigint primary key,
                  twice bigint generated always as (id * 2) stored)""");

        assertThat(copy(o -> o.withStrategy(CopyStrategy.APPEND)
                                .withColumns(List.of("id", "as_there_1", "c", "e", "n", "s")))
                        .verified())
                .isTrue();

        // As COPY would have it: a char's blanks are part of its text.
        assertThat(fleet.rows("ship", "select id, as_there_1, '[' || c || ']', e, n, s, twice from t order by id"))
                .containsExactly("1|2|[ab   ]|bad|1.50|x|2", "2|null|null|null|null|null|4");
    }

    @Test
    void valuesTheTargetHasNoRoomForAreRefusedAndNotCut() {
        fleet.on("shore", "create table t (v varchar(10)); insert into t values ('abcdef')");
        fleet.on("ship", "create table t (v varchar(5))");

        assertThatThrownBy(this::copy)
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("value too long for type character varying(5)");
    }

    @Test
    void partitionsIdentitiesSequencesAndOddNames() throws Exception {
        String odd = "\"Odd Schema\".\"T 'x' \\ 1\"";
        fleet.both("create schema \"Odd Schema\"; create table " + odd
                + " (id int generated always as identity, \"a\"\"b, 'c\" text, \"select\" int, \"컬럼\" text)"
                + " partition by list (\"select\"); create table p1 partition of " + odd
                + " for values in (1); create table p2 partition of " + odd + " for values in (2)");
        fleet.on(
                "shore",
                "insert into " + odd
                        + " (\"a\"\"b, 'c\", \"select\", \"컬럼\") select 'x' || i, 1 + i % 2, '값' from generate_series(1, 7) i");

        CopyResult result = fleet.copy(CopyPlan.of(TableName.parse(odd))
                .with(o -> o.withMethod(CopyMethod.FDW).withWhere("\"select\" > 0 and \"컬럼\" <> ''")));

        assertThat(result.rowsWritten()).isEqualTo(7);
        assertThat(result.notes()).isEmpty();
        assertThat(fleet.rows("ship", "select * from " + odd + " order by 1"))
                .isEqualTo(fleet.rows("shore", "select * from " + odd + " order by 1"));
        fleet.on("ship", "insert into " + odd + " (\"select\") values (1)");
        assertThat(fleet.value("ship", "select max(id) from " + odd)).isEqualTo("8");
    }

    @Test
    void tablesTiedByForeignKeysGoTogether() throws Exception {
        fleet.both("create table a (id int primary key); create table b (id int primary key, a int references a)");
        fleet.on(
                "shore",
                "insert into a select generate_series(1, 50); insert into b select i, i from generate_series(1, 50) i");

        TableSetResult result = new TableSetCopier(fleet.shore(), fleet.ship(), Fleet.WORK)
                .copy(new TableSetPlan(List.of("public.*"), List.of(), T.options()));

        assertThat(result.failure()).isEmpty();
        assertThat(fleet.value("ship", "select count(*) from b join a on a.id = b.a"))
                .isEqualTo("50");
    }

    @Test
    void rowsAreMergedByTheirKey() throws Exception {
        fleet.both("create table t (id int generated always as identity primary key, doc text)");
        fleet.on("shore", "insert into t (doc) values ('same'), ('new'), ('added')");
        fleet.on(
                "ship",
                "insert into t (doc) values ('same'), ('old'); insert into t overriding system value values (9, 'own')");

        CopyResult result = copy(o -> o.withStrategy(CopyStrategy.MERGE));

        assertThat(result.rowsRead()).isEqualTo(3);
        assertThat(result.rowsWritten()).isEqualTo(2);
        assertThat(fleet.rows("ship", "select * from t order by id"))
                .containsExactly("1|same", "2|new", "3|added", "9|own");
    }

    @Test
    void theSourceEvaluatesTheConditionAndSendsTheCopiedColumnsOnly() throws Exception {
        fleet.both("create table t (id int, wide text, other int, kind text)");
        fleet.on("shore", "insert into t select i, repeat('x', 100), i, 'k' || i % 2 from generate_series(1, 100) i");
        CopyPlan plan =
                T.with(o -> o.withWhere("kind = 'k1' and t.id > 10 -- half").withColumns(List.of("id", "kind")));

        CopyResult result = fleet.copy(plan);

        assertThat(result.rowsWritten()).isEqualTo(45);
        assertThat(result.notes()).isEmpty();
        try (Session from = fleet.shore().open(Fleet.WORK);
                Session to = fleet.ship().open(Fleet.WORK)) {
            to.begin();
            PreparedCopy copy = prepared(plan, from, to);
            ForeignServer server = ForeignServer.open(from, to, List.of(copy));
            assertThat(server).isNotNull();
            PushDown pushed =
                    PushDown.explain(to, new FdwTable(copy, copy.source().name(), 1));
            assertThat(pushed.remote())
                    .isEqualTo("SELECT id, kind FROM public.t WHERE ((id > 10)) AND ((kind = 'k1'))");
            assertThat(pushed.filter()).isNull();
            to.rollback();
        }
    }

    private static PreparedCopy prepared(CopyPlan plan, Session from, Session to) throws Exception {
        TableShape there = TableShape.read(to, plan.to());
        return new CopyPreparation(
                        plan,
                        TableShape.read(from, plan.from()),
                        there,
                        from.database(),
                        to.database(),
                        ServerPair.read(from, to))
                .prepare(Set.of(there));
    }

    @Test
    void aConditionTheTargetHasToEvaluateIsSaid() throws Exception {
        fleet.both("create table t (id int, at timestamptz)");
        fleet.on("shore", "insert into t values (1, now() - interval '1 day'), (2, '2001-01-01')");

        CopyResult result = copy(o -> o.withWhere("id > 0 and at > now() - interval '1 week'"));

        assertThat(result.rowsWritten()).isEqualTo(1);
        assertThat(result.notes())
                .singleElement()
                .asString()
                .startsWith("not evaluated by the source: (t.at > (now() - '7 days'::interval))")
                .contains("constants instead of now()");
    }

    @Test
    void operatorsOfAnExtensionBothHaveAreSentAlong() throws Exception {
        fleet.both("create extension ltree; create table t (id int, p ltree)");
        fleet.on("shore", "insert into t values (1, 'a.b'), (2, 'c')");

        CopyResult result = copy(o -> o.withWhere("p <@ 'a'"));

        assertThat(result.rowsWritten()).isEqualTo(1);
        assertThat(result.notes()).isEmpty();
    }

    @Test
    void aConditionThatWouldMeanOtherTablesOrUnknownThingsIsRefused() {
        fleet.both("create table t (id int); create table other (id int)");
        fleet.on("shore", "create function only_here(int) returns bool immutable language sql as 'select true'");
        fleet.on("ship", "insert into t values (7)");

        assertThatThrownBy(() -> copy(o -> o.withWhere("id in (select id from other)")))
                .hasMessageContaining(
                        "the condition on public.t reads other, and with method fdw that would be the one of 'ship'");
        assertThatThrownBy(() -> copy(o -> o.withWhere("only_here(id)")))
                .hasMessageContaining("'ship' cannot read the condition on public.t: function only_here(integer)");
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("7");
    }

    @Test
    void rowsChangedAsTheCopyBeginsAreComparedInTheSnapshotTheyWereReadIn() throws Exception {
        fleet.both("create table t (id int, doc text)");
        fleet.on("shore", "insert into t select i, 'x' from generate_series(1, 100) i");
        try (Session from = fleet.shore().open(Fleet.WORK);
                Session to = fleet.ship().open(Fleet.WORK)) {
            PreparedCopy copy = prepared(T, from, to);
            SourceSnapshot snapshot = SourceSnapshot.open(from, List.of(copy.source()), false);
            from.query("select 1");
            fleet.on("shore", "insert into t values (101, 'late'); update t set doc = 'later' where id = 1");

            CopyResult result = new CopyTransaction(snapshot, to, new RateLimit(null, Fleet.WORK))
                    .run(List.of(copy), TargetTurn.FREE)
                    .get(0);

            assertThat(result.rowsWritten()).isEqualTo(101);
            assertThat(result.verified()).isTrue();
            assertThat(result.notes()).singleElement().asString().contains("read a second time");
            snapshot.close();
        }
        assertSame();
    }

    @Test
    void aTargetThatChangesRowsIsFoundOut() {
        fleet.both("create table t (id int, doc text)");
        fleet.on("shore", "insert into t values (1, 'right')");
        fleet.on("ship", """
                create function spoil() returns trigger language plpgsql as 'begin new.doc := ''wrong''; return new; end';
                create trigger spoil before insert on t for each row execute function spoil();
                alter table t enable always trigger spoil; insert into t values (7, 'before')""");

        assertThatThrownBy(this::copy).hasMessageContaining("does not match after copying");
        assertThat(fleet.value("ship", "select doc from t where id = 1 union all select 'none'"))
                .isEqualTo("none");
    }

    @Test
    void whatPostgresFdwWouldReadOrWriteDifferentlyIsRefused() {
        fleet.both("create table t (id int)");
        fleet.on("shore", "create table child () inherits (t)");
        assertThatThrownBy(this::copy)
                .hasMessageContaining("inherit from t, and postgres_fdw would read their rows too");

        fleet.on("shore", "drop table child");
        fleet.on("ship", "create rule r as on insert to t do instead nothing; alter table t enable always rule r");
        assertThatThrownBy(this::copy).hasMessageContaining("rewrite what is inserted: r on t");
    }

    @Test
    void optionsThatNeedTheRowsToPassTheAgentAreRefused() {
        fleet.both("create table t (id int)");

        assertThatThrownBy(() -> copy(o -> o.withResume(true)))
                .hasMessageContaining("resume does not go with method fdw");
        assertThatThrownBy(() -> copy(o -> o.withFormat(CopyFormat.BINARY)))
                .hasMessageContaining("postgres_fdw moves rows as text");
        assertThatThrownBy(() -> copy(o -> o.withMethod(CopyMethod.COPY).withSourceAddress("h:1")))
                .hasMessageContaining("with method copy it does not look for it");
        assertThatThrownBy(() -> copy(o -> o.withSourceAddress("h:x y")))
                .hasMessageContaining("'h:x y' is no address of a server");
    }

    @Test
    void theSourceMayHaveAnotherAddressFromThere() throws Exception {
        fleet.both("create table t (id int)");
        fleet.on("shore", "insert into t values (1)");
        String socket = fleet.value("shore", "show unix_socket_directories") + ":"
                + TestServers.shore().port();

        assertThat(copy(o -> o.withSourceAddress(socket)).rowsWritten()).isEqualTo(1);
        assertThatThrownBy(() -> copy(o -> o.withSourceAddress("127.0.0.1:1")))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("the server of 'ship' cannot read 'shore' at 127.0.0.1:1");
                    assertThat(e.hint()).contains("sourceAddress 'host:port'");
                });
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1");
    }

    @Test
    void aDryRunSaysEveryStatementInOrderAndChangesNothing() throws Exception {
        fleet.both("create table t (id int primary key)");

        List<String> statements = new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork())
                .describe(T.with(o -> o.withWhere("id > 5"))).stream()
                        .map(PlannedAction::sql)
                        .toList();

        assertThat(statements.stream().map(sql -> sql.split(" ")[0] + " " + sql.split(" ")[1]))
                .containsExactly(
                        "LOCK TABLE",
                        "CREATE SERVER",
                        "CREATE USER",
                        "CREATE FOREIGN",
                        "TRUNCATE ONLY",
                        "INSERT INTO",
                        "SELECT coalesce(sum(n),",
                        "SELECT count(*),",
                        "DROP FOREIGN",
                        "DROP USER",
                        "DROP SERVER",
                        "ANALYZE public.t");
        assertThat(statements.get(5))
                .isEqualTo("INSERT INTO public.t (id) SELECT id FROM pg_temp.watchkeeper_1 AS t WHERE (id > 5\n)");
    }
}
