package io.watchkeeper.dsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.alert.Alert;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.runbook.VerbResult;
import io.watchkeeper.testing.ServerFingerprint;
import io.watchkeeper.testing.TestServers;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The words of a step that work on databases, on real servers. */
class DatabaseWordsTest {

    private final RecordingContext context = new RecordingContext(false);
    private final RecordingContext dry = new RecordingContext(true);
    private DatabasePools pools;

    @BeforeEach
    void open() throws SQLException {
        pools = TestServers.freshFleet();
        for (RecordingContext one : new RecordingContext[] {context, dry}) {
            one.databases.put("shore", pools.database("shore"));
            one.databases.put("ship", pools.database("ship"));
        }
        String tables =
                "create table a (id int primary key, name text); create table b (id int primary key, a int references a);";
        execute(
                "shore",
                tables
                        + "insert into a select i, 'n' || i from generate_series(1, 100) i; insert into b select i, i from generate_series(1, 50) i");
        execute("ship", tables);
    }

    @AfterEach
    void close() {
        pools.close();
    }

    private void execute(String database, String sql) throws SQLException {
        try (Session session = pools.database(database).open(Work.unattended("test"))) {
            session.update(sql);
        }
    }

    private void run(RecordingContext in, String code) throws Exception {
        Loading.runbook("runbook('test') {\nstep('s') {\n" + code + "\n}\n}")
                .steps()
                .get(0)
                .body()
                .run(in);
    }

    @Test
    void queriesRowsAsMaps() throws Exception {
        run(context, """
                def rows = query('shore', 'select id, name from a where id <= ? order by id', 2)
                log.info rows.size()
                rows.each { row -> log.info "${row.id} ${row.name}" }
                if (rows[0].id < 2) log.info 'less'
                log.info rows.name
                """);

        assertThat(context.log).containsExactly("info 2", "info 1 n1", "info 2 n2", "info less", "info [n1, n2]");
        assertThat(context.results).singleElement().satisfies(result -> {
            assertThat(result.verb()).isEqualTo("query");
            assertThat(result.fields()).containsEntry("database", "shore").containsEntry("rowsRead", 2);
        });
    }

    @Test
    void copiesThatCrossTheirLimitsAlertWithTableAndLimit() throws Exception {
        execute("shore", "insert into a select i, 'n' || i from generate_series(101, 3000) i");
        Loading.SentAlerts alerts = new Loading.SentAlerts();
        Loading.runbook(Loading.loader(alerts), """
                        runbook('test') {
                            step('s') {
                                copyTables('public.*') {
                                    from 'shore'
                                    to 'ship'
                                    alertWhen('warning') {
                                        slowerThan 1_000_000_000
                                        moreThan 5.gigabytes
                                        longerThan verify, 1.hours
                                    }
                                    alertWhen('page') { moreThan 2_000 }
                                }
                            }
                        }
                        """).steps().get(0).body().run(context);

        assertThat(alerts.sent)
                .extracting(Alert::key)
                .containsExactlyInAnyOrder(
                        "host=ship-7,limit=slowerThan,runbook=test,severity=warning,table=public.a",
                        "host=ship-7,limit=moreThan,runbook=test,severity=page,table=public.a");
        assertThat(alerts.sent)
                .extracting(Alert::text)
                .allMatch(text -> text.startsWith("test: copying public.a ") && text.contains("(run "))
                .anyMatch(text -> text.contains("has moved 3,000 rows, more than 2,000 rows"));
        assertThat(context.results).extracting(VerbResult::verb).contains("alertWhen");
    }

    @Test
    void limitsThatSayNothingAreRefused() {
        assertThatThrownBy(
                        () -> run(context, "copyTable('public.a') { from 'shore'; to 'ship'; alertWhen('page') { } }"))
                .hasMessageContaining("'alertWhen' says no limit");
    }

    @Test
    void executesWithBoundValues() throws Exception {
        run(context, "log.info execute('shore', 'delete from b where id > ?', 40).rowsWritten()");

        assertThat(context.log).containsExactly("info 10");
        assertThat(context.results).extracting(VerbResult::verb).containsExactly("execute");
    }

