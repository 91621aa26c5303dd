package io.watchkeeper.toolkit.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StoppableWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants that get their other form on a real server, while they write, and when the agent dies on the way. */
class TenantMoveTest {

    private MoveRig rig;

    @BeforeEach
    void open() {
        rig = new MoveRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private TenantId tenant(Tenancy from, String word) throws SQLException {
        return from == Tenancy.RLS ? rig.shared(word) : rig.own(word);
    }

    private static Tenancy other(Tenancy one) {
        return one == Tenancy.RLS ? Tenancy.SCHEMA : Tenancy.RLS;
    }

    @Test
    void bringsAllRowsIntoASchemaOfItsOwn() throws Exception {
        TenantId id = rig.shared("a");
        String before = rig.seen(id, "duty");

        TenantMoveResult moved = rig.move(id, Tenancy.SCHEMA);

        assertThat(moved.rows()).containsEntry("crew", 20L).containsEntry("duty", 40L);
        assertThat(moved.removed()).isEqualTo(60);
        assertThat(rig.seen(id, "duty")).isEqualTo(before);
        assertThat(rig.schemas(id)).isEqualTo("tenant_");
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
        assertThat(rig.rig.value("select count(*) from crew"))
                .as("the neighbour")
                .isEqualTo("9");
        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.begun()).isEqualTo("0");
        assertThat(rig.rig.value("select passed from watchkeeper.tenant_proofs where run_id = 'run-move'"))
                .isEqualTo("t");
        // The numbers go on where the shared ones are.
        assertThat(Integer.parseInt(
                        rig.rig.value("insert into \"" + id.schema() + "\".crew (name) values ('new') returning id")))
                .isGreaterThan(20);
        assertThat(rig.rig.value("select max(papers::text) from \"" + id.schema() + "\".crew"))
                .isEqualTo("{\"no\": 1, \"no\": 2}");
        assertThat(rig.move(id, Tenancy.SCHEMA).changed()).isFalse();
    }

    @Test
    void bringsAllRowsIntoSharedTables() throws Exception {
        rig.shared("neighbour");
        TenantId id = rig.own("a");
        String before = rig.seen(id, "crew");

        TenantMoveResult moved = rig.move(id, Tenancy.RLS);

        assertThat(moved.allRows()).isEqualTo(60);
        assertThat(rig.seen(id, "crew")).isEqualTo(before);
        assertThat(rig.schemas(id)).isEmpty();
        assertThat(rig.rig.value(
                        "insert into crew (tenant_id, name) values ('" + id + "', 'new') returning id > 100020"))
                .isEqualTo("t");
        assertThat(new TenantReview(rig.rig.database(), TenantRig.WORK)
                        .review(20, "run-2")
                        .findings())
                .extracting(finding -> finding.code())
                .doesNotContain("proof", "roleMembership");
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void losesNothingThatIsWrittenMeanwhile(Tenancy from) throws Exception {
        TenantId id = tenant(from, "a");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger refused = new AtomicInteger();
        Set<String> acknowledged = new TreeSet<>();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(id, from, stop, acknowledged, refused));
        try {
            await().until(() -> acknowledged.size() > 20);
            rig.move(id, other(from));
            int then = acknowledged.size();
            await().until(() -> acknowledged.size() > then + 20);
        } finally {
            stop.set(true);
            writer.join();
        }

        String table = other(from) == Tenancy.SCHEMA ? "\"" + id.schema() + "\".crew" : "crew";
        assertThat(new TreeSet<>(rig.rig.values(
                        "postgres",
                        "select name from " + table + " where name like 'written %' and name not like '%gone'"
                                + (other(from) == Tenancy.RLS ? " and tenant_id = '" + id + "'" : ""))))
                .isEqualTo(acknowledged);
        assertThat(rig.status(id)).isEqualTo("active");
    }

