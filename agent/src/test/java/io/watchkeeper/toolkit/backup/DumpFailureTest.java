package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever goes wrong, the catalogue has only whole dumps, and nothing is left behind. */
class DumpFailureTest {

    private static final DumpPlan PLAN = DumpPlan.DEFAULT.withGlobals(false);

    private DumpRig rig;

    @TempDir
    private Path folder;

    @BeforeEach
    void open() {
        rig = new DumpRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void fillWithMegabytes(int megabytes) {
        rig.on(
                "create table big as select i, (select string_agg(md5(i::text || j::text), '') from generate_series(1, 32) j)"
                        + " from generate_series(1, " + megabytes * 1000
                        + ") i; create table small (id int); insert into small"
                        + " values (1)");
    }

    private void assertNothingIsLeft() {
        assertThat(rig.leftovers()).isEmpty();
        assertThat(rig.catalogue().backups()).isEmpty();
        assertThat(rig.scratchDatabases()).isEqualTo("0");
    }

    private static String role(String name) {
        return name + "_" + ProcessHandle.current().pid();
    }

    @Test
    void namesTheTablesThatTheRoleMayNotReadBeforeItBegins() {
        String role = role("reader");
        rig.on("create table open (id int); create table secret (id int); create schema hidden;"
                + " create table hidden.also (id int); drop role if exists " + role + "; create role " + role
                + " login; grant select on open to " + role);
        DumpRig reader = rig.loggingInAs(role);

        assertThatThrownBy(() -> reader.dump().run(PLAN))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("role '" + role + "' may not read hidden.also, public.secret")
                .satisfies(
                        e -> assertThat(((OperatorException) e).hint()).contains("GRANT pg_read_all_data TO " + role));
        assertThatThrownBy(() -> reader.dump().describe(PLAN)).hasMessageContaining("may not read");
        assertNothingIsLeft();
        reader.close();
    }

    @Test
    void neverLosesRowsThatRowLevelSecurityHides() throws Exception {
        String role = role("guest");
        rig.on(
                "create table mine (id int); insert into mine values (1), (2); alter table mine enable row level security;"
                        + " create policy one on mine using (id = 1); drop role if exists " + role + "; create role "
                        + role
                        + " login in role pg_read_all_data");
        DumpRig guest = rig.loggingInAs(role);

        assertThatThrownBy(() -> guest.dump().run(PLAN))
                .hasMessageContaining("row-level security hides rows of public.mine from role '" + role + "'")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("BYPASSRLS"));
        assertNothingIsLeft();

        rig.on("alter role " + role + " bypassrls");
        assertThat(guest.dump().run(PLAN).tables()).isEqualTo(1);
        guest.close();
    }

    @Test
    void saysThatPasswordsAreMissingWhereTheRoleMayNotReadThem() throws Exception {
        String role = role("plainly");
        rig.on("create table t (id int); drop role if exists " + role + "; create role " + role
                + " login; grant select on t to " + role);
        DumpRig plainly = rig.loggingInAs(role);

        DumpResult made = plainly.dump().run(DumpPlan.DEFAULT);

        assertThat(made.notes()).singleElement().asString().contains("passwords are not in the dump");
        assertThat(rig.catalogue().find(made.id()).folder().resolve(DumpFiles.GLOBALS))
                .content()
                .contains("CREATE ROLE " + role)
                .doesNotContain("PASSWORD");
        plainly.close();
    }

    @Test
    void saysWhoHoldsATableThatStaysLocked() throws Exception {
        rig.on("create table held (id int)");
        DumpPlan hurried =
                new DumpPlan(DumpFormat.CUSTOM, 1, DumpSelection.ALL, false, null, false, null, Duration.ofMillis(300));
        try (Connection other = TestServers.connect(rig.shore);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table held in access exclusive mode");

            assertThatThrownBy(() -> rig.dump().run(hurried)).hasMessageContaining("is locked: public.held by pid");
            other.rollback();
        }
        assertNothingIsLeft();
        assertThat(rig.dump().run(hurried).tables()).isEqualTo(1);
    }

