package io.watchkeeper.toolkit.sql;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.sql.VersionedUpdate.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowWriterTest {

    private static final Work WORK = Work.unattended("writing test");
    private static final TableName ODD = new TableName("public", "The Incidents");

    private DatabasePools pools;
    private Database database;
    private RowWriter writer;

    @BeforeEach
    void open() throws Exception {
        pools = TestServers.freshFleet();
        database = pools.database("shore");
        writer = new RowWriter(database, WORK);
        sql(
                "create table \"The Incidents\" (id text primary key, \"Tenant id\" uuid, at timestamptz, doc jsonb, tags text[],"
                        + " n int, state text, row_ver bigint not null default 0, unique (\"Tenant id\", n))");
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private void sql(String sql) throws Exception {
        try (Session session = database.open(WORK)) {
            session.runVerbatim(sql);
        }
    }

    private String one(String sql) throws Exception {
        try (Session session = database.open(WORK)) {
            return session.oneVerbatim(sql, row -> row.getString(1));
        }
    }

    @Test
    void insertsOnceWhateverTheTypes() throws Exception {
        Map<String, Object> row = Map.of(
                "id",
                "a'; drop table x; --",
                "Tenant id",
                "6f6f7e04-7a5a-4f7c-9a59-0b8b4b4c8f00",
                "at",
                "2026-03-01 12:00+00",
                "doc",
                Map.of("k", List.of(1, 2)),
                "tags",
                List.of("a", "b,c"),
                "n",
                5);

        assertThat(writer.insertOnce(ODD, row).inserted()).isTrue();
        InsertResult again = writer.insertOnce(ODD, row);

        assertThat(again.inserted()).isFalse();
        assertThat(again.fields()).containsEntry("rowsWritten", 0L).containsEntry("table", "public.\"The Incidents\"");
        assertThat(one("select count(*) || ' ' || min(doc::text) || ' ' || min(tags::text) from \"The Incidents\""))
                .isEqualTo("1 {\"k\": [1, 2]} {a,\"b,c\"}");
    }

    @Test
    void anyKeyWillDoAndARowThatIsThereStaysAsItIs() throws Exception {
        Map<String, Object> first = Map.of("id", "1", "Tenant id", "6f6f7e04-7a5a-4f7c-9a59-0b8b4b4c8f00", "n", 1);
        Map<String, Object> other = Map.of("id", "2", "Tenant id", "6f6f7e04-7a5a-4f7c-9a59-0b8b4b4c8f00", "n", 1);
        assertThat(writer.insertOnce(ODD, first).rowsWritten()).isEqualTo(1);
        assertThat(writer.insertOnce(ODD, other).rowsWritten()).isZero();
        assertThat(one("select string_agg(id, ',') from \"The Incidents\"")).isEqualTo("1");
    }

    @Test
    void withoutAWholeKeyNothingIsInserted() throws Exception {
        Map<String, Object> withNull = new HashMap<>(Map.of("n", 1));
        withNull.put("id", null);
        assertThatThrownBy(() -> writer.insertOnce(ODD, withNull))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("hold no whole key (it has (id) or (\"Tenant id\", n))");
                    assertThat(e.hint()).contains("ulid()");
                });
        sql("create table keyless (a int); create table partly (a int); create unique index on partly (a) where a > 5");
        for (String table : List.of("keyless", "partly")) {
            assertThatThrownBy(() -> writer.insertOnce(new TableName("public", table), Map.of("a", 1)))
                    .as(table)
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("it has none");
        }
        assertThat(one("select count(*) from \"The Incidents\"")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"id) values ('x'); drop table t; --", "stat", "\"id\"", ""})
    void columnsThatAreNoneAreRefusedAndNeverSpliced(String column) {
        assertThatThrownBy(() -> writer.insertOnce(ODD, Map.of("id", "1", column, "x")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has no column '" + column + "'");
        assertThatThrownBy(() -> writer.updateVersioned(ODD, Map.of(column, "1"), 0, Map.of("state", "x")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has no column '" + column + "'");
        assertThatThrownBy(() -> writer.updateVersioned(ODD, Map.of("id", "1"), 0, Map.of(column, "x")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has no column '" + column + "'");
    }

    @Test
    void changesWhatIsAsItWasReadAndTellsAConflictWithThePresentVersion() throws Exception {
        sql("insert into \"The Incidents\" (id, state) values ('a', 'open'), ('b', 'open')");

        VersionedUpdate first = writer.updateVersioned(ODD, Map.of("id", "a"), 0, Map.of("state", "mine"));
        VersionedUpdate late = writer.updateVersioned(ODD, Map.of("id", "a"), 0, Map.of("state", "theirs"));
        VersionedUpdate gone = writer.updateVersioned(ODD, Map.of("id", "none"), 0, Map.of("state", "x"));

        assertThat(first.updated()).isTrue();
        assertThat(first.version()).isEqualTo(1);
        assertThat(late.conflict()).isTrue();
        assertThat(late.version()).isEqualTo(1);
        assertThat(late.fields()).containsEntry("state", "conflict").containsEntry("rowsWritten", 0);
        assertThat(gone.state()).isEqualTo(State.MISSING);
        assertThat(one("select string_agg(id || state || row_ver, ',' order by id) from \"The Incidents\""))
                .isEqualTo("amine1,bopen0");
    }

    @Test
    void noUpdateOfManyAtOnceIsLost() throws Exception {
        sql("insert into \"The Incidents\" (id, n) values ('a', 0)");
        Callable<Void> counts = () -> {
            for (int done = 0; done < 25; ) {
                Map<String, Object> read = new StatementRunner(database, WORK)
                        .query("select n, row_ver from \"The Incidents\" where id = 'a'")
                        .rows()
                        .get(0);
                int n = ((Number) requireNonNull(read.get("n"))).intValue() + 1;
                long version = ((Number) requireNonNull(read.get("row_ver"))).longValue();
                done += writer.updateVersioned(ODD, Map.of("id", "a"), version, Map.of("n", n))
                                .updated()
                        ? 1
                        : 0;
            }
            return null;
        };
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Void>> all = new ArrayList<>(threads.invokeAll(List.of(counts, counts, counts, counts)));
            for (Future<Void> one : all) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(one("select n || ' ' || row_ver from \"The Incidents\"")).isEqualTo("100 100");
    }

    @Test
    void whereThereIsNoVersionTheHintMakesIt() throws Exception {
        sql("create table t (id int primary key, state text); insert into t values (1, 'open')");
        TableName table = new TableName("public", "t");
        String[] hint = new String[1];
        assertThatThrownBy(() -> writer.updateVersioned(table, Map.of("id", 1), 0, Map.of("state", "x")))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining("public.t has no column row_ver");
                    hint[0] = e.hint();
                });
        sql(String.valueOf(hint[0]));
        assertThat(writer.updateVersioned(table, Map.of("id", 1), 0, Map.of("state", "x"))
                        .version())
                .isEqualTo(1);
    }

    @Test
    void whatMayMeanSeveralRowsOrCountsItselfIsRefused() throws Exception {
        assertThatThrownBy(() -> writer.updateVersioned(ODD, Map.of("state", "open"), 0, Map.of("n", 1)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("(state) may mean several rows");
        assertThatThrownBy(() -> writer.updateVersioned(ODD, Map.of("id", "a"), 0, Map.of("row_ver", 1)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("counted up by updateVersioned itself");
        sql("create table t (id int primary key, row_ver text)");
        assertThatThrownBy(
                        () -> writer.updateVersioned(new TableName("public", "t"), Map.of("id", 1), 0, Map.of("id", 2)))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("is text, which does not count");
    }

    @Test
    void aTriggerThatKeepsTheRowIsNoConflict() throws Exception {
        sql("insert into \"The Incidents\" (id, state) values ('a', 'open');"
                + " create function keep() returns trigger language plpgsql as 'begin return null; end';"
                + " create trigger keep before update on \"The Incidents\" for each row execute function keep()");
        assertThatThrownBy(() -> writer.updateVersioned(ODD, Map.of("id", "a"), 0, Map.of("state", "x")))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("was not changed all the same");
    }

    @Test
    void descriptionIsTheStatementWithPlacesForItsValues() throws Exception {
        List<PlannedAction> insert = writer.describeInsert(ODD, Map.of("id", "geheim"));
        List<PlannedAction> update = writer.describeUpdate(ODD, Map.of("id", "geheim"), 3, Map.of("state", "geheim"));

        assertThat(insert)
                .singleElement()
                .satisfies(action -> assertThat(action.sql())
                        .isEqualTo("INSERT INTO public.\"The Incidents\" (id) VALUES (?) ON CONFLICT DO NOTHING"));
        assertThat(update)
                .singleElement()
                .satisfies(action -> assertThat(action.sql())
                        .isEqualTo("UPDATE public.\"The Incidents\" SET state = ?, row_ver = row_ver + 1 WHERE id = ?"
                                + " AND row_ver = ? RETURNING row_ver"));
        assertThat(one("select count(*) from \"The Incidents\"")).isEqualTo("0");
    }
}
