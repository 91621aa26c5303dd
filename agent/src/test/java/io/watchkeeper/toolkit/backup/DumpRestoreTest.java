package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.postgres.LockLevel;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A restore brings what is asked for, and touches nothing else. */
class DumpRestoreTest {

    private DumpRig rig;
    private Backup dump;
    private String other;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() throws Exception {
        rig = new DumpRig(folder);
        rig.on(
                "create type mood as enum ('calm'); create table ports (id serial primary key, name text unique, m mood);"
                        + " create index ports_by_mood on ports (m); comment on table ports is 'harbours';"
                        + " create table visits (id int generated always as identity, port int references ports, at date,"
                        + "   primary key (id, at)) partition by range (at);"
                        + " create table visits_1 partition of visits default;"
                        + " create function note() returns trigger language plpgsql as 'begin return new; end';"
                        + " create trigger noting before insert on ports for each row execute function note();"
                        + " grant select on ports to public;"
                        + " insert into ports (name, m) select 'p' || i, 'calm' from generate_series(1, 50) i;"
                        + " insert into visits (port, at) select i, '2020-01-01' from generate_series(1, 20) i");
        dump = rig.made(DumpPlan.DEFAULT.withTestRestore(true));
        other = rig.newName();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private DumpRestorePlan plan() {
        return DumpRestorePlan.into(other);
    }

    private void makeOther() {
        rig.on("postgres", "create database " + other);
    }

    /** pg_dump's word on one table, by which two equal ones are equal. */
    private String definition(String database, String table) {
        return rig.value(database, """
                select concat_ws('|', (select string_agg(pg_get_constraintdef(oid), ',' order by conname) from pg_constraint
                                        where conrelid = t.oid),
                                 (select string_agg(pg_get_indexdef(indexrelid), ',' order by pg_get_indexdef(indexrelid)) from pg_index
                                   where indrelid = t.oid),
                                 (select string_agg(pg_get_triggerdef(oid), ',') from pg_trigger
                                   where tgrelid = t.oid and not tgisinternal),
                                 (select string_agg(pg_get_expr(adbin, adrelid), ',') from pg_attrdef where adrelid = t.oid),
                                 obj_description(t.oid), relacl::text, pg_get_serial_sequence(t.oid::regclass::text, 'id'))
                  from pg_class t where t.oid = '%s'::regclass""".formatted(table));
    }

    @Test
    void bringsATableIntoANewDatabaseWithAllThatBelongsToIt() throws Exception {
        DumpRestoreResult result = rig.restored(plan().withTables(List.of("ports")));

        assertThat(result.created()).isTrue();
        assertThat(result.verified()).isTrue();
        assertThat(result.rows()).isEqualTo(50);
        assertThat(definition(other, "ports"))
                .isEqualTo(definition(OtherDatabase.name(rig.shore), "ports"))
                .contains("PRIMARY KEY", "ports_by_mood", "noting", "nextval", "harbours", "r/postgres");
        assertThat(rig.value(other, "select nextval('ports_id_seq')")).isEqualTo("51");
        assertThat(rig.value(other, "select reltuples from pg_class where relname = 'ports'"))
                .isEqualTo("50");
        assertThat(rig.value(other, "select to_regclass('visits') is null")).isEqualTo("t");
    }

    @Test
    void bringsPartitionsWithTheirTableAndSaysWhichReferencesHaveNothingToReferTo() throws Exception {
        DumpRestoreResult result = rig.restored(plan().withTables(List.of("visits")));

        assertThat(result.tables()).extracting(one -> one.table().toString()).containsExactly("public.visits_1");
        assertThat(rig.value(other, "select count(*) from visits")).isEqualTo("20");
        assertThat(result.notes())
                .singleElement()
                .asString()
                .contains("refers to what is not there", "visits_port_fkey");
        assertThat(rig.value(other, "insert into visits (port, at) values (1, '2020-02-02') returning id"))
                .isEqualTo("21");
    }

    @Test
    void bringsAMissingTableIntoADatabaseThatIsThere() throws Exception {
        makeOther();
        rig.on(
                other,
                "create type mood as enum ('calm'); create table ports (id int primary key); create table mine (id int);"
                        + " insert into ports select generate_series(1, 99); insert into mine values (1)");

        DumpRestoreResult result = rig.restored(plan().withTables(List.of("visits")));

        assertThat(result.created()).isFalse();
        assertThat(definition(other, "visits")).isEqualTo(definition(OtherDatabase.name(rig.shore), "visits"));
        assertThat(rig.value(other, "select count(*) from ports")).isEqualTo("99");
        assertThat(rig.value(other, "select count(*) from mine")).isEqualTo("1");
    }

    @Test
    void neverTouchesATableThatIsThereUnlessTold() throws Exception {
        makeOther();
        rig.on(other, "create type mood as enum ('calm'); create table ports (id int); insert into ports values (1)");

        assertThatThrownBy(() -> rig.restored(plan().withTables(List.of("ports"))))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("has public.ports already")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("clean true"));
        assertThat(rig.value(other, "select count(*) from ports")).isEqualTo("1");

        rig.on(other, "create function note() returns trigger language plpgsql as 'begin return new; end'");
        rig.restored(plan().withTables(List.of("ports")).withClean(true));
        assertThat(rig.value(other, "select count(*) from ports")).isEqualTo("50");
    }