    @Test
    void dumpsWhatItsSnapshotSawThoughTablesChangeMeanwhile() throws Exception {
        fillWithMegabytes(2);
        AtomicBoolean changed = new AtomicBoolean();
        StoppableWork work = new StoppableWork("dump").onProgress(progress -> {
            if (progress.stage().startsWith("dump") && changed.compareAndSet(false, true)) {
                rig.on("update small set id = 2; insert into big select 0, 'new'; create table late (id int)");
            }
        });

        DumpResult made = rig.dump(work).run(PLAN.withTestRestore(true));

        assertThat(made.restored()).isTrue();
        assertThat(made.rows()).isEqualTo(2001);
        assertThat(rig.value("select count(*) from big")).isEqualTo("2001");
        assertThat(work.progress).anySatisfy(p -> {
            assertThat(p.stage()).isEqualTo("dump, 1 of 2 tables");
            assertThat(p.bytes()).isPositive();
        });
        assertThat(work.progress.get(work.progress.size() - 1).isFinished()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dump", "digest", "restore", "compare"})
    void aCancelledDumpLeavesNothing(String stage) {
        fillWithMegabytes(4);
        StoppableWork work = new StoppableWork("dump");
        work.onProgress(progress -> {
            if (progress.stage().startsWith(stage)) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> rig.dump(work).run(PLAN.withTestRestore(true)))
                .isInstanceOf(WorkCancelledException.class);

        assertThat(rig.scratchDatabases()).isEqualTo("0");
        boolean made = List.of("restore", "compare").contains(stage);
        assertThat(rig.leftovers()).hasSize(made ? 1 : 0);
        assertThat(rig.catalogue().backups()).allSatisfy(dump -> {
            assertThat(dump.isGood()).isTrue();
            assertThat(dump.status().restoredAt()).isNull();
        });
    }

    @ParameterizedTest
    @EnumSource(DumpFormat.class)
    void aKilledProgramLeavesNothing(DumpFormat format) {
        fillWithMegabytes(8);
        AtomicBoolean killed = new AtomicBoolean();
        StoppableWork work = new StoppableWork("dump").onProgress(progress -> {
            if (progress.stage().startsWith("dump") && !killed.get()) {
                killed.set(ProcessHandle.current()
                        .children()
                        .filter(child -> child.info().command().orElse("").endsWith("pg_dump"))
                        .anyMatch(ProcessHandle::destroyForcibly));
            }
        });
        boolean[] triedToo = {false};
        Thread killer = new Thread(() -> {
            // A dump of a folder says nothing until its first table is done.
            while (!killed.get() && !triedToo[0]) {
                killed.set(ProcessHandle.current()
                        .children()
                        .filter(child -> child.info().command().orElse("").endsWith("pg_dump"))
                        .anyMatch(ProcessHandle::destroyForcibly));
                Thread.onSpinWait();
            }
        });
        killer.start();

        assertThatThrownBy(() -> rig.dump(work).run(PLAN.withFormat(format)))
                .hasMessageContaining("pg_dump failed with exit status 137");
        triedToo[0] = true;
        assertNothingIsLeft();
    }

    @Test
    void aLostConnectionLeavesNothing() {
        fillWithMegabytes(8);
        try (FlakyLink link = FlakyLink.to(TestServers.shore())) {
            link.bytesPerSecond(8 << 20);
            DumpRig far = rig.through(link.settings("shore", OtherDatabase.name(rig.shore)));
            StoppableWork work = new StoppableWork("dump").onProgress(progress -> {
                if (progress.bytes() > 0) {
                    link.refuse(true);
                    link.cut();
                }
            });

            assertThatThrownBy(() -> far.dump(work).run(PLAN))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("pg_dump failed")
                    .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("link"))
                    .satisfies(e -> assertThat(FailureClass.of(e)).isEqualTo(FailureClass.RETRYABLE));
            far.close();
        }
        assertNothingIsLeft();
    }

    @ParameterizedTest
    @EnumSource(DumpFormat.class)
    void aFullDiskLeavesNothing(DumpFormat format) throws Exception {
        Path small = Files.createDirectories(folder.resolve("repository"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=1m", "watchkeeper-test", small.toString()))
                .as("a file system can be mounted here")
                .isZero();
        try {
            // The server keeps it compressed, so that the estimate lets it pass.
            rig.on("create table big (t text); alter table big alter t set compression pglz;"
                    + " insert into big select repeat(md5(i::text), 1000) from generate_series(1, 100) i;"
                    + " create table noise as select sha512(i::text::bytea) from generate_series(1, 6000) i;"
                    + " alter table noise set unlogged");
            DumpPlan plan = PLAN.withFormat(format).withCompression(Compression.NONE);

            assertThatThrownBy(() -> rig.dump().run(plan))
                    .isInstanceOf(OperatorException.class)
                    .message()
                    .matches("(?s).*(No space left on device|may need .* free).*");

            assertNothingIsLeft();
        } finally {
            run("umount", small.toString());
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    @Test
    void refusesToBeginWhereThereIsNoRoom() throws Exception {
        Path small = Files.createDirectories(folder.resolve("repository"));
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=1m", "watchkeeper-test", small.toString()))
                .as("a file system can be mounted here")
                .isZero();
        try {
            fillWithMegabytes(4);

            assertThatThrownBy(() -> rig.dump().run(PLAN))
                    .hasMessageContaining("the dump of shore may need")
                    .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("make room"));
            assertNothingIsLeft();
        } finally {
            run("umount", small.toString());
        }
    }

    @Test
    void hintsWhereAProgramIsMissing() throws Exception {
        Path none = Files.createDirectories(folder.resolve("bin"));
        Files.writeString(none.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.1'\n");
        Files.setPosixFilePermissions(none.resolve("pg_dump"), PosixFilePermissions.fromString("rwxr-xr-x"));
        BackupSettings old = new BackupSettings(
                rig.settings.repository(), null, rig.settings.state(), none, "host", Clock.systemUTC());

        // The configured one is too old for the server, so that another is taken.
        assertThat(new Dump(rig.database(), rig.database(), old, DumpRig.WORK)
                        .run(PLAN)
                        .tables())
                .isZero();
        assertThatThrownBy(() -> rig.dump().run(PLAN.withCompression(Compression.ZSTD)))
                .hasMessageContaining("compresses format custom by gzip only")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("format plain"));
    }

    @Test
    void hintsWhereThePasswordIsWrong() {
        String role = role("locked");
        LocalServer server = TestServers.own(Map.of());
        try {
            TestServers.execute(server, "postgres", "create role " + role + " login superuser password 'right-one'");
            server.stop();
            Path hba = server.data().resolve("pg_hba.conf");
            Files.writeString(hba, "host all all 127.0.0.1/32 scram-sha-256\n");
            server.start();
            DumpRig wrong = rig.through(
                    new DatabaseSettings("shore", server.url("postgres"), role, Secret.of("wrong-one"), 8, null, true));

            assertThatThrownBy(() -> wrong.dump().run(PLAN))
                    .isInstanceOf(OperatorException.class)
                    .message()
                    .contains("password authentication failed")
                    .doesNotContain("wrong-one");
            DumpRig right = rig.through(
                    new DatabaseSettings("shore", server.url("postgres"), role, Secret.of("right-one"), 8, null, true));
            assertThat(right.dump().run(DumpPlan.DEFAULT.withTestRestore(true)).restored())
                    .isTrue();
            wrong.close();
            right.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            server.delete();
        }
    }

    @Test
    void oneAtATime() throws Exception {
        fillWithMegabytes(1);
        StoppableWork work = new StoppableWork("first");
        AtomicBoolean tried = new AtomicBoolean();
        work.onProgress(progress -> {
            if (progress.bytes() > 0 && tried.compareAndSet(false, true)) {
                assertThatThrownBy(() -> rig.dump().run(PLAN))
                        .hasMessageContaining("the backups of shore are being worked on by first");
            }
        });

        rig.dump(work).run(PLAN);

        assertThat(tried).isTrue();
        assertThat(rig.catalogue().backups()).hasSize(1);
    }

    @Test
    void aDumpThatDiffersWhenRestoredIsMarkedAndNoLongerCounts() throws Exception {
        // A function that says something else in the scratch database: what is stored is made anew by the restore.
        rig.on(
                "create function here(int) returns text language sql immutable as 'select current_database()::text';"
                        + " create table t (id int, place text generated always as (here(id)) stored); insert into t values (1)");

        assertThatThrownBy(() -> rig.dump().run(PLAN.withTestRestore(true)))
                .hasMessageContaining("does not restore: public.t was restored with 1 rows whose values differ");

        Backup dump = rig.catalogue().backups().get(0);
        assertThat(dump.isGood()).isFalse();
        assertThat(dump.status().damages()).singleElement().asString().startsWith(BackupStatus.BY_RESTORE);
        assertThat(dump.status().withVerified(Clock.systemUTC().instant()).isDamaged())
                .as("reading the files again does not mend it")
                .isTrue();
        assertThat(rig.scratchDatabases()).isEqualTo("0");
    }

    @Test
    void aTestRestoreActsOnNobody() throws Exception {
        String database = OtherDatabase.name(rig.shore);
        rig.on("create table t (id int primary key); insert into t values (1); create table seen (what text);"
                + " create publication p for table t;"
                + " create function loud() returns event_trigger language plpgsql as"
                + "   'begin raise exception ''an event trigger fired''; end'");
        rig.on("create subscription s_" + database + " connection 'host=127.0.0.1 port=1 dbname=x' publication p"
                + " with (connect = false, slot_name = 'precious', enabled = false)");
        rig.on("create event trigger loud on ddl_command_start execute function loud()");
        try {
            for (DumpFormat format : List.of(DumpFormat.CUSTOM, DumpFormat.PLAIN)) {
                assertThat(rig.dump()
                                .run(PLAN.withFormat(format).withTestRestore(true))
                                .restored())
                        .isTrue();
            }
        } finally {
            rig.on("drop event trigger loud; alter subscription s_" + database + " set (slot_name = none);"
                    + " drop subscription s_" + database);
        }
        assertThat(rig.scratchDatabases()).isEqualTo("0");
        assertThat(rig.value("select count(*) from pg_subscription")).isEqualTo("0");
    }

    @Test
    void aStandbyIsDumpedAndTestedElsewhere() throws Exception {
        LocalServer primary = TestServers.own(Map.of());
        LocalServer standby = null;
        try {
            TestServers.execute(
                    primary,
                    "postgres",
                    "create table t (id int); insert into t values (1); create unlogged"
                            + " table u (id int); insert into u values (1)");
            standby = StandbyServers.of(primary);
            DumpRig far = rig.through(TestServers.settings("shore", standby, "postgres"));

            assertThat(far.dump().run(DumpPlan.DEFAULT).tables()).isEqualTo(1);
            assertThatThrownBy(() -> far.dump().run(PLAN.withTestRestore(true)))
                    .hasMessageContaining("is a standby, where no scratch database can be made")
                    .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("testOn"));
            DumpPlan elsewhere = new DumpPlan(
                    DumpFormat.DIRECTORY, 2, DumpSelection.ALL, true, null, true, "other", Duration.ofSeconds(5));
            assertThat(new Dump(far.database(), rig.database(), rig.settings, DumpRig.WORK)
                            .run(elsewhere)
                            .rows())
                    .isEqualTo(1);
            Backup newest = rig.catalogue().backups().get(1);
            assertThat(newest.manifest().options()).containsEntry("from", "a standby");
            assertThat(newest.manifest().systemId()).isNotZero();
            far.close();
        } finally {
            if (standby != null) {
                standby.delete();
            }
            primary.delete();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dump", "restore"})
    void aKilledAgentLeavesNothingBehindTheNextSweep(String stage) {
        killAndSweep(stage);
    }

    @Tag("campaign")
    @ParameterizedTest
    @ValueSource(strings = {"digest", "compare"})
    void inAnyOtherStageToo(String stage) {
        killAndSweep(stage);
    }

    private void killAndSweep(String stage) {
        fillWithMegabytes(3);
        OtherProcess agent = OtherProcess.start(DumpingAgent.class, folder.toString(), rig.shore.url(), stage);
        assertThat(agent.readLine()).isEqualTo(stage);
        if (List.of("restore", "compare").contains(stage)) {
            assertThat(rig.scratchDatabases()).isEqualTo("1");
        }
        agent.kill();

        rig.catalogue().sweep();
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            new ScratchDatabases(rig.settings).sweep(List.of(rig.database()));
            assertThat(rig.scratchDatabases()).isEqualTo("0");
        });
        boolean made = List.of("restore", "compare").contains(stage);
        assertThat(rig.leftovers()).hasSize(made ? 1 : 0);
        assertThat(rig.catalogue().backups())
                .allSatisfy(dump -> assertThat(dump.isGood()).isTrue());
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(rig.value("select count(*) from pg_stat_activity where datname = '"
                                + OtherDatabase.name(rig.shore) + "' and pid <> pg_backend_pid()"
                                + " and application_name = 'doomed'"))
                        .isEqualTo("0"));
    }
}