    @Test
    void copiesATableAndGoesOnWithTheResult() throws Exception {
        run(context, """
                def result = copyTable('public.a') {
                    from 'shore'
                    to 'ship'
                    where 'id <= 30'
                    columns 'id', 'name'
                }
                log.info "${result.rowsWritten()} ${result.verified()} ${result.table()}"
                if (result.rowsWritten() > 0) analyze('ship', 'public.a')
                """);

        assertThat(context.log).contains("info 30 true public.a");
        assertThat(context.results).extracting(VerbResult::verb).containsExactly("copyTable", "analyze");
        assertThat(context.results.get(0).fields())
                .containsEntry("from", "shore")
                .containsEntry("to", "ship")
                .containsEntry("rowsWritten", 30L);
    }

    @Test
    void copiesToATableOfAnotherName() throws Exception {
        execute("shore", "create table a2 (like a)");

        run(
                context,
                "copyTable('a') { from 'shore'; to 'shore'; targetTable 'a2'; strategy append; format text; verify true }");

        assertThat(context.results.get(0).fields())
                .containsEntry("targetTable", "public.a2")
                .containsEntry("mode", "append");
    }

    @Test
    void copiesByEveryStrategy() throws Exception {
        execute("shore", "create table k (like a); create table p (like a) partition by list (id)");
        execute("shore", "create table p1 partition of p default");
        String copy = "copyTable('a') { from 'shore'; to 'shore'; ";

        run(
                context,
                copy + "targetTable 'k'; strategy swap }; "
                        + copy + "targetTable 'k'; strategy merge; key 'id'; createKeyIndex true }; "
                        + copy + "targetTable 'p'; strategy partition('p1') }");

        assertThat(context.results)
                .extracting(result -> result.fields().get("mode"))
                .containsExactly("swap", "merge", "partition");
    }

    @Test
    void copiesSeveralTablesWithAResultForEach() throws Exception {
        run(context, """
                def result = copyTables('public.*') { from 'shore'; to 'ship'; except 'public.x*' }
                log.info result.rowsWritten()
                for (one in result.results()) { log.info "${one.table()} ${one.rowsRead()}" }
                """);

        assertThat(context.log).containsExactly("info 150", "info public.a 100", "info public.b 50");
        assertThat(context.results).extracting(VerbResult::verb).containsExactly("copyTable", "copyTable");
    }

