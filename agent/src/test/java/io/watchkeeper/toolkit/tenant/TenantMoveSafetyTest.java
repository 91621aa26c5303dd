package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.testing.StoppableWork;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That a move is refused, or taken back, where others would be given wrong answers or something would be lost, and what is left of drops. */
class TenantMoveSafetyTest {

    @TempDir
    private Path folder;

    private MoveRig rig;

    @BeforeEach
    void open() {
        rig = new MoveRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static StoppableWork at(String stage, Runnable action) {
        AtomicBoolean once = new AtomicBoolean();
        return new StoppableWork("at " + stage).onProgress(progress -> {
            if (progress.stage().startsWith(stage) && once.compareAndSet(false, true)) {
                action.run();
            }
        });
    }

    private void move(TenantId id, Tenancy to, Duration shutOut, Work work) throws SQLException {
        new TenantMove(rig.rig.database(), work)
                .move(new MovePlan(id, to, MoveRig.QUICK, shutOut, Duration.ofMillis(500), 20), "run-move");
    }

    private TenantDropResult drop(TenantId id, Work work) throws SQLException {
        return new TenantDrop(rig.rig.database(), rig.rig.database(), TenantDropTest.backups(folder), work)
                .drop(TenantDropTest.plan(id), "run-drop");
    }

    private TenantId suspended() throws SQLException {
        TenantId id = rig.shared("a");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
        return id;
    }

    @Test
    void doesNotSwitchOnceTheTimeIsOver() throws Exception {
        TenantId id = rig.shared("a");

        assertThatThrownBy(() -> move(
                        id,
                        Tenancy.SCHEMA,
                        Duration.ofSeconds(2),
                        at("switch", () -> rig.rig.value("select pg_sleep(2.1)"))))
                .hasMessageContaining("shut out for longer than 2000 ms");

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.schemas(id)).isEmpty();
    }

    @Test
    void noticesWhatARoleWithRightsInTheSchemaWritesBeforeTheSwitch() throws Exception {
        String guest = rig.rig.role("guest", "login");
        rig.rig.on("grant select, update on template_tenant.crew to \"" + guest + "\"");
        TenantId id = rig.own("a");
        String write = "update \"" + id.schema() + "\".crew set name = 'guest' where name = 'sailor 1'";

        assertThatThrownBy(() ->
                        move(id, Tenancy.RLS, Duration.ofSeconds(30), at("switch", () -> rig.rig.values(guest, write))))
                .hasMessageContaining("has 20 rows")
                .hasMessageContaining("with other values");

        assertThat(rig.schemas(id)).isEqualTo("tenant_");
        assertThat(rig.rig.value("select count(*) from \"" + id.schema() + "\".crew where name = 'guest'"))
                .isEqualTo("1");
        assertThat(rig.status(id)).isEqualTo("active");
        rig.move(id, Tenancy.RLS);
        assertThat(rig.rig.value("select count(*) from crew where name = 'guest'"))
                .isEqualTo("1");
    }