    @Test
    void leavesADatabaseAsItWasWhenItFailsHalfWay() throws Exception {
        makeOther();
        rig.on(
                other,
                "create type mood as enum ('calm'); create table ports (id int primary key);"
                        + " insert into ports values (1); create table ship (port int references ports)");

        assertThatThrownBy(() -> rig.restored(
                        plan().withTables(List.of("ports", "visits")).withClean(true)))
                .hasMessageContaining("other objects depend on it")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("restore what depends on it"));

        assertThat(rig.value(other, "select count(*) from ports")).isEqualTo("1");
        assertThat(rig.value(other, "select to_regclass('visits') is null")).isEqualTo("t");
    }

    @Test
    void keepsNoNewDatabaseThatIsNotWhole() throws Exception {
        String role = "gone_" + ProcessHandle.current().pid();
        rig.on("create role " + role + "; alter table ports owner to " + role);
        rig.made(DumpPlan.DEFAULT);
        rig.on("alter table ports owner to postgres; drop role " + role);

        assertThatThrownBy(() -> rig.restored(plan()))
                .hasMessageContaining("role \"" + role + "\" does not exist")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("globals.sql"));

        assertThat(rig.databases()).containsExactly("");
        assertThat(rig.leftovers()).hasSize(2);
    }

    @Test
    void saysBeforehandWhatItWouldDoAndWhatWouldBeLost() throws Exception {
        makeOther();
        rig.on(other, "create table ports (id int); insert into ports select generate_series(1, 30); analyze");

        List<PlannedAction> actions =
                rig.restore().describe(plan().withTables(List.of("ports")).withClean(true));

        assertThat(actions.get(0).note())
                .contains(
                        "dump " + dump.id() + ", custom, of " + dump.manifest().startedAt(), "restored and compared");
        assertThat(actions)
                .anySatisfy(one -> {
                    assertThat(one.sql()).isEqualTo("DROP … public.ports");
                    assertThat(one.rows()).isEqualTo(30);
                    assertThat(one.lock()).isEqualTo(LockLevel.ACCESS_EXCLUSIVE);
                })
                .anySatisfy(one -> {
                    assertThat(one.sql()).isEqualTo("COPY public.ports FROM stdin");
                    assertThat(one.rows()).isEqualTo(50);
                });
        assertThat(rig.value(other, "select count(*) from ports")).isEqualTo("30");
        assertThat(rig.restore().describe(DumpRestorePlan.into("brand_new")))
                .anySatisfy(one -> assertThat(one.sql()).startsWith("CREATE DATABASE brand_new TEMPLATE template0"));
    }

    @ParameterizedTest
    @EnumSource(DumpFormat.class)
    void refusesAChangedDump(DumpFormat format) throws Exception {
        Backup made = rig.made(DumpPlan.DEFAULT.withFormat(format));
        Path file = made.file(made.manifest().files().stream()
                .filter(one -> one.path().startsWith("dump"))
                .findFirst()
                .orElseThrow());
        flip(file);

        assertThatThrownBy(() -> rig.restored(plan().withDump(made.id())))
                .hasMessageContaining("is damaged")
                .hasMessageContaining(folder.relativize(file).getFileName() + " is not what was written");

        assertThat(rig.catalogue().find(made.id()).isGood()).isFalse();
        assertThatThrownBy(() -> rig.restore().describe(plan().withDump(made.id())))
                .hasMessageContaining("is damaged");
        // The newest good one is taken where none is named.
        assertThat(rig.restored(plan()).dump()).isEqualTo(dump.id());
    }

    private static void flip(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(open.length() / 2);
            int old = open.read();
            open.seek(open.length() / 2);
            open.write(old ^ 1);
        }
    }

    @Test
    void restoresPlainSqlAsAWholeOnly() throws Exception {
        Backup plain = rig.made(DumpPlan.DEFAULT.withFormat(DumpFormat.PLAIN));

        assertThatThrownBy(
                        () -> rig.restored(plan().withTables(List.of("ports")).withDump(plain.id())))
                .hasMessageContaining("is plain SQL, which is restored as a whole");
        makeOther();
        assertThat(rig.restored(plan()).rows()).isEqualTo(70);
        assertThatThrownBy(() -> rig.restored(plan().withClean(true))).hasMessageContaining("which drops nothing");
    }

    @Test
    void saysWhatTheDumpDoesNotHold() {
        assertThatThrownBy(() -> rig.restored(plan().withTables(List.of("nope"))))
                .hasMessage("the dump holds no table nope")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("public.ports"));
        assertThatThrownBy(() -> rig.restored(plan().withDump("20200101T000000.000Z-dump")))
                .hasMessageContaining("there is no backup");
        assertThat(Files.exists(folder.resolve("state/scratch"))).isTrue();
        assertThat(rig.leftovers()).containsExactly(dump.id());
    }
}
