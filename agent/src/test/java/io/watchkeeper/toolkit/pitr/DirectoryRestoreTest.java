package io.watchkeeper.toolkit.pitr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Compression;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Restores to a directory, and what the server makes of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DirectoryRestoreTest {

    private final BackedUpCluster cluster = new BackedUpCluster();
    private Path folder;
    private Path to;

    @BeforeAll
    void backUp() {
        cluster.run("create table t as select i as id from generate_series(1, 1000) i");
        TestServers.execute(cluster.server, "postgres", "alter system set synchronous_standby_names = 'production'");
        cluster.backup(Compression.NONE);
        TestServers.execute(cluster.server, "postgres", "alter system reset synchronous_standby_names");
        cluster.run("insert into t values (2000)");
        cluster.archive();
    }

    @AfterAll
    void close() {
        cluster.close();
    }

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("watchkeeper-restore");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        to = folder.resolve("data");
    }

    @AfterEach
    void removeFolder() throws IOException {
        OtherProcesses.end(folder);
        FolderTree.delete(folder);
    }

    private DirectoryResult restore(DirectoryPlan plan) {
        return new DirectoryRestore(cluster.settings, "shore", Work.unattended("restore")).run(plan);
    }

    private DirectoryPlan plan(boolean overwrite) {
        return new DirectoryPlan(to, RecoveryTarget.LATEST, null, overwrite, null, null);
    }

    @Test
    void isStartedByTheCommandThatItSays() throws IOException {
        DirectoryResult result = restore(plan(false));

        assertThat(result.commands().get(0)).contains("pg_ctl").contains(to.toString());
        assertThat(Files.readString(to.resolve("postgresql.auto.conf")))
                .contains("archive_mode = 'off'", "synchronous_standby_names = ''", "fetch-wal")
                .doesNotContain("production");
        assertThat(to.resolve(DirectoryRestore.MARKER)).doesNotExist();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(to)))
                .isEqualTo("rwx------");
        // The port is the original's, which still runs; a person on another host has it free.
        Path conf = to.resolve("postgresql.conf");
        LocalServer restored = started(conf, result.commands().get(0));
        try {
            // The command returns when the server can be read, which is before its recovery has ended.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> TestHost.ask(restored, "app", "select pg_is_in_recovery()")
                            .equals("f"));
            assertThat(TestHost.ask(restored, "app", "select count(*) from t")).isEqualTo("1001");
            assertThat(TestHost.ask(restored, "app", "show archive_mode")).isEqualTo("off");
        } finally {
            restored.stop();
        }
    }

    private LocalServer started(Path conf, String command) throws IOException {
        int port = LocalServer.freePort();
        Files.writeString(
                conf,
                Files.readString(conf)
                        .replace("port = " + cluster.server.port(), "port = " + port)
                        .replace(Objects.toString(cluster.server.data().getParent()), to.toString()));
        PgCommand.of(Path.of("/bin/sh"), "-c", command).run(Work.unattended("start"));
        return LocalServer.attach(TestServers.binaries(), folder);
    }

    @Test
    @Tag("campaign")
    void startsWithoutTheConfigurationThatDebianKeepsElsewhere() throws IOException {
        var backup = cluster.catalogue().backups().get(0);
        List<String> configuration = List.of("postgresql.conf", "pg_hba.conf", "pg_ident.conf");
        restore(plan(false));
        for (String name : configuration) {
            Files.delete(to.resolve(name));
        }
        Path data = to;
        List<String> notes = new RestoredSettings(data, ServerUser.usualOwner(), TestServers.binaries())
                .adapt(java.util.Map.of("restore_command", "false"), control(data));

        assertThat(backup.isGood()).isTrue();
        assertThat(notes).anyMatch(note -> note.startsWith("postgresql.conf was not in the backup"));
        // The primary had more prepared transactions than the server's default.
        assertThat(Files.readString(to.resolve("postgresql.auto.conf"))).contains("max_prepared_transactions = '10'");
        assertThat(to.resolve("pg_hba.conf")).content().contains("scram-sha-256");
    }

    private static ControlData control(Path data) {
        return ControlData.parse(PgCommand.of(TestServers.binaries().program("pg_controldata"), data.toString())
                .run(Work.unattended("test"))
                .output());
    }

    @Test
    void leavesOutWhatPointsElsewhere() throws IOException {
        restore(plan(false));
        Files.writeString(to.resolve("postgresql.conf"), """
                include '/etc/nowhere/extra.conf'
                data_directory = '/var/lib/postgresql/15/main'
                hba_file = '/etc/postgresql/15/main/pg_hba.conf'	# (change requires restart)
                ssl = on
                ssl_cert_file = '/etc/ssl/nowhere.pem'
                work_mem = 8MB
                """);

        List<String> notes = new RestoredSettings(to, ServerUser.usualOwner(), TestServers.binaries())
                .adapt(java.util.Map.of("restore_command", "false"), control(to));

        assertThat(Files.readString(to.resolve("postgresql.conf")))
                .contains(
                        "# left out by watchkeeper restore: include",
                        "# left out by watchkeeper restore: data_directory")
                .contains("\nwork_mem = 8MB");
        assertThat(Files.readString(to.resolve("postgresql.auto.conf"))).contains("ssl = 'off'");
        assertThat(notes).anyMatch(note -> note.contains("nowhere.pem"));
    }

    @Test
    void neverTouchesWhatIsNotEmptyWithoutTheWord() throws IOException {
        Files.createDirectory(to);
        Files.writeString(to.resolve("letters.txt"), "to my daughter");

        assertThatThrownBy(() -> restore(plan(false))).hasMessageContaining("is not empty");
        assertThatThrownBy(() -> restore(plan(true))).hasMessageContaining("never overwritten");
        assertThat(to.resolve("letters.txt")).hasContent("to my daughter");
    }

    @Test
    void replacesAnOldClusterOnlyWhereItIsToldTo() throws IOException {
        restore(plan(false));
        Files.writeString(to.resolve("old"), "");

        assertThatThrownBy(() -> restore(plan(false)))
                .hasMessageContaining("holds a cluster of PostgreSQL")
                .satisfies(e -> assertThat(((OperatorException) e).hint()).contains("overwrite"));
        restore(plan(true));

        assertThat(to.resolve("old")).doesNotExist();
        assertThat(to.resolve("PG_VERSION")).exists();
        assertThat(to).isDirectoryNotContaining("glob:**/watchkeeper.*");
    }

    @Test
    void neverReplacesAClusterThatIsServed() {
        DirectoryPlan onServer =
                new DirectoryPlan(cluster.server.data(), RecoveryTarget.LATEST, null, true, null, null);

        assertThatThrownBy(() -> restore(onServer)).hasMessageContaining("a server is running");
    }

    @Test
    void leavesAnEmptyDirectoryWhenItIsCancelled() throws IOException {
        StoppableWork work = new StoppableWork("restore");
        work.onProgress(progress -> work.stop());

        assertThatThrownBy(() -> new DirectoryRestore(cluster.settings, "shore", work).run(plan(false)))
                .isInstanceOf(WorkCancelledException.class);
        assertThat(to).isEmptyDirectory();
    }

    @Test
    void knowsARestoreThatDied() throws IOException {
        Files.createDirectories(to.resolve("base"));
        Files.writeString(to.resolve(DirectoryRestore.MARKER), "");

        assertThatThrownBy(() -> restore(plan(false))).hasMessageContaining("a restore that was not finished");
        restore(plan(true));
        assertThat(to.resolve(DirectoryRestore.MARKER)).doesNotExist();
    }

    @Test
    void anOldClusterIsBackWhenWhatWouldReplaceItDoesNotCome() throws IOException {
        restore(plan(false));
        Files.writeString(to.resolve("old"), "");
        StoppableWork work = new StoppableWork("restore");
        work.onProgress(progress -> work.stop());

        assertThatThrownBy(() -> new DirectoryRestore(cluster.settings, "shore", work).run(plan(true)))
                .isInstanceOf(WorkCancelledException.class);

        assertThat(to.resolve("old")).exists();
        assertThat(to.resolve("global/pg_control")).exists();
        assertThat(to).isDirectoryNotContaining("glob:**/watchkeeper.*");
    }

    @Test
    void neverTouchesAFolderForTablespacesThatHoldsAnythingElse() throws IOException {
        Files.createDirectories(to);
        Files.writeString(to.resolve(DirectoryRestore.MARKER), "");
        Path served = Files.createDirectories(folder.resolve("tablespaces/16400/PG_15_202209061"));
        Files.writeString(served.resolve("1"), "rows");

        assertThatThrownBy(() -> restore(plan(folder.resolve("tablespaces"))))
                .hasMessageContaining("16400")
                .hasMessageContaining("never overwritten");
        assertThatThrownBy(() -> restore(plan(cluster.home.resolve("repository"))))
                .hasMessageContaining("lie within each other");
        assertThatThrownBy(() -> restore(plan(folder))).hasMessageContaining("lie within each other");

        assertThat(served.resolve("1")).hasContent("rows");
    }

    @Test
    void replacesWhatARestoreThatDiedHasLeftOfTablespaces() throws IOException {
        Files.createDirectories(to);
        Files.writeString(to.resolve(DirectoryRestore.MARKER), "");
        Path left = Files.createDirectories(folder.resolve("tablespaces/16400"));
        Files.writeString(left.resolveSibling(DirectoryRestore.MARKER), "");

        restore(plan(folder.resolve("tablespaces")));

        assertThat(folder.resolve("tablespaces")).isEmptyDirectory();
    }

    @Test
    void removesOldTablespacesFirstWhereTheirDiskHasNoRoomForBoth() throws IOException {
        Path memory = Path.of("/dev/shm");
        assumeTrue(
                Files.isWritable(memory) && !Files.getFileStore(memory).equals(Files.getFileStore(folder)),
                "another disk");
        Path other = Files.createTempDirectory(memory, "watchkeeper-restore");
        try {
            restore(plan(other));
            Path old = Files.createDirectory(other.resolve("16400"));
            try (RandomAccessFile sparse = new RandomAccessFile(old.resolve("1").toFile(), "rw")) {
                sparse.setLength(1L << 40);
            }
            Files.createSymbolicLink(to.resolve("pg_tblspc/16400"), old);

            DirectoryResult result = restore(plan(other));

            assertThat(result.notes()).anyMatch(note -> note.startsWith("there was no room for both"));
            assertThat(other).isEmptyDirectory();
        } finally {
            FolderTree.delete(other);
        }
    }

    /** Nothing can be made there, not even by root: as below a file system that can only be read. */
    @Test
    void needsNoFolderForTablespacesWhereThereAreNone() {
        restore(plan(Path.of("/proc/tablespaces")));

        assertThat(to.resolve("PG_VERSION")).exists();
    }

    private DirectoryPlan plan(Path tablespaces) {
        return new DirectoryPlan(to, RecoveryTarget.LATEST, null, true, null, tablespaces);
    }

    @Test
    void previewsWithoutWriting() {
        RestorePreview preview =
                new DirectoryRestore(cluster.settings, "shore", Work.unattended("preview")).preview(plan(false));

        assertThat(String.join("\n", preview.lines(cluster.settings.clock().instant())))
                .contains("backup   ", "segment", "target   latest", "would be lost", "room     ");
        assertThat(to).doesNotExist();
    }

    @Test
    void refusesPlacesOfTheAgentsOwn() {
        DirectoryPlan inside = new DirectoryPlan(
                cluster.home.resolve("repository/shore/new"), RecoveryTarget.LATEST, null, false, null, null);

        assertThatThrownBy(() -> restore(inside)).hasMessageContaining("lie within each other");
    }
}