    /** Inserts, changes and removes as the tenant, in whichever form it has. */
    private void write(TenantId id, Tenancy from, AtomicBoolean stop, Set<String> acknowledged, AtomicInteger refused) {
        Tenancy form = from;
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("set role \"" + id.role() + "\"; set app.tenant_id = '" + id + "'");
            for (int i = 0; !stop.get(); i++) {
                String table = form == Tenancy.SCHEMA ? "\"" + id.schema() + "\".crew" : "public.crew";
                String column = form == Tenancy.SCHEMA ? "" : "tenant_id, ";
                String value = form == Tenancy.SCHEMA ? "" : "'" + id + "', ";
                try {
                    statement.execute("insert into " + table + " (" + column + "name) values (" + value + "'draft " + i
                            + "'), (" + value + "'written " + i + " gone'); update " + table
                            + " set name = 'written " + i + "' where name = 'draft " + i + "'; delete from " + table
                            + " where name = 'written " + i + " gone'");
                    acknowledged.add("written " + i);
                } catch (SQLException e) {
                    refused.incrementAndGet();
                    form = other(form);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "RLS, begun",
        "RLS, copy",
        "RLS, shut",
        "RLS, compare",
        "RLS, switch",
        "RLS, moved",
        "RLS, removing",
        "RLS, remove",
        "SCHEMA, copy",
        "SCHEMA, shut",
        "SCHEMA, switch",
        "SCHEMA, moved"
    })
    void survivesKillNine(Tenancy from, String stage) throws Exception {
        TenantId id = tenant(from, "a");
        String before = rig.seen(id, "duty");
        boolean switched = Set.of("moved", "removing", "remove").contains(stage);

        killAt(id, other(from), stage);

        TenantSweep.sweep(rig.rig.database());
        assertThat(rig.status(id)).as("let in by the sweep").isEqualTo("active");
        assertThat(rig.seen(id, "duty")).isEqualTo(before);
        assertThat(rig.rig.value("select exists (select from pg_namespace where nspname = '" + id.schema() + "')"))
                .isEqualTo((from == Tenancy.SCHEMA) != switched ? "t" : "f");
        TenantMoveResult ended = rig.move(id, other(from));

        assertThat(ended.changed()).isTrue();
        assertThat(ended.allRows()).isEqualTo(60);
        assertThat(rig.seen(id, "duty")).isEqualTo(before);
        assertThat(rig.schemas(id)).isEqualTo(from == Tenancy.RLS ? "tenant_" : "");
        assertThat(rig.sharedRows(id)).isEqualTo(from == Tenancy.RLS ? "0 0" : "20 40");
        assertThat(rig.begun()).isEqualTo("0");
    }

    private void killAt(TenantId id, Tenancy to, String stage) {
        try (OtherProcess killed =
                OtherProcess.start(KilledMove.class, rig.rig.server.url(rig.rig.name), id.text(), to.word(), stage)) {
            assertThat(killed.readLine()).as("died at '" + stage + "'").isNull();
        }
        await().until(() -> rig.rig
                .value("select count(*) from pg_stat_activity where application_name = 'killed move'")
                .equals("0"));
    }

    @Test
    void aTenantThatCannotBeLetInDoesNotKeepTheNextOneOut() throws Exception {
        TenantId broken = rig.shared("a");
        TenantId id = rig.shared("b");
        killAt(broken, Tenancy.SCHEMA, "shut");
        killAt(id, Tenancy.SCHEMA, "shut");
        String renamed = "tenant_" + rig.rig.id("renamed");
        rig.rig.on("alter role \"" + broken.role() + "\" rename to \"" + renamed + "\";"
                + " update watchkeeper.tenant_moves set started_at = now() - interval '8 days' where tenant = '"
                + broken
                + "'");

        TenantSweep.sweep(rig.rig.database());

        assertThat(rig.status(broken)).isEqualTo("suspended");
        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        rig.rig.on("alter role \"" + renamed + "\" rename to \"" + broken.role() + "\"");
        TenantSweep.sweep(rig.rig.database());
        assertThat(rig.status(broken)).as("still on record").isEqualTo("active");
        assertThat(rig.begun()).as("the old one is taken back").isEqualTo("1");
    }

    @Test
    void aMoveThatDiedIsTakenBackWhenTheTenantIsToStay() throws Exception {
        TenantId id = rig.own("a");
        String before = rig.seen(id, "duty");
        killAt(id, Tenancy.RLS, "shut");
        assertThat(rig.sharedRows(id)).isEqualTo("20 40");

        rig.move(id, Tenancy.SCHEMA);

        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
        assertThat(rig.seen(id, "duty")).isEqualTo(before);
        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.begun()).isEqualTo("0");
    }