    @Test
    void recordsWhatWasCopiedBeforeItFails() throws Exception {
        execute("shore", "create table c (id int)");

        assertThatThrownBy(() -> run(context, "copyTables(['public.*']) { from 'shore'; to 'ship' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("public.c");
        assertThat(context.results).hasSize(2);
    }

    @Test
    void vacuumsWithOptions() throws Exception {
        execute("shore", "delete from b");

        run(context, """
                def result = vacuum('shore', 'public.b') { analyze true; costLimit 500; whenDeadTuples 0.percent; lockTimeout 2.seconds }
                log.info result.tables().size()
                vacuum 'shore', 'public.a', 'public.b'
                analyze('shore', ['public.a', 'public.b']) { lockTimeout 2.seconds }
                """);

        assertThat(context.log)
                .containsExactly(
                        "info vacuum shore: 1 of 1 tables vacuumed, 1 were due",
                        "info 1",
                        "info vacuum shore: 2 of 2 tables vacuumed, 2 were due",
                        "info analyze shore: 2 of 2 tables analyzed, 2 were due");
        assertThat(context.results)
                .extracting(VerbResult::verb)
                .containsExactly("vacuum", "vacuum", "vacuum", "analyze", "analyze");
    }

    @Test
    void changesNothingInADryRunAndGoesOn() throws Exception {
        ServerFingerprint shore = ServerFingerprint.of(pools.database("shore").settings());
        ServerFingerprint ship = ServerFingerprint.of(pools.database("ship").settings());

        run(dry, """
                def rows = query('shore', 'select count(*) as n from a')
                if (rows[0].n > 5) log.info 'read'
                log.info execute('ship', 'delete from a').rowsWritten()
                log.info copyTable('public.a') { from 'shore'; to 'ship' }.rowsWritten()
                log.info copyTables('public.*') { from 'shore'; to 'ship' }.rowsWritten()
                analyze 'ship'
                vacuum('ship', 'public.*') { full true }
                """);

        assertThat(dry.log).containsExactly("info read", "info 0", "info 0", "info 0");
        assertThat(dry.results).isEmpty();
        assertThat(dry.plans)
                .containsExactly(
                        "query shore",
                        "execute ship",
                        "copyTable public.a  shore → ship",
                        "copyTables public.*  shore → ship",
                        "analyze ship  all tables",
                        "vacuum ship  public.*");
        assertThat(ServerFingerprint.of(pools.database("shore").settings()).changesSince(shore))
                .isEmpty();
        assertThat(ServerFingerprint.of(pools.database("ship").settings()).changesSince(ship))
                .isEmpty();
    }

    @Test
    void dryRunGoesOnPastATableThatAnEarlierStatementWouldMake() throws Exception {
        execute("shore", "create table made (id int primary key)");

        run(dry, """
                execute('ship', 'create table made (id int primary key)')
                copyTable('public.made') { from 'shore'; to 'ship' }
                """);

        assertThat(dry.plans).containsExactly("execute ship", "copyTable public.made  shore → ship");
        // Nothing before it could make this one: then it is a mistake.
        assertThatThrownBy(() -> run(dry, "copyTable('public.mad') { from 'shore'; to 'ship' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("there is no table public.mad in database 'shore'");
    }

    @Test
    void refusesACopyOntoItself() {
        assertThatThrownBy(() -> run(context, "copyTable('public.a') { from 'shore'; to 'shore' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("'copyTable' would copy public.a of 'shore' onto itself");
        assertThatThrownBy(() -> run(context, "copyTables('public.*') { from 'shore'; to 'shore' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("'copyTables' would copy the tables of 'shore' onto themselves");
    }

    @Test
    void checksNamesThatAreNotLiterals() {
        assertThatThrownBy(() -> run(context, "def db = 'sho' + 're2'; query(db, 'select 1')"))
                .isInstanceOf(OperatorException.class)
                .hasMessage("database 'shore2' is not in the configuration");
        assertThatThrownBy(() -> run(context, "def t = 'a b' + 'c'; copyTable(t) { from 'shore'; to 'ship' }"))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("'a bc' holds ' '");
    }

    @Test
    void refusesOptionsOutOfRange() {
        assertThatThrownBy(() -> run(context, "vacuum('shore', 'a') { costLimit 20_000 }"))
                .hasMessage("'costLimit' takes 1 to 10000, not 20000");
        assertThatThrownBy(() -> run(context, "copyTable('a') { from 'shore'; to 'ship'; rateLimit 0.megabytes }"))
                .hasMessage("'rateLimit' of nothing would never end");
    }

    @Test
    void takesSeveralNamesBeforeABlock() throws Exception {
        run(context, """
                log.info vacuum('ship', 'a', 'b') { lockTimeout 3.seconds }.tables().size()
                log.info analyze('ship', 'a', 'b', 'public.a') { lockTimeout 3.seconds }.tables().size()
                log.info copyTables('public.a', 'public.b', 'x.*', 'y.*') { from 'shore'; to 'ship' }.rowsWritten()
                """);

        assertThat(context.log).contains("info 2", "info 150");
    }

    @Test
    void copiesThePartOfSeveralTablesThatAConditionMeans() throws Exception {
        run(context, "copyTables('public.*') { from 'shore'; to 'ship'; where 'id <= 10'; columns 'id' }");

        run(context, "log.info query('ship', 'select (select count(*) from a) + (select count(*) from b) as n')[0].n");
        run(context, "log.info query('ship', 'select count(name) as n from a')[0].n");
        assertThat(context.log).containsExactly("info 20", "info 0");
    }
}