    @Test
    void aReaderThatGoesOnWithWhatItSawIsWaitedForAndOthersAreNot() throws Exception {
        TenantId id = rig.shared("a");
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("begin isolation level repeatable read; set local role \"" + id.role()
                    + "\"; set local app.tenant_id = '" + id + "'; select count(*) from crew");
            assertThatThrownBy(() -> move(id, Tenancy.SCHEMA, Duration.ofMillis(600), TenantRig.WORK))
                    .hasMessageContaining("do not end");
            assertThat(rig.status(id)).isEqualTo("active");
            // The driver keeps the last query open, and with it what it saw, until the next statement.
            statement.execute("rollback; begin; select count(*) from crew; set local work_mem = '4MB'");
            rig.move(id, Tenancy.SCHEMA);
        }
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
    }

    /** Of a tenant with a schema, the name without a schema would mean the shared table. */
    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void refusesATenantWhoseGatewayWouldSeeNoRowsInsteadOfAnError(Tenancy to) throws Exception {
        TenantId neighbour = rig.shared("neighbour");
        TenantId id = to == Tenancy.SCHEMA ? rig.shared("a") : rig.own("a");
        String gateway = rig.rig.role("gateway", "login");
        rig.rig.on("grant \"" + id.role() + "\", \"" + neighbour.role() + "\" to \"" + gateway + "\"");

        assertThatThrownBy(() -> new TenantMove(rig.rig.database(), TenantRig.WORK).describe(MoveRig.plan(id, to)))
                .hasMessageContaining(gateway);
        assertThatThrownBy(() -> rig.move(id, to)).hasMessageContaining(gateway);
        assertThat(rig.begun()).isEqualTo("0");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);

        assertThat(rig.move(id, to).changed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void valuesOfAUniqueKeyMayPassFromRowToRow(Tenancy to) throws Exception {
        rig.rig.on("alter table crew add unique (tenant_id, name); alter table template_tenant.crew add unique (name)");
        TenantId id = to == Tenancy.SCHEMA ? rig.shared("a") : rig.own("a");
        String crew = to == Tenancy.SCHEMA ? "crew" : "\"" + id.schema() + "\".crew";
        String mine = to == Tenancy.SCHEMA ? " and tenant_id = '" + id + "'" : "";
        String column = to == Tenancy.SCHEMA ? "tenant_id, " : "";
        String value = to == Tenancy.SCHEMA ? "'" + id + "', " : "";
        // A name goes to a row before, two rows change theirs, and one is taken over from a row that is gone.
        StoppableWork work = at(
                "shut",
                () -> rig.rig.on("update " + crew + " set name = 'final' where name = 'sailor 20'" + mine
                        + "; insert into " + crew + " (id, " + column + "name) overriding system value values (-5, "
                        + value
                        + "'sailor 20'); update " + crew + " set name = 'x' where name = 'sailor 1'" + mine
                        + "; update " + crew + " set name = 'sailor 1' where name = 'sailor 12'" + mine
                        + "; update " + crew + " set name = 'sailor 12' where name = 'x'" + mine
                        + "; delete from " + crew + " where name = 'sailor 7'" + mine
                        + "; update " + crew + " set name = 'sailor 7' where name = 'sailor 3'" + mine));
        rig.move(id, to, work);

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.seen(id, "duty")).startsWith("38 ");
        String now = to == Tenancy.RLS ? "crew" : "\"" + id.schema() + "\".crew";
        assertThat(rig.rig.value("select count(*) from " + now + " where name in ('final', 'sailor 20')"
                        + (to == Tenancy.RLS ? " and tenant_id = '" + id + "'" : "")))
                .isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"set null", "cascade"})
    void whatRefersToARowThatIsReplacedGoesOnReferringToIt(String action) throws Exception {
        for (String schema : List.of("public", "template_tenant")) {
            rig.rig.on("alter table " + schema
                    + ".duty drop constraint duty_after_id_fkey, add foreign key (after_id) references " + schema
                    + ".duty on delete " + action + ", add unique (note)");
        }
        TenantId id = rig.shared("a");
        String last = rig.rig.value("select max(id) from duty where tenant_id = '" + id + "'");
        String first = rig.rig.value("select min(id) from duty where tenant_id = '" + id + "'");
        // The one before the last, which the last refers to, and the first change their notes.
        StoppableWork work = at(
                "shut",
                () -> rig.rig.on("create temp table before as select id, note from duty where id in (" + first + ", "
                        + last
                        + " - 1); update duty set note = 'passing' where id = " + first
                        + "; update duty d set note = b.note from before b where d.id = " + last + " - 1 and b.id = "
                        + first + "; update duty d set note = b.note from before b where d.id = " + first
                        + " and b.id = " + last + " - 1"));

        rig.move(id, Tenancy.SCHEMA, work);

        assertThat(rig.seen(id, "duty")).startsWith("40 ");
        assertThat(rig.rig.value("select " + last + " - after_id from \"" + id.schema() + "\".duty where id = " + last))
                .isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "create sequence S.numbers| sequence numbers",
                "create view S.hand_made as select 1 as n| view hand_made",
                "create function S.f() returns int language sql as 'select 1'| function f",
                "create type S.mood as enum ('good')| type mood",
                "create type S.pair as (a int, b int)| type pair",
                "create view public.outside as select id from S.crew| view outside",
                "create table public.refs (crew_id bigint references S.crew)| on table refs"
            })
    void refusesWhatASchemaHasThatSharedTablesHaveNoPlaceFor(String planted) throws Exception {
        TenantId id = rig.own("a");
        String[] parts = planted.split("\\| ");
        rig.rig.on(parts[0].replace("S.", "\"" + id.schema() + "\"."));

        assertThatThrownBy(() -> rig.move(id, Tenancy.RLS)).hasMessageContaining(parts[1]);

        assertThat(rig.begun()).isEqualTo("0");
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
    }

    @Test
    void aRowGoesThoughWhatReferredToItIsGivenAnotherOneInTheSamePass() throws Exception {
        TenantId id = rig.shared("a");
        String last = "(select max(id) from duty where tenant_id = '" + id + "')";
        StoppableWork work = at(
                "shut",
                () -> rig.rig.on("update duty set after_id = null where id = " + last + "; delete from duty where id = "
                        + last + " - 1"));

        move(id, Tenancy.SCHEMA, Duration.ofSeconds(30), work);

        assertThat(rig.seen(id, "duty")).startsWith("39 ");
    }

    @Test
    void aTableThatBecameSharedAfterTheArchiveKeepsItsRows() throws Exception {
        TenantId id = suspended();
        rig.rig.on("create table extra (id bigint primary key); insert into extra values (1)");
        StoppableWork work =
                at("archived", () -> rig.rig.on("alter table extra add tenant_id text not null default '" + id + "'"));

        assertThatThrownBy(() -> drop(id, work)).hasMessageContaining("public.extra");

        assertThat(rig.rig.value("select count(*) from extra")).isEqualTo("1");
        assertThat(rig.status(id)).isEqualTo("suspended");
    }

    @Test
    void aRecordOfAnotherServerRemovesNothing() throws Exception {
        TenantId id = suspended();
        StoppableWork work =
                at("archived", () -> rig.rig.on("update watchkeeper.tenant_drops set before = '999999999999'"));

        assertThatThrownBy(() -> drop(id, work)).hasMessageContaining("has not come to yet");

        assertThat(rig.sharedRows(id)).isEqualTo("20 40");
    }

    @Test
    void aRoleThatOwnsSomethingByTheEndOfADropStays() throws Exception {
        TenantId id = suspended();
        StoppableWork work = at(
                "archived",
                () -> rig.rig.on("create table own (n int); alter table own owner to \"" + id.role() + "\""));

        assertThatThrownBy(() -> drop(id, work)).hasMessageContaining("owns table own");

        assertThat(rig.rig.value("select count(*) from own")).isEqualTo("0");
        rig.rig.on("drop table own");
        drop(id, TenantRig.WORK);
        assertThat(rig.status(id)).isEqualTo("closed");
    }

    @Test
    void aDropThatIsToldToStopLeavesNothing() throws Exception {
        TenantId id = suspended();
        StoppableWork work = new StoppableWork("stopped");
        work.onProgress(progress -> {
            if (progress.stage().startsWith("dump")) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> drop(id, work)).isInstanceOf(WorkCancelledException.class);

        assertThat(rig.schemas(id)).isEmpty();
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
        assertThat(rig.sharedRows(id)).isEqualTo("20 40");
    }

    @Test
    void theSweepTidiesUpAfterADropThatDiedBeforeTheArchive() throws Exception {
        TenantId id = suspended();
        try (Session session = rig.rig.database().open(TenantRig.WORK)) {
            DropLedger.prepare(session);
            DropLedger.begin(session, id, Tenancy.RLS, "run-dead");
        }
        rig.rig.on("create schema \"" + id.archiveSchema() + "\"; create table \"" + id.archiveSchema()
                + "\".crew as select * from crew");

        TenantSweep.sweep(rig.rig.database());

        assertThat(rig.schemas(id)).isEmpty();
        assertThat(rig.rig.value("select count(*) from watchkeeper.tenant_drops"))
                .isEqualTo("0");
        assertThat(rig.sharedRows(id)).isEqualTo("20 40");
    }
}
