package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableCopierTest {

    private static final CopyPlan T = CopyPlan.of(TableName.parse("public.t"));

    private Fleet fleet;

    @BeforeEach
    void open() {
        fleet = new Fleet();
    }

    @AfterEach
    void close() {
        fleet.close();
    }

    @Test
    void replacesTheTargetsRowsVerifiesAndAnalyzes() throws Exception {
        fleet.both("create table t (id int primary key, name text)");
        fleet.on("shore", "insert into t select i, 'name ' || i from generate_series(1, 5000) i");
        fleet.on("ship", "insert into t values (1, 'old'), (9999, 'gone ashore')");

        CopyResult result = fleet.copy(T);

        assertThat(fleet.rows("ship", "select * from t order by id"))
                .isEqualTo(fleet.rows("shore", "select * from t order by id"));
        assertThat(fleet.value("ship", "select reltuples::int from pg_class where relname = 't'"))
                .isEqualTo("5000");
        assertThat(result.rowsRead()).isEqualTo(5000);
        assertThat(result.rowsWritten()).isEqualTo(5000);
        assertThat(result.bytes()).isBetween(100_000L, 200_000L);
        assertThat(result.verified()).isTrue();
        assertThat(result.format()).isEqualTo(CopyFormat.BINARY);
        assertThat(result.fields())
                .containsKeys("durationMs", "rowsPerSecond", "stages", "differences")
                .containsEntry("table", "public.t")
                .containsEntry("from", "shore")
                .containsEntry("to", "ship")
                .containsEntry("mode", "truncate")
                .containsEntry("format", "binary")
                .containsEntry("verified", true)
                .doesNotContainKeys("notes", "targetTable");
        assertThat(result.fields().get("stageDetails"))
                .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
                .containsOnlyKeys("extract", "load", "verify", "analyze")
                .hasEntrySatisfying(
                        "load",
                        load -> assertThat(load)
                                .asInstanceOf(InstanceOfAssertFactories.map(String.class, Object.class))
                                .containsEntry("rows", result.rowsWritten())
                                .containsEntry("bytes", result.bytes())
                                .containsKeys("ms", "rowsPerSecond"));
        assertThat(result.fields().get("stages"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsOnlyKeys("extract", "load", "verify", "analyze");
    }

    @Test
    void everyBuiltInTypeArrivesUnchangedInBothForms() throws Exception {
        EveryType.fill(fleet);

        CopyResult whole = fleet.copy(T);
        assertThat(whole.format()).isEqualTo(CopyFormat.TEXT);
        assertThat(whole.notes())
                .singleElement()
                .asString()
                .contains(
                        "rc (regclass holds object ids",
                        "ac (aclitem has no binary form",
                        "ea (mood[]'s binary form",
                        "p (pair's");
        assertSame();

        // PostgreSQL wants binary forms of all the target's columns, not just of those it is given.
        assertThat(fleet.copy(T.with(o -> o.withColumns(List.of("i4")))).format())
                .isEqualTo(CopyFormat.TEXT);
        fleet.both("alter table t drop column ac");

        String textOnly = "m,ea,p,rc,rt,tq,ov";
        List<String> portable = fleet.rows(
                "shore",
                "select attname from pg_attribute where attrelid = 't'::regclass and attnum > 0 and not attisdropped"
                        + " and attname <> all (string_to_array('" + textOnly + "', ','))");
        CopyResult binary = fleet.copy(T.with(o -> o.withColumns(portable)).with(o -> o.withFormat(CopyFormat.BINARY)));
        assertThat(binary.format()).isEqualTo(CopyFormat.BINARY);
        String columns = String.join(",", portable);
        assertThat(fleet.rows("ship", "select " + columns + " from t"))
                .isEqualTo(fleet.rows("shore", "select " + columns + " from t"));
    }

    private void assertSame() {
        assertThat(fleet.rows("ship", "select * from t")).isEqualTo(fleet.rows("shore", "select * from t"));
    }

    @Test
    void namesMayBeOdd() throws Exception {
        String ddl =
                "create schema \"Odd Schema\"; create table \"Odd Schema\".\"T 1\" (\"select\" int, \"a\"\"b\" text, \"컬럼\" text, \"A,b\" int)";
        fleet.both(ddl);
        fleet.on("shore", "insert into \"Odd Schema\".\"T 1\" values (1, 'x', '값', 2)");

        CopyResult result = fleet.copy("\"Odd Schema\".\"T 1\"");

        assertThat(result.table().toString()).isEqualTo("\"Odd Schema\".\"T 1\"");
        assertThat(fleet.rows("ship", "table \"Odd Schema\".\"T 1\"")).containsExactly("1|x|값|2");
    }

    @Test
    void anEmptyTableEmptiesTheTarget() throws Exception {
        fleet.both("create table t (id int)");
        fleet.on("ship", "insert into t values (1)");

        CopyResult result = fleet.copy(T);

        assertThat(result.rowsWritten()).isZero();
        assertThat(result.verified()).isTrue();
        assertThat(fleet.rows("ship", "select * from t")).isEmpty();
    }

    @Test
    void columnsGoByNameWhateverTheirOrderDroppedAndGeneratedOnes() throws Exception {
        fleet.on(
                "shore",
                "create table t (gone int, id int, price int, twice int generated always as (price * 2) stored, note text);"
                        + " alter table t drop column gone; insert into t values (1, 10, default, 'a')");
        fleet.on(
                "ship",
                "create table t (note text, extra text default 'kept', twice int generated always as (price * 2) stored,"
                        + " price int, x int, id int); alter table t drop column x");

        fleet.copy(T);

        assertThat(fleet.rows("ship", "select id, price, twice, note, extra from t"))
                .containsExactly("1|10|20|a|kept");
    }

    @Test
    void aComputedColumnBecomesAPlainOneWithItsValues() throws Exception {
        fleet.on(
                "shore",
                "create table t (id int, twice int generated always as (id * 2) stored); insert into t values (4)");
        fleet.on("ship", "create table t (id int, twice int)");

        fleet.copy(T);

        assertThat(fleet.rows("ship", "select * from t")).containsExactly("4|8");
    }

    @Test
    void identityValuesStayAndSequencesMoveOn() throws Exception {
        fleet.both(
                "create sequence own; create table t (id bigint generated always as identity, s serial, n int default nextval('own'),"
                        + " down int generated by default as identity (increment -1 minvalue -100 maxvalue 0))");
        fleet.on(
                "shore",
                "insert into t (s, n, down) overriding system value select i, i, -i from generate_series(1, 50) i");
        fleet.on("ship", "select setval('t_s_seq', 1000)");

        fleet.copy(T);
        fleet.on("ship", "insert into t default values");

        assertThat(fleet.rows("ship", "select id, s, n, down from t order by id desc limit 1"))
                .containsExactly("51|1001|51|-51");
    }

    @Test
    void typesThatPrintTheSameTravelAsText() throws Exception {
        fleet.on(
                "shore",
                "create table t (a int, b varchar(10), c int2, d float4, e numeric(10,2));"
                        + " insert into t values (1, 'x', 2, 0.1, 1.10), (null, null, null, 'NaN', 'NaN')");
        fleet.on("ship", "create table t (a bigint, b text, c numeric, d float8, e numeric(12,4))");

        CopyResult result = fleet.copy(T);

        assertThat(result.format()).isEqualTo(CopyFormat.TEXT);
        assertThat(result.notes().get(0)).contains("a (integer here and bigint there)");
        assertThat(fleet.rows("ship", "select a, b, c, d, e from t where a = 1"))
                .containsExactly("1|x|2|0.1|1.1000");
    }

    @Test
    void typesThatChangeValuesSilentlyAreRefused() {
        fleet.on("shore", "create table t (id int, at timestamptz)");
        fleet.on("ship", "create table t (id int, at date)");

        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e)
                    .hasMessage("column at of public.t is timestamp with time zone in 'shore' and date in 'ship',"
                            + " and values would change without an error");
            assertThat(e.hint()).contains("same type");
        });
    }

    @Test
    void aValueThatDoesNotFitTheOtherTypeIsFoundAndNothingChanges() {
        fleet.on("shore", "create table t (doc json); insert into t values ('{\"b\":1, \"a\":2, \"a\":3}')");
        fleet.on("ship", "create table t (doc jsonb); insert into t values ('1')");

        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining("does not match after copying: both have 1 rows");
            assertThat(e.hint()).contains("column doc is json here and jsonb there");
        });
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1");
        assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withVerify(false))))
                .hasMessageContaining("some values may change");
    }

    @Test
    void binaryOnDemandNamesTheColumnsInTheWay() {
        fleet.both("create table t (id int, c regclass)");

        assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withFormat(CopyFormat.BINARY))))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("because of c (regclass holds object ids");
                    assertThat(e.hint()).isEqualTo("use format auto or text.");
                });
    }

    @Test
    void objectReferencesMeanTheSameObjectThere() throws Exception {
        fleet.on("ship", "create table other (i int); create table filler (i int)");
        fleet.on("shore", "create schema s; create table s.x (i int); create table other (i int)");
        fleet.both("create table t (c regclass)");
        fleet.on("shore", "insert into t values ('other')");

        fleet.copy(T);

        assertThat(fleet.value("ship", "select c = 'public.other'::regclass from t"))
                .isEqualTo("t");
        fleet.on("shore", "insert into t values ('s.x')");
        assertThatThrownBy(() -> fleet.copy(T))
                .hasMessageContaining("does not exist; Where: COPY t, line 2, column c: \"s.x\"");
    }

    @Test
    void missingTablesAndColumnsAreNamedWithAHint() {
        fleet.on("shore", "create table t (id int, colour text)");
        assertThatThrownBy(() -> fleet.copy(T)).hasMessage("there is no table public.t in database 'ship'");
        fleet.on("ship", "create table t (id int)");

        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessage("public.t in database 'ship' has no column colour");
            assertThat(e.hint()).startsWith("ALTER TABLE public.t ADD COLUMN colour text; there");
        });
        assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withColumns(List.of("id", "color")))))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).startsWith("did you mean 'colour'?"));
    }

    @Test
    void aColumnThatMustHaveAValueAndGetsNoneIsRefusedBeforeAnythingHappens() {
        fleet.on("shore", "create table t (id int)");
        fleet.on("ship", "create table t (id int, must text not null)");

        assertThatThrownBy(() -> fleet.copy(T))
                .hasMessageContaining("column must of public.t in database 'ship' must not be null");
    }

    @Test
    void viewsAreRefused() {
        fleet.on("shore", "create view t as select 1 as id");
        fleet.on("ship", "create table t (id int)");

        assertThatThrownBy(() -> fleet.copy(T))
                .hasMessage("public.t in database 'shore' is a view, and only tables are copied");
    }

    @Test
    void chosenRowsColumnsAndAnotherName() throws Exception {
        fleet.on(
                "shore",
                "create table t (id int, a text, b text); insert into t select i, 'a', 'b' from generate_series(1, 10) i");
        fleet.on("ship", "create schema s; create table s.copy (id int, a text, b text default 'own')");

        CopyResult result = fleet.copy(T.withTables(TableName.parse("t"), TableName.parse("s.copy"))
                .with(o -> o.withColumns(List.of("a", "id")))
                .with(o -> o.withWhere("id % 2 = 0 -- even")));

        assertThat(result.rowsWritten()).isEqualTo(5);
        assertThat(result.verified()).isTrue();
        assertThat(result.fields()).containsEntry("targetTable", "s.copy");
        assertThat(fleet.rows("ship", "select distinct a, b from s.copy")).containsExactly("a|own");
    }

    @Test
    void appendKeepsWhatIsThereAndVerifiesWhatItAdded() throws Exception {
        fleet.both("create table t (id int primary key, a text)");
        fleet.on("shore", "insert into t select i, 'new' from generate_series(1, 10) i");
        fleet.on("ship", "insert into t values (100, 'old')");

        CopyResult result =
                fleet.copy(T.with(o -> o.withStrategy(CopyStrategy.APPEND)).with(o -> o.withWhere("id > 5")));

        assertThat(result.verified()).isTrue();
        assertThat(result.rowsWritten()).isEqualTo(5);
        assertThat(fleet.value("ship", "select count(*), max(id) from t")).isEqualTo("6|100");
        assertThatThrownBy(() -> fleet.copy(T.with(o -> o.withStrategy(CopyStrategy.APPEND))))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("duplicate key");
                    assertThat(e.hint()).contains("strategy truncate");
                });
        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("6");
    }

    @Test
    void triggersOfTheTargetStaySilent() throws Exception {
        fleet.both("create table t (id int)");
        fleet.on("shore", "insert into t values (1), (2)");
        fleet.on(
                "ship",
                "create function f() returns trigger language plpgsql as 'begin raise exception ''fired''; end';"
                        + " create trigger f before insert on t for each row execute function f();"
                        + " create trigger g before truncate on t execute function f()");

        fleet.copy(T);

        assertThat(fleet.value("ship", "select count(*) from t")).isEqualTo("2");
    }

    @Test
    void aTriggerThatTampersIsFoundAndTheTargetStaysAsItWas() {
        fleet.both("create table t (id int, a text)");
        fleet.on("shore", "insert into t values (1, 'true'), (2, 'true')");
        fleet.on(
                "ship",
                "insert into t values (7, 'before');"
                        + " create function f() returns trigger language plpgsql as 'begin new.a := ''false''; return new; end';"
                        + " create trigger f before insert on t for each row when (new.id = 2) execute function f();"
                        + " alter table t enable always trigger f");

        assertThatThrownBy(() -> fleet.copy(T)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining("both have 2 rows, and their contents differ");
            assertThat(e.hint()).contains("triggers of the target");
        });
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("7|before");
    }

    @Test
    void rowsThatATriggerDropsAreMissed() {
        fleet.both("create table t (id int)");
        fleet.on("shore", "insert into t select generate_series(1, 10)");
        fleet.on(
                "ship",
                "create function f() returns trigger language plpgsql as 'begin return null; end';"
                        + " create trigger f before insert on t for each row when (new.id > 8) execute function f();"
                        + " alter table t enable replica trigger f");

        assertThatThrownBy(() -> fleet.copy(T)).hasMessageContaining("'shore' has 10 rows and 'ship' got 8");
    }

    @Test
    void duplicateRowsAndNullsAgainstEmptyTextsAreToldApart() throws Exception {
        fleet.both("create table t (a text, b text)");
        fleet.on("shore", "insert into t values (null, ''), (null, ''), ('', null), ('a', 'b'), ('ab', '')");

        fleet.copy(T);

        assertThat(fleet.rows("ship", "select a is null, a, b from t order by 1, 2, 3"))
                .isEqualTo(fleet.rows("shore", "select a is null, a, b from t order by 1, 2, 3"));
    }

    @Test
    void manyColumnsAreVerifiedToo() throws Exception {
        StringBuilder columns = new StringBuilder("c0 int");
        for (int i = 1; i < 250; i++) {
            columns.append(", c").append(i).append(" int default ").append(i);
        }
        fleet.both("create table t (" + columns + ")");
        fleet.on("shore", "insert into t (c0) select generate_series(1, 10)");

        assertThat(fleet.copy(T).verified()).isTrue();
    }

    @Test
    void longRowsPass() throws Exception {
        fleet.both("create table t (id int, doc text)");
        fleet.on(
                "shore",
                "insert into t select i, repeat(chr(44032 + i), i * 100000) from generate_series(1, 8) i; insert into t values (0, '')");

        CopyResult result = fleet.copy(T);

        assertThat(result.rowsWritten()).isEqualTo(9);
        assertThat(result.bytes()).isGreaterThan(10_000_000);
        assertThat(fleet.rows("ship", "select id, md5(doc) from t order by id"))
                .isEqualTo(fleet.rows("shore", "select id, md5(doc) from t order by id"));
    }

    @Test
    void inheritanceChildrenAreTablesOfTheirOwn() throws Exception {
        fleet.both("create table t (id int); create table child () inherits (t)");
        fleet.on("shore", "insert into t values (1); insert into child values (2)");
        fleet.on("ship", "insert into child values (3)");

        CopyResult result = fleet.copy(T);

        assertThat(result.rowsRead()).isEqualTo(1);
        assertThat(fleet.rows("ship", "select * from t order by 1")).containsExactly("1", "3");
    }

    @Test
    void rateLimitHolds() throws Exception {
        fleet.both("create table t (doc text)");
        fleet.on("shore", "insert into t select repeat('x', 1000) from generate_series(1, 1500)");

        CopyResult result = fleet.copy(T.with(o -> o.withPace(Pace.FREE.withRateLimit(Bytes.megabytes(1)))));

        assertThat(result.duration()).isBetween(Duration.ofMillis(1100), Duration.ofSeconds(5));
    }

    @Test
    void progressIsReported() throws Exception {
        fleet.both("create table t (id int, doc text)");
        fleet.on("shore", "insert into t select i, repeat('x', 1000) from generate_series(1, 1500) i");
        fleet.on("shore", "analyze t");
        StoppableWork work = new StoppableWork("progress");

        fleet.copy(T.with(o -> o.withPace(Pace.FREE.withRateLimit(Bytes.megabytes(1)))), work);

        List<Progress> load =
                work.progress.stream().filter(p -> p.stage().equals("load")).toList();
        assertThat(load).hasSizeGreaterThan(3);
        assertThat(load).allMatch(p -> p.subject().equals("public.t") && p.totalRows() == 1500);
        assertThat(load).extracting(Progress::rows).isSorted();
        assertThat(load.get(load.size() - 1).rows()).isEqualTo(1500);
        assertThat(work.progress.stream().map(Progress::stage).distinct())
                .containsExactly("prepare", "load", "verify", "commit", "finished", "analyze");
        assertThat(work.progress.get(work.progress.size() - 1).isFinished()).isTrue();
    }

    @Test
    void aTableThatFailsIsNoLongerReported() throws Exception {
        fleet.both("create table t (id int)");
        fleet.on("shore", "insert into t values (1)");
        fleet.on("ship", "alter table t add check (id > 1)");
        StoppableWork work = new StoppableWork("fails");

        assertThatThrownBy(() -> fleet.copy(T, work)).isInstanceOf(OperatorException.class);

        assertThat(work.progress).isNotEmpty();
        assertThat(work.progress.get(work.progress.size() - 1)).isEqualTo(Progress.finished("public.t"));
    }

    @Test
    void describesWithoutChangingAnything() throws Exception {
        fleet.both("create table t (id serial primary key, doc text)");
        fleet.on("shore", "insert into t (doc) select repeat('x', 100) from generate_series(1, 1000)");
        fleet.on("shore", "analyze t");
        fleet.on("ship", "insert into t values (1, 'old')");

        List<PlannedAction> actions = new TableCopier(fleet.shore(), fleet.ship(), new ReadOnlyWork())
                .describe(T.with(o -> o.withWhere("id <= 500")));

        assertThat(actions)
                .extracting(a -> a.database() + ": " + a.sql() + " | " + a.lock())
                .containsExactly(
                        "shore: LOCK TABLE ONLY public.t IN ACCESS SHARE MODE | ACCESS SHARE",
                        "shore: COPY (SELECT id, doc FROM ONLY public.t WHERE (id <= 500\n)) TO STDOUT (FORMAT binary) | ACCESS SHARE",
                        "ship: TRUNCATE ONLY public.t | ACCESS EXCLUSIVE",
                        "ship: COPY public.t (id, doc) FROM STDIN (FORMAT binary, FREEZE) | ROW EXCLUSIVE",
                        "shore: " + actions.get(4).sql() + " | ACCESS SHARE",
                        "ship: " + actions.get(5).sql() + " | ACCESS SHARE",
                        "ship: " + actions.get(6).sql() + " | ROW EXCLUSIVE",
                        "ship: ANALYZE public.t | SHARE UPDATE EXCLUSIVE");
        assertThat(actions.get(1).rows()).isBetween(450L, 550L);
        assertThat(actions.get(1).bytes()).isBetween(45_000L, 70_000L);
        assertThat(actions.get(6).sql()).contains("setval('public.t_id_seq'::regclass");
        assertThat(fleet.rows("ship", "select * from t")).containsExactly("1|old");
        assertThat(fleet.value("ship", "select last_value from t_id_seq")).isEqualTo("1");
    }

    @Test
    void aTableIsNeverCopiedOntoItself() {
        fleet.on("shore", "create table t (id int); insert into t values (1)");

        assertThatThrownBy(() -> new TableCopier(fleet.shore(), fleet.shore(), Fleet.WORK).copy(T))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("one and the same table");
        assertThat(fleet.value("shore", "select count(*) from t")).isEqualTo("1");
    }

    @Test
    void copiesInsideOneDatabase() throws Exception {
        fleet.on("shore", "create table t (id int); insert into t values (1); create table t2 (id int)");

        new TableCopier(fleet.shore(), fleet.shore(), Fleet.WORK)
                .copy(T.withTables(TableName.parse("t"), TableName.parse("t2")));

        assertThat(fleet.rows("shore", "select * from t2")).containsExactly("1");
    }
}
