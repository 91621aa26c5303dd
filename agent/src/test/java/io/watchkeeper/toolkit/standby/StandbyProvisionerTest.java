package io.watchkeeper.toolkit.standby;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.ServerCertificate;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.toolkit.failover.FailoverProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Every test leaves the primary as it was: by undo. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StandbyProvisionerTest {

    private StandbyRig rig;

    @BeforeAll
    void start() {
        rig = new StandbyRig(Map.of());
    }

    @AfterEach
    void undo() throws Exception {
        rig.provisioner().undo(rig.plan());
        assertThat(Files.readString(rig.hba())).isEqualTo(StandbyRig.HBA);
        assertThat(rig.ask("select count(*) from pg_roles where rolname like 'watchkeeper%'"))
                .isEqualTo("0");
        assertThat(rig.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
        assertThat(left()).isEmpty();
    }

    @AfterAll
    void stop() {
        rig.close();
    }

    /** What is beside the state directory. */
    private List<String> left() throws Exception {
        try (Stream<Path> all = Files.list(rig.home)) {
            return all.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("state"))
                    .toList();
        }
    }

    @Test
    void makesAStandbyThatStreamsAndASecondRunChangesNothing() throws Exception {
        StandbyResult made = rig.provision(rig.plan());

        assertThat(made.state()).isEqualTo("streaming");
        assertThat(made.changed()).isTrue();
        assertThat(made.copied().count()).isPositive();
        rig.run("create table if not exists seen as select 1 as a");
        assertThat(rig.ask("select application_name from pg_stat_replication")).isEqualTo("ship");
        assertThat(rig.ask("select usename from pg_stat_replication")).isEqualTo("watchkeeper_ship");
        assertThat(rig.ask("select active from pg_replication_slots where slot_name = 'watchkeeper_ship'"))
                .isEqualTo("t");
        try (var connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + rig.port + "/postgres", "postgres", "");
                var row = connection
                        .createStatement()
                        .executeQuery("select pg_is_in_recovery(), current_setting('port')")) {
            row.next();
            assertThat(row.getBoolean(1)).isTrue();
            assertThat(row.getInt(2)).isEqualTo(rig.port);
        }

        StandbyResult again = rig.provision(rig.plan());
        assertThat(again.state()).isEqualTo("streaming");
        assertThat(again.changed()).as("%s", again.steps()).isFalse();
        assertThat(again.copied().count()).isZero();
    }

    @Test
    void thePasswordIsInItsFileAndNowhereElse() throws Exception {
        rig.run("alter system set log_statement = 'all'");
        rig.run("select pg_reload_conf()");
        StandbyResult made = rig.provision(rig.plan());
        rig.run("alter system reset log_statement");
        rig.run("select pg_reload_conf()");

        String secret = rig.secret();
        assertThat(secret).hasSizeGreaterThanOrEqualTo(32);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(PassFile.beside(rig.data()))))
                .isEqualTo("rw-------");
        assertThat(Files.getOwner(PassFile.beside(rig.data()))).isEqualTo(Files.getOwner(rig.primary.data()));
        assertThat(Files.readString(rig.primary.data().resolveSibling("server.log")))
                .contains("CREATE ROLE watchkeeper_ship")
                .doesNotContain(secret);
        assertThat(Files.readString(rig.data().resolve("postgresql.auto.conf")))
                .contains("passfile", "primary_slot_name = 'watchkeeper_ship'")
                .doesNotContain(secret);
        assertThat(Files.readString(rig.state.resolve("standbys/ship.json"))).doesNotContain(secret);
        assertThat(made.fields().toString()).doesNotContain(secret);
    }

    @Test
    void aDryRunSaysEachStepAndMakesNothing() throws Exception {
        List<PlannedAction> actions = rig.provisioner().describe(rig.plan());

        assertThat(actions)
                .extracting(PlannedAction::sql)
                .anyMatch(sql -> sql.startsWith("CREATE ROLE watchkeeper_ship LOGIN REPLICATION"))
                .anyMatch(
                        sql -> sql.startsWith("-- pg_hba.conf: host  replication  \"watchkeeper_ship\"  127.0.0.1/32"))
                .anyMatch(sql -> sql.contains("pg_create_physical_replication_slot('watchkeeper_ship', true)"))
                .anyMatch(sql -> sql.startsWith("pg_basebackup --pgdata=" + rig.data()))
                .anyMatch(sql -> sql.startsWith("pg_ctl start"));
        assertThat(left()).isEmpty();
        assertThat(rig.state.resolve("standbys/ship.json")).doesNotExist();
    }

    @Test
    void refusesADataDirectoryThatIsNotItsOwn() throws Exception {
        Files.createDirectories(rig.data());
        Path letter = Files.writeString(rig.data().resolve("letter.txt"), "dear");
        try {
            assertThatThrownBy(() -> rig.provision(rig.plan()))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("is not empty (letter.txt), and was not made for this standby");
            rig.provisioner().undo(rig.plan());
            assertThat(letter).hasContent("dear");
            assertThat(rig.ask("select count(*) from pg_replication_slots")).isEqualTo("0");
        } finally {
            Files.delete(letter);
            Files.delete(rig.data());
        }
    }

    @Test
    void anEmptyDataDirectoryIsTaken() throws Exception {
        Files.createDirectories(rig.data());
        assertThat(rig.provision(rig.plan()).isStreaming()).isTrue();
    }

    @Test
    void twoAtOnceAreOneAfterTheOther() throws Exception {
        StoppableWork first = new StoppableWork("first");
        first.onProgress(progress -> {
            if (progress.stage().equals("slot")) {
                assertThatThrownBy(() -> rig.provision(rig.plan()))
                        .isInstanceOf(OperatorException.class)
                        .hasMessageContaining("is being worked on by first");
            }
        });
        assertThat(rig.provisioner(first).provision(rig.plan()).isStreaming()).isTrue();
        assertThat(first.progress).extracting(Progress::stage).contains("slot", "copying", "streaming");
    }

    @Test
    void withoutTheLineItIsSaidWhichOneIsMissing() {
        StandbyPlan plan = rig.plan();
        StandbyPlan proposing =
                plan.with(new StandbyPlan.Access(plan.access().role(), null, false, "10.9.0.2", null, null));
        // The rest of the file has a line for logging in, none for replication.
        assertThatThrownBy(() -> rig.provision(proposing)).isInstanceOfSatisfying(OperatorException.class, e -> {
            assertThat(e).hasMessageContaining("name resolution ok, port ok, TLS ok, pg_hba FAILED, role ok, slot ok");
            assertThat(e.hint()).contains("host  replication  \"watchkeeper_ship\"  10.9.0.2/32  scram-sha-256");
        });
    }

    @Test
    void aLineThatTheServerRefusesIsPutBack() throws Exception {
        StandbyPlan plan = rig.plan();
        // The server has no certificate, so that a line for TLS only is an error.
        StandbyPlan tls = plan.with(new StandbyPlan.Access(plan.access().role(), null, true, null, "require", null));

        assertThatThrownBy(() -> rig.provision(tls))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("the server refuses the line")
                .hasMessageContaining("SSL is disabled")
                .hasMessageContaining("is as it was");

        assertThat(Files.readString(rig.hba())).isEqualTo(StandbyRig.HBA);
        assertThat(rig.ask("select count(*) from pg_hba_file_rules where error is not null"))
                .isEqualTo("0");
    }

    @Test
    void streamsThroughTlsWithACheckedCertificate() throws Exception {
        ServerCertificate.install(rig.primary.data());
        Path certificate = Files.copy(
                rig.primary.data().resolve("server.crt"),
                Files.createTempFile("root", ".crt"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(certificate, PosixFilePermissions.fromString("rw-r--r--"));
        rig.run("alter system set ssl = on");
        rig.run("select pg_reload_conf()");
        try {
            StandbyPlan plan = rig.plan();
            StandbyPlan tls = plan.with(new StandbyPlan.Access(
                    plan.access().role(), null, true, null, "verify-ca", certificate.toString()));

            assertThat(rig.provision(tls).isStreaming()).isTrue();

            assertThat(rig.ask("select ssl from pg_stat_ssl join pg_stat_replication using (pid)"))
                    .isEqualTo("t");
            assertThat(Files.readString(rig.hba())).contains("hostssl  replication  \"watchkeeper_ship\"");
        } finally {
            rig.provisioner().undo(rig.plan());
            rig.run("alter system reset ssl");
            rig.run("select pg_reload_conf()");
            Files.delete(certificate);
        }
    }

    @Test
    void aRoleThatWasThereStaysAndNeedsItsPassword() throws Exception {
        rig.run("create role replicator login replication password 'was:here'");
        try {
            StandbyPlan plan = rig.plan();
            StandbyPlan without = plan.with(new StandbyPlan.Access("replicator", null, true, null, null, null));
            assertThatThrownBy(() -> rig.provision(without))
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("passwordFile"));

            Path password = Files.writeString(rig.home.resolve("state/password"), "was:here\n");
            StandbyPlan with = plan.with(new StandbyPlan.Access("replicator", password, true, null, null, null));
            assertThat(rig.provision(with).isStreaming()).isTrue();
            StandbyResult undone = rig.provisioner().undo(with);
            assertThat(undone.notes()).anyMatch(note -> note.contains("role replicator stays"));
        } finally {
            rig.run("drop role replicator");
        }
    }

    @Test
    void aStandbyWhoseSlotIsGoneIsCopiedAgainOnlyWhenAllowed() throws Exception {
        rig.provision(rig.plan());
        rig.stopStandby();
        rig.run("select pg_drop_replication_slot('watchkeeper_ship')");

        assertThatThrownBy(() -> rig.provision(rig.plan()))
                .isInstanceOfSatisfying(
                        OperatorException.class, e -> assertThat(e.hint()).contains("renew true"));

        StandbyResult renewed = rig.provisioner().renew("ship");
        assertThat(renewed.isStreaming()).isTrue();
        assertThat(renewed.copied().count()).isPositive();
    }

    @Test
    @Tag("campaign")
    void aStandbyThatComesTooLateIsCopiedAgainOnlyWhenAllowed() throws Exception {
        rig.provision(rig.plan());
        rig.stopStandby();
        // Somebody makes the slot again, and what the standby needs is gone.
        rig.run("select pg_drop_replication_slot('watchkeeper_ship')");
        rig.run("create table if not exists seen as select 1 as a");
        rig.run("select pg_switch_wal()");
        rig.run("insert into seen values (2)");
        rig.run("select pg_switch_wal()");
        rig.run("checkpoint");
        rig.run("select pg_create_physical_replication_slot('watchkeeper_ship', true)");

        assertThatThrownBy(() -> rig.provision(rig.plan()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("needs log that its primary has no more");

        assertThat(rig.provision(rig.plan().withRenew(true)).isStreaming()).isTrue();
    }

    @Test
    void aTablespaceFolderThatSomebodyElseTookMeanwhileIsNotTouched() throws Exception {
        String user = Files.getOwner(rig.primary.data()).getName();
        Path theirs = Files.createDirectory(rig.primary.data().resolveSibling("fast"));
        Files.setOwner(theirs, Files.getOwner(rig.primary.data()));
        Path here = rig.home.resolve("fast");
        rig.run("create tablespace fast location '" + theirs + "'");
        rig.run("create table on_fast tablespace fast as select 1 as a");
        try {
            StandbyPlan usual = rig.plan();
            StandbyPlan plan = usual.with(new StandbyPlan.Place(
                    rig.data(), rig.port, user, null, Map.of(theirs.toString(), here.toString())));
            StandbyPlan shut = plan.with(new StandbyPlan.Access(plan.access().role(), null, false, null, null, null));
            assertThatThrownBy(() -> rig.provision(shut)).hasMessageContaining("pg_hba FAILED");
            Path taken = Files.createDirectories(here.resolve("PG_15_202209061/5/1234"));

            assertThatThrownBy(() -> rig.provision(plan))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("was not made for this standby");
            assertThat(taken).exists();
            rig.provisioner().undo(plan);
            assertThat(taken).exists();

            FolderTree.delete(here);
            assertThat(rig.provision(plan).isStreaming()).isTrue();
            try (var files = Files.list(here)) {
                assertThat(files).hasSize(1);
            }
            rig.provisioner().undo(plan);
            try (var files = Files.list(here)) {
                assertThat(files).isEmpty();
            }
        } finally {
            rig.run("drop table on_fast");
            rig.run("drop tablespace fast");
            FolderTree.delete(here);
            FolderTree.delete(theirs);
        }
    }

    @Test
    void aTablespaceFolderMayBeALinkAndIsLookedAtBeforeAnythingIsRemoved() throws Exception {
        String user = Files.getOwner(rig.primary.data()).getName();
        Path theirs = Files.createDirectory(rig.primary.data().resolveSibling("linked"));
        Files.setOwner(theirs, Files.getOwner(rig.primary.data()));
        Path disk = Files.createDirectory(rig.home.resolve("disk"));
        Files.setOwner(disk, Files.getOwner(rig.primary.data()));
        Path here = Files.createSymbolicLink(rig.home.resolve("linked"), disk);
        rig.run("create tablespace linked location '" + theirs + "'");
        rig.run("create table on_linked tablespace linked as select 1 as a");
        StandbyPlan plan = rig.plan()
                .with(new StandbyPlan.Place(
                        rig.data(), rig.port, user, null, Map.of(theirs.toString(), here.toString())));
        try {
            Path taken = Files.createFile(disk.resolve("taken"));
            assertThat(rig.provisioner().describe(plan))
                    .extracting(PlannedAction::note)
                    .anyMatch(note -> note.contains("would be refused now: " + here));
            Files.delete(taken);
            assertThat(rig.provisioner().describe(plan))
                    .extracting(PlannedAction::note)
                    .noneMatch(note -> note.contains("would be refused now"));
            assertThat(rig.provision(plan).isStreaming()).isTrue();

            rig.stopStandby();
            rig.run("select pg_drop_replication_slot('watchkeeper_ship')");
            Files.createFile(taken);
            assertThatThrownBy(() -> rig.provisioner().renew("ship")).hasMessageContaining("is not empty (taken)");
            assertThat(rig.data().resolve("PG_VERSION")).exists();
            Files.delete(taken);
            assertThat(rig.provisioner().renew("ship").isStreaming()).isTrue();
        } finally {
            rig.provisioner().undo(plan);
            rig.run("drop table on_linked");
            rig.run("drop tablespace linked");
            Files.delete(here);
            FolderTree.delete(disk);
            FolderTree.delete(theirs);
        }
    }

    @Test
    void aRecordThatDoesNotSayWhatWasCopiedLetsItsOwnLeftoversBeRemoved() throws Exception {
        String user = Files.getOwner(rig.primary.data()).getName();
        Path theirs = Files.createDirectory(rig.primary.data().resolveSibling("older"));
        Files.setOwner(theirs, Files.getOwner(rig.primary.data()));
        Path here = rig.home.resolve("older");
        rig.run("create tablespace older location '" + theirs + "'");
        rig.run("create table on_older tablespace older as select 1 as a");
        StandbyPlan plan = rig.plan()
                .with(new StandbyPlan.Place(
                        rig.data(), rig.port, user, null, Map.of(theirs.toString(), here.toString())));
        StandbyPlan shut = plan.with(new StandbyPlan.Access(plan.access().role(), null, false, null, null, null));
        try {
            assertThatThrownBy(() -> rig.provision(shut)).hasMessageContaining("pg_hba FAILED");
            Path record = rig.state.resolve("standbys/ship.json");
            Files.writeString(record, Files.readString(record).replaceAll("\"(filling|untouched)\" : \\w+,", ""));
            String major = rig.ask("select current_setting('server_version_num')::int / 10000");
            Files.createDirectories(here.resolve("PG_" + major + "_1/5/1234"));
            Files.setOwner(here, Files.getOwner(rig.primary.data()));

            assertThat(rig.provision(plan).isStreaming()).isTrue();
        } finally {
            rig.provisioner().undo(plan);
            rig.run("drop table on_older");
            rig.run("drop tablespace older");
            FolderTree.delete(here);
            FolderTree.delete(theirs);
        }
    }

    @Test
    void aManagersClusterIsLeftToTheManager() {
        rig.run("create role pgautofailover_replicator");
        try {
            Work work = Work.unattended("provision");
            assertThatThrownBy(() -> rig.provisioner(work)
                            .asking(new FailoverProbe(name -> rig.shore(), work))
                            .provision(rig.plan()))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("looks after the server of database 'shore'")
                    .hasMessageContaining("a new standby is its business");
        } finally {
            rig.run("drop role pgautofailover_replicator");
        }
    }

    @Test
    void aStandbyThatWasPromotedIsNotUndone() throws Exception {
        rig.provision(rig.plan());
        Path signal = rig.data().resolve("standby.signal");
        try (var connection =
                DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + rig.port + "/postgres", "postgres", "")) {
            connection.createStatement().execute("select pg_promote()");
        }

        assertThatThrownBy(() -> rig.provisioner().undo(rig.plan()))
                .isInstanceOf(OperatorException.class)
                .hasMessageContaining("was promoted");
        assertThat(rig.data().resolve("postmaster.pid")).exists();

        // As if it had not been: so that all can be undone.
        rig.stopStandby();
        Files.createFile(signal);
    }

    @Test
    void aSettingThatSomebodyChangedSinceStays() throws Exception {
        StandbyPlan plan = rig.plan()
                .with(new StandbyPlan.Settings(
                        true,
                        false,
                        new io.watchkeeper.units.Bytes(64 << 20),
                        new io.watchkeeper.units.Bytes(2L << 30)));
        rig.provision(plan);
        assertThat(rig.ask("show wal_keep_size")).isEqualTo("64MB");
        assertThat(rig.ask("show max_slot_wal_keep_size")).isEqualTo("2GB");
        rig.run("alter system set wal_keep_size = '128MB'");
        rig.run("select pg_reload_conf()");

        StandbyResult undone = rig.provisioner().undo(plan);

        assertThat(undone.notes())
                .contains(
                        "wal_keep_size stays as it is: somebody has changed it since",
                        "max_slot_wal_keep_size is as it was before");
        assertThat(rig.ask("select setting from pg_file_settings where name = 'wal_keep_size' and applied"))
                .isEqualTo("128MB");
        assertThat(rig.ask("select count(*) from pg_file_settings where name = 'max_slot_wal_keep_size'"))
                .isEqualTo("0");
        rig.run("alter system reset wal_keep_size");
        rig.run("select pg_reload_conf()");
    }
}