    @Test
    void resumeLetsATenantInThatADeadMoveHasShutOut() throws Exception {
        TenantId id = rig.shared("a");
        killAt(id, Tenancy.SCHEMA, "shut");
        assertThat(rig.status(id)).isEqualTo("suspended");

        assertThat(new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9"))
                .isTrue();

        assertThat(rig.seen(id, "crew")).startsWith("20 ");
    }

    @Test
    void twoAtOnceDoNotMeet() throws Exception {
        TenantId id = rig.shared("a");
        AtomicBoolean asked = new AtomicBoolean();
        StoppableWork work = new StoppableWork("first").onProgress(progress -> {
            if (progress.stage().equals("shut") && asked.compareAndSet(false, true)) {
                assertThatThrownBy(() -> rig.move(id, Tenancy.SCHEMA)).hasMessageContaining("by another run");
                assertThatThrownBy(() -> new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9"))
                        .hasMessageContaining("being moved by run run-move");
            }
        });

        rig.move(id, Tenancy.SCHEMA, work);

        assertThat(asked).isTrue();
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
    }

    @ParameterizedTest
    @EnumSource(Tenancy.class)
    void aDifferenceIsCaughtBeforeTheSwitchAndNothingIsLeft(Tenancy from) throws Exception {
        TenantId id = tenant(from, "a");
        String before = rig.seen(id, "duty");
        String target = from == Tenancy.SCHEMA ? "public.duty" : "\"" + id.movingSchema() + "\".duty";
        StoppableWork work = new StoppableWork("planting").onProgress(progress -> {
            if (progress.stage().equals("compare")) {
                rig.rig.on(
                        "update " + target + " set note = 'planted' where id = (select max(id) from " + target + ")");
            }
        });

        assertThatThrownBy(() -> rig.move(id, other(from), work))
                .hasMessageContaining("has 40 rows")
                .hasMessageContaining("with other values");

        assertThat(rig.seen(id, "duty")).isEqualTo(before);
        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.schemas(id)).isEqualTo(from == Tenancy.SCHEMA ? "tenant_" : "");
        assertThat(rig.sharedRows(id)).isEqualTo(from == Tenancy.SCHEMA ? "0 0" : "20 40");
        assertThat(rig.begun()).isEqualTo("0");
    }

    @Test
    void whatSomebodyWritesIntoTheOldFormAfterTheSwitchIsNotRemoved() throws Exception {
        TenantId id = rig.shared("a");
        AtomicBoolean once = new AtomicBoolean();
        StoppableWork work = new StoppableWork("late").onProgress(progress -> {
            if (progress.stage().equals("removing") && once.compareAndSet(false, true)) {
                rig.rig.on("insert into crew (tenant_id, name) values ('" + id + "', 'late')");
            }
        });

        assertThatThrownBy(() -> rig.move(id, Tenancy.SCHEMA, work))
                .hasMessageContaining("1 rows of tenant")
                .hasMessageContaining("after it had left");

        assertThat(rig.rig.value("select name from crew where tenant_id = '" + id + "'"))
                .isEqualTo("late");
        assertThat(rig.seen(id, "crew")).as("its new form works").startsWith("20 ");
        rig.rig.on("delete from crew where tenant_id = '" + id + "'");
        assertThat(rig.move(id, Tenancy.SCHEMA).changed()).isTrue();
        assertThat(rig.begun()).isEqualTo("0");
    }

    @Test
    void aMoveThatIsCancelledLetsTheTenantIn() throws Exception {
        TenantId id = rig.shared("a");
        StoppableWork work = new StoppableWork("cancelled");
        work.onProgress(progress -> {
            if (progress.stage().equals("shut")) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> rig.move(id, Tenancy.SCHEMA, work)).isInstanceOf(WorkCancelledException.class);

        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
        assertThat(rig.move(id, Tenancy.SCHEMA).changed()).isTrue();
    }

    @Test
    void aWriterThatDoesNotEndIsNotCutAndTheTenantStaysWhereItIs() throws Exception {
        TenantId id = rig.shared("a");
        try (Connection connection = rig.rig.as("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("set role \"" + id.role() + "\"; set app.tenant_id = '" + id
                    + "'; begin; insert into crew (tenant_id, name) values ('" + id + "', 'slow')");
            MovePlan plan =
                    new MovePlan(id, Tenancy.SCHEMA, MoveRig.QUICK, Duration.ofMillis(300), Duration.ofMillis(500), 20);
            assertThatThrownBy(() -> new TenantMove(rig.rig.database(), TenantRig.WORK).move(plan, "run-1"))
                    .hasMessageContaining("do not end");
            assertThat(rig.status(id)).isEqualTo("active");
            statement.execute("commit");
        }
        assertThat(rig.seen(id, "crew")).startsWith("21 ");
        assertThat(rig.schemas(id)).isEmpty();
    }

    @Test
    void aSuspendedTenantStaysSuspended() throws Exception {
        TenantId id = rig.shared("a");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);

        rig.move(id, Tenancy.SCHEMA);

        assertThat(rig.status(id)).isEqualTo("suspended");
        assertThat(rig.rig.value("select has_schema_privilege('" + id.role() + "', '" + id.schema() + "', 'usage')"))
                .isEqualTo("f");
        new TenantDoor(rig.rig.database(), TenantRig.WORK).resume(id, "run-9");
        rig.move(id, Tenancy.RLS);
        assertThat(rig.seen(id, "crew")).startsWith("20 ");
    }

    @Test
    void whoIsSuspendedMeanwhileStaysSo() throws Exception {
        TenantId id = rig.shared("a");
        StoppableWork work = new StoppableWork("suspended").onProgress(progress -> {
            if (progress.stage().equals("compare")) {
                try {
                    new TenantDoor(rig.rig.database(), TenantRig.WORK).suspend(id);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });

        rig.move(id, Tenancy.SCHEMA, work);

        assertThat(rig.status(id)).isEqualTo("suspended");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alter table template_tenant.crew add column cabin text| no counterpart",
                "alter table template_tenant.duty alter column note type varchar(90)| is text and in template_tenant.duty character varying(90)",
                "create table cargo (id int primary key, tenant_id text)| public.cargo has no counterpart",
                "create table template_tenant.cargo (id int primary key)| template_tenant.cargo has no counterpart",
                "alter table template_tenant.crew alter column papers set not null| is NOT NULL and in public.crew it is not",
                "create function f() returns trigger language plpgsql as 'begin return new; end'; create trigger t before insert on duty"
                        + " for each row execute function f()| has the trigger t",
                "alter table template_tenant.duty drop constraint duty_pkey cascade| the primary key of public.duty",
                "create table logs (crew_id bigint references crew); insert into logs select id from crew| rows of public.logs",
                "update duty set crew_id = (select id from crew where name = 'other 1') where id = 1;"
                        + " insert into duty (tenant_id, crew_id) select max(tenant_id), min(id) from crew where name = 'sailor 1'| rows of public.duty",
                "alter table crew add duty_id bigint references duty; alter table template_tenant.crew add duty_id bigint| in a circle"
            })
    void refusesWhatItCannotBringOverAndChangesNothing(String planted) throws Exception {
        TenantId id = rig.shared("a");
        String[] parts = planted.split("\\| ");
        rig.rig.on(parts[0].replace("max(tenant_id)", "'" + id.text().replace("-a", "-a-other") + "'"));

        assertThatThrownBy(() ->
                        new TenantMove(rig.rig.database(), TenantRig.WORK).describe(MoveRig.plan(id, Tenancy.SCHEMA)))
                .hasMessageContaining(parts[1]);
        assertThatThrownBy(() -> rig.move(id, Tenancy.SCHEMA))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining(parts[1])
                .extracting(e -> ((OperatorException) e).hint())
                .isNotNull();

        assertThat(rig.schemas(id)).isEmpty();
        assertThat(rig.status(id)).isEqualTo("active");
        assertThat(rig.begun()).isEqualTo("0");
    }

    @Test
    void refusesNumbersThatOtherTenantsHave() throws Exception {
        rig.shared("neighbour");
        TenantId id =
                new TenantId(rig.rig.create(rig.rig.wish("a", "small", null)).id());
        rig.rig.on("insert into \"" + id.schema() + "\".crew (id, name) overriding system value"
                + " select min(id), 'same number' from crew");

        assertThatThrownBy(() -> rig.move(id, Tenancy.RLS))
                .hasMessageContaining("1 rows of")
                .hasMessageContaining("the same values as other tenants' rows in public.crew in id (crew_pkey)");
        assertThat(rig.sharedRows(id)).isEqualTo("0 0");
    }

    @Test
    void refusesRowsThatAreInSharedTablesAlready() throws Exception {
        TenantId id = rig.own("a");
        rig.rig.on("insert into crew (tenant_id, name) values ('" + id + "', 'whose?')");

        assertThatThrownBy(() -> rig.move(id, Tenancy.RLS)).hasMessageContaining("holds 1 rows of tenant");

        assertThat(rig.sharedRows(id)).isEqualTo("1 0");
    }

    @Test
    void showsWhatItWouldDo() throws Exception {
        TenantId id = rig.shared("a");

        List<String> sql = new TenantMove(rig.rig.database(), TenantRig.WORK)
                .describe(MoveRig.plan(id, Tenancy.SCHEMA)).stream()
                        .map(one -> one.lock() + " " + one.rows() + " " + one.sql())
                        .toList();

        assertThat(sql)
                .anyMatch(one -> one.contains("CREATE SCHEMA"))
                .anyMatch(one -> one.startsWith("ROW EXCLUSIVE 20 insert into"))
                .anyMatch(one -> one.contains("RENAME TO"))
                .anyMatch(one -> one.contains("DELETE FROM public.duty"));
        assertThat(rig.schemas(id)).isEmpty();
    }
}
