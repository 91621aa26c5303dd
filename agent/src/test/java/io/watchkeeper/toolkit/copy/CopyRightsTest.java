package io.watchkeeper.toolkit.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.postgres.TableName;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies by roles that are no superusers. */
class CopyRightsTest {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private final String role = "agent_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
    private Fleet admin;
    private Fleet fleet;

    @BeforeEach
    void open() {
        admin = new Fleet();
        admin.both("create role " + role + " login");
        admin.both("create table t (id serial primary key, doc text)");
        admin.on("shore", "insert into t (doc) select 'x' from generate_series(1, 100)");
        fleet = admin.loggingInAs(role, role);
    }

    @AfterEach
    void close() {
        fleet.close();
        admin.both("drop owned by " + role + " cascade");
        admin.both("drop role " + role);
        admin.close();
    }

    @Test
    void fewRightsAreEnough() throws Exception {
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "grant select, insert, truncate on t to " + role + "; grant select, update on sequence t_id_seq to "
                        + role);

        CopyResult result = fleet.copy("t");

        assertThat(result.rowsWritten()).isEqualTo(100);
        assertThat(result.verified()).isTrue();
        assertThat(admin.value("ship", "select last_value from t_id_seq")).isEqualTo("100");
        assertThat(result.notes()).singleElement().asString().startsWith("analyze: ");
    }

    @Test
    void copiesInChunksNeedDeleteAndASchemaOfTheirOwn() throws Exception {
        admin.on("shore", "grant select on t to " + role + "; analyze t");
        admin.on(
                "ship",
                "grant select, insert, truncate, delete on t to " + role
                        + "; grant select, update on sequence t_id_seq to " + role
                        + "; create schema if not exists watchkeeper authorization " + role);
        AtomicInteger reports = new AtomicInteger();
        StoppableWork work = new StoppableWork("chunks").onProgress(p -> {
            if (p.rows() >= 10 && reports.getAndIncrement() == 0) {
                admin.on("shore", "insert into t (id, doc) values (-5, 'late'); delete from t where id = 1");
            }
        });

        CopyResult result = fleet.copy(
                CopyPlan.of(TableName.parse("t"))
                        .with(o -> o.withResume(true)
                                .withPace(Pace.FREE.withBatch(10L).withWorkers(1))),
                work);

        assertThat(result.chunks()).isGreaterThan(5);
        assertThat(result.verified()).isTrue();
        assertThat(admin.rows("ship", "select id, doc from t order by id"))
                .isEqualTo(admin.rows("shore", "select id, doc from t order by id"))
                .contains("-5|late");
    }

    @Test
    void copiesInChunksSayBeforehandThatTheyNeedDelete() {
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "grant select, insert, truncate on t to " + role + "; grant select, update on sequence t_id_seq to "
                        + role);

        assertThatThrownBy(() -> fleet.copy(CopyPlan.of(TableName.parse("t")).with(o -> o.withResume(true))))
                .isInstanceOfSatisfying(
                        OperatorException.class,
                        e -> assertThat(e.hint()).contains("GRANT DELETE ON public.t TO " + role));
    }

    @Test
    void eachMissingRightIsNamedWithItsGrant() {
        assertRefused("lacks SELECT on public.t in database 'shore'", "GRANT SELECT ON public.t TO " + role + ";");
        admin.on("shore", "grant select on t to " + role);
        assertRefused(
                "lacks SELECT, INSERT, TRUNCATE on public.t in database 'ship'",
                "GRANT SELECT, INSERT, TRUNCATE ON public.t TO " + role + ";");
        admin.on("ship", "grant select, insert, truncate on t to " + role);
        assertRefused(
                "may not move sequence public.t_id_seq",
                "GRANT SELECT, UPDATE ON SEQUENCE public.t_id_seq TO " + role + ";");
    }

    @Test
    void withoutTruncateRowsAreDeleted() throws Exception {
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "grant select, insert, delete on t to " + role + "; grant select, update on sequence t_id_seq to "
                        + role + "; insert into t values (1000, 'old')");

        fleet.copy("t");

        assertThat(admin.value("ship", "select count(*), max(id) from t")).isEqualTo("100|100");
    }

    @Test
    void theOwnersTriggersAreSilentDuringTheCopyAndAsTheyWereAfterIt() throws Exception {
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "create function f() returns trigger language plpgsql as 'begin raise exception ''fired''; end';"
                        + " create trigger a before insert on t for each row execute function f();"
                        + " create trigger b before insert on t for each row execute function f(); alter table t enable always trigger b;"
                        + " create trigger c before insert on t for each row execute function f(); alter table t enable replica trigger c;"
                        + " create trigger d before insert on t for each row execute function f(); alter table t disable trigger d;"
                        + " alter table t owner to " + role);
        String states = "select tgname, tgenabled from pg_trigger where tgrelid = 't'::regclass order by 1";
        List<String> before = admin.rows("ship", states);

        fleet.copy("t");

        assertThat(admin.value("ship", "select count(*) from t")).isEqualTo("100");
        assertThat(admin.rows("ship", states)).isEqualTo(before).containsExactly("a|O", "b|A", "c|R", "d|D");
    }

    @Test
    void triggersThatCannotBeSilencedAreNoted() throws Exception {
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "grant select, insert, truncate on t to " + role + "; grant select, update on sequence t_id_seq to "
                        + role
                        + "; create function f() returns trigger language plpgsql as 'begin return new; end';"
                        + " create trigger a before insert on t for each row execute function f()");

        assertThat(fleet.copy("t").notes())
                .anySatisfy(
                        note -> assertThat(note).contains("fires for every row").contains("trigger a"));
    }

    @Test
    void aTableOthersReferToIsRefusedAloneAndCopiedTogether() throws Exception {
        admin.both("create table child (id int primary key, t int references t)");
        admin.on(
                "shore",
                "insert into child select i, i from generate_series(1, 50) i; grant select on t, child to " + role);
        admin.on(
                "ship",
                "insert into t values (7, 'old'); insert into child values (1, 7);" + " alter table t owner to " + role
                        + "; alter table child owner to " + role);

        assertThatThrownBy(() -> fleet.copy("t")).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e)
                    .hasMessage(
                            "public.child in database 'ship' refers to public.t, so that its rows cannot be replaced alone");
            assertThat(e.hint())
                    .contains("copyTables 'public.t', 'public.child'")
                    .contains("GRANT SET ON PARAMETER session_replication_role TO " + role);
        });

        TableSetResult result = fleet.copyAll("public.*");

        assertThat(result.failure()).isEmpty();
        assertThat(result.results()).extracting(r -> r.table().name()).containsExactly("t", "child");
        assertThat(admin.value("ship", "select count(*) from child join t on t.id = child.t"))
                .isEqualTo("50");
    }

    @Test
    void aGrantedParameterKeepsForeignKeysSilent() throws Exception {
        assumeTrue(
                Integer.parseInt(admin.value("ship", "show server_version_num")) >= 150000, "such grants came with 15");
        admin.both("create table child (id int primary key, t int references t)");
        admin.on("shore", "grant select on t to " + role);
        admin.on(
                "ship",
                "insert into t values (7, 'old'); insert into child values (1, 7); alter table t owner to " + role
                        + "; grant select on child to " + role + "; grant set on parameter session_replication_role to "
                        + role);

        CopyResult result = fleet.copy("t");

        assertThat(result.notes())
                .singleElement()
                .asString()
                .contains("deleted instead of truncated because public.child");
        assertThat(admin.value("ship", "select count(*) from t")).isEqualTo("100");
    }

    @Test
    void rowSecurityNeverHidesRowsFromACopy() {
        admin.on(
                "shore",
                "grant select on t to " + role + "; alter table t enable row level security;"
                        + " create policy p on t using (id < 10)");
        admin.on(
                "ship",
                "grant select, insert, truncate on t to " + role + "; grant select, update on sequence t_id_seq to "
                        + role);

        assertRefused("row security hides rows of public.t in database 'shore' from role '" + role + "'", "BYPASSRLS");
    }

    private void assertRefused(String message, String hint) {
        assertThatThrownBy(() -> fleet.copy(CopyPlan.of(TableName.parse("t"))))
                .isInstanceOfSatisfying(OperatorException.class, e -> {
                    assertThat(e).hasMessageContaining(message);
                    assertThat(e.hint()).contains(hint);
                });
    }
}
