package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.postgres.WorkCancelledException;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.FlakyLink;
import io.watchkeeper.testing.MemoryFolder;
import io.watchkeeper.testing.OtherProcess;
import io.watchkeeper.testing.PostgresVersions;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever ends a base backup, nothing of it is a backup, and the next one is made. */
class BaseBackupFailureTest {

    private static final BaseBackupPlan TAR =
            BaseBackupPlan.USUAL.withFastCheckpoint(true).withFormat(BaseBackupFormat.TAR);

    /** So slow that there is time to do something meanwhile: the cluster has more than 20 MB. */
    private static final BaseBackupPlan SLOW = TAR.withRateLimit(Bytes.megabytes(2));

    private static final String STREAMING = "streaming database files";

    private static LocalServer server;

    @TempDir(factory = MemoryFolder.class)
    private Path folder;

    @BeforeAll
    static void start() {
        server = TestServers.own(Map.of("max_wal_senders", "10"));
        TestServers.execute(server, "postgres", "create table t as select i from generate_series(1, 1000) i");
    }

    @AfterAll
    static void delete() {
        server.delete();
    }

    @ParameterizedTest
    @ValueSource(strings = {"waiting for checkpoint to finish", STREAMING})
    void survivesThatPgBasebackupIsKilled(String phase) throws Exception {
        TestServers.execute(server, "postgres", "update t set i = i + 1");
        StoppableWork work = new StoppableWork("killed-tool");
        work.onProgress(progress -> {
            if (progress.stage().equals(phase)) {
                tools().forEach(ProcessHandle::destroyForcibly);
            }
        });

        assertThatThrownBy(() -> make(SLOW.withFastCheckpoint(phase.equals(STREAMING)), work))
                .isInstanceOf(OperatorException.class)
                .hasMessageStartingWith("pg_basebackup failed with exit status 137");

        requireCleanAndUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {STREAMING, "verifying"})
    void survivesThatTheAgentIsKilled(String phase) throws Exception {
        Path bin = wrapped("pg_verifybackup", "touch '" + folder + "/verifying'; sleep 60");
        try (OtherProcess agent = OtherProcess.start(
                Agent.class,
                server.url("postgres"),
                folder.resolve("repository").toString(),
                bin.toString(),
                phase)) {
            if (phase.equals(STREAMING)) {
                // Estimating its size comes first, and is seen or not.
                String stage = agent.readLine();
                while (stage != null && !stage.equals(STREAMING)) {
                    stage = agent.readLine();
                }
                assertThat(stage).isEqualTo(STREAMING);
            } else {
                await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(folder.resolve("verifying")));
            }
            agent.kill();
        }

        assertThat(making()).hasSize(1);
        assertThat(catalogue().backups()).isEmpty();
        await().atMost(Duration.ofSeconds(10)).until(() -> writers().isEmpty());
        requireCleanAndUsable();
    }

    /** In the other process. */
    static final class Agent {
        public static void main(String[] arguments) throws Exception {
            System.out.println("ready");
            StoppableWork work = new StoppableWork("killed-agent");
            work.onProgress(progress -> System.out.println(progress.stage()));
            BaseBackupPlan plan = arguments[3].equals(STREAMING) ? SLOW : TAR.withFormat(BaseBackupFormat.PLAIN);
            DatabaseSettings shore = new DatabaseSettings("shore", arguments[0], "postgres", null, 4, null, true);
            try (DatabasePools pools = new DatabasePools(List.of(shore))) {
                new BaseBackup(pools.database("shore"), settings(Path.of(arguments[1]), Path.of(arguments[2])), work)
                        .run(plan);
            }
        }
    }

    @Test
    void endsWithTheConnection() throws Exception {
        try (FlakyLink link = FlakyLink.to(server);
                DatabasePools pools = new DatabasePools(List.of(link.settings("shore", "postgres")))) {
            StoppableWork work = new StoppableWork("cut");
            work.onProgress(progress -> {
                if (progress.stage().equals(STREAMING)) {
                    link.cut();
                }
            });

            assertThatThrownBy(() -> new BaseBackup(pools.database("shore"), settings(), work).run(SLOW))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageStartingWith("pg_basebackup failed");
        }
        requireCleanAndUsable();
    }

    @Test
    void givesUpAServerThatIsNotHeardOf() throws Exception {
        try (FlakyLink link = FlakyLink.to(server);
                DatabasePools pools = new DatabasePools(List.of(link.settings("shore", "postgres")))) {
            StoppableWork work = new StoppableWork("frozen");
            work.onProgress(progress -> {
                if (progress.stage().equals(STREAMING)) {
                    link.freeze();
                }
            });

            assertThatThrownBy(() ->
                            new BaseBackup(pools.database("shore"), settings(), work, Duration.ofSeconds(2)).run(SLOW))
                    .hasMessage("nothing has come from database 'shore' for 2.0 s, and it does not answer");
        }
        requireCleanAndUsable();
    }

    @Test
    void isCancelled() throws Exception {
        StoppableWork work = new StoppableWork("cancelled");
        work.onProgress(progress -> {
            if (progress.stage().equals(STREAMING)) {
                work.stop();
            }
        });

        assertThatThrownBy(() -> make(SLOW, work)).isInstanceOf(WorkCancelledException.class);

        assertThat(writers()).isEmpty();
        requireCleanAndUsable();
    }

    @Test
    void saysThatTheStandbyWasPromoted() throws Exception {
        try (LocalServer standby = StandbyServers.of(server);
                DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", standby, "postgres")))) {
            StoppableWork work = new StoppableWork("promoted");
            work.onProgress(progress -> {
                if (progress.stage().equals(STREAMING)) {
                    TestServers.execute(standby, "postgres", "select pg_promote(true, 30)");
                }
            });

            assertThatThrownBy(() -> new BaseBackup(pools.database("shore"), settings(), work)
                            .run(SLOW.withRateLimit(Bytes.megabytes(8))))
                    .hasMessageContaining("the standby was promoted during online backup")
                    .isInstanceOfSatisfying(
                            OperatorException.class, e -> assertThat(e.hint()).contains("new primary"));
        }
        requireCleanAndUsable();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "tar"})
    void findsAByteThatIsNotTheOneThatWasSent(String format) throws Exception {
        // The plain file changes after it came; the tar file comes like that.
        Path bin = wrapped("pg_basebackup", """
                for word in "$@"; do case "$word" in --pgdata=*) to="${word#--pgdata=}";; esac; done
                [ -z "$to" ] && exec %1$s "$@"
                if [[ "$*" = *--format=plain* ]]; then
                    %1$s "$@" || exit $?
                    printf 'X' | dd of="$to/global/pg_filenode.map" bs=1 seek=200 conv=notrunc 2>/dev/null
                else
                    sent="%2$s/sent"
                    %1$s "${@/#--pgdata=*/--pgdata=$sent}" || exit $?
                    printf 'X' | dd of="$sent/base.tar" bs=1 seek=600 conv=notrunc 2>/dev/null
                    cp "$sent"/* "$to/"
                fi""".formatted(TestServers.binaries().program("pg_basebackup"), folder));

        assertThatThrownBy(() -> {
                    try (DatabasePools pools = pools()) {
                        new BaseBackup(
                                        pools.database("shore"),
                                        settings(folder.resolve("repository"), bin),
                                        Work.unattended("flipped"))
                                .run(TAR.withFormat(
                                        format.equals("plain") ? BaseBackupFormat.PLAIN : BaseBackupFormat.TAR));
                    }
                })
                .isInstanceOf(OperatorException.class)
                .hasMessageMatching("(?s).*(not what the server sent|tar file is damaged).*");

        requireCleanAndUsable();
    }

    @Test
    void survivesAFullDiskAtAnyMoment() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can make a small file system to fill up");
        Path small = Files.createDirectory(folder.resolve("small"));
        RestoredByHand.shell("mount -t tmpfs -o size=80m tmpfs '" + small + "'");
        try {
            BackupSettings settings = settings(small.resolve("repository"), null);
            Path ballast = small.resolve("ballast");

            Files.write(ballast, new byte[70 << 20]);
            assertThatThrownBy(() -> make(settings, TAR, Work.unattended("full")))
                    .hasMessageMatching("the base backup of 'shore' may need .* free");
            Files.delete(ballast);

            StoppableWork work = new StoppableWork("filled");
            work.onProgress(progress -> {
                if (progress.stage().equals(STREAMING)) {
                    fill(ballast);
                }
            });
            assertThatThrownBy(() -> make(settings, SLOW, work))
                    .isInstanceOf(OperatorException.class)
                    .hasMessageContaining("No space left on device");
            Files.delete(ballast);

            Path bin = wrapped(
                    "pg_waldump",
                    "for word in \"$@\"; do case $word in --path=*) rm -f \"${word#--path=}\"/*;; esac; done; cat /dev/zero > '"
                            + ballast + "' 2>/dev/null; exit 0");
            assertThatThrownBy(
                            () -> make(settings(small.resolve("repository"), bin), TAR, Work.unattended("filled late")))
                    .hasMessageContaining("cannot be finished");
            Files.delete(ballast);

            assertThat(settings.catalogue("shore").backups()).isEmpty();
            assertThat(make(settings, TAR, Work.unattended("again")).backup().isGood())
                    .isTrue();
        } finally {
            RestoredByHand.shell("umount '" + small + "'");
        }
    }

    @Test
    void saysWhichToolIsMissing() throws Exception {
        int newest = PostgresVersions.available().stream().max(Integer::compare).orElseThrow();
        assumeTrue(
                newest > TestServers.binaries().major().orElse(0),
                "there is no server here that is newer than pg_basebackup");
        try (PostgresVersions versions = new PostgresVersions();
                DatabasePools pools = new DatabasePools(
                        List.of(TestServers.settings("shore", versions.server(newest), "postgres")))) {
            assertThatThrownBy(
                            () -> new BaseBackup(pools.database("shore"), settings(), Work.unattended("old")).run(TAR))
                    .hasMessage("no pg_basebackup for a server of version " + newest + " on this host")
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).startsWith("apt install postgresql-client-" + newest));
        }
    }

    private static void fill(Path file) {
        try (var out = Files.newOutputStream(file)) {
            byte[] block = new byte[1 << 16];
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            // Full, as it is meant to be.
        }
    }

    /** The catalogue has no half backup, nothing of one is left, and the next one is made. */
    private void requireCleanAndUsable() throws Exception {
        assertThat(catalogue().backups()).isEmpty();
        assertThat(make(TAR, Work.unattended("the next one")).backup().isGood()).isTrue();
        assertThat(making()).isEmpty();
        assertThat(catalogue().backups()).hasSize(1);
    }

    private List<Path> making() throws IOException {
        try (Stream<Path> backups = Files.list(catalogue().backupsFolder())) {
            return backups.filter(path -> path.toString().endsWith(".making")).toList();
        }
    }

    /** Programs that this process has started. */
    private static List<ProcessHandle> tools() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("pg_basebackup"))
                .toList();
    }

    /** Programs of whichever process that write into the repository. */
    private List<ProcessHandle> writers() {
        return ProcessHandle.allProcesses()
                .filter(process -> Stream.of(process.info().arguments().orElse(new String[0]))
                        .anyMatch(word -> word.startsWith("--pgdata=" + folder)))
                .toList();
    }

    /** All of the server's programs, one of them replaced by a script. */
    private Path wrapped(String program, String script) throws IOException {
        Path bin = Files.createDirectory(folder.resolve("bin-" + program));
        try (Stream<Path> programs = Files.list(TestServers.binaries().folder())) {
            for (Path one : programs.toList()) {
                if (!one.getFileName().toString().equals(program)) {
                    Files.createSymbolicLink(bin.resolve(one.getFileName()), one);
                }
            }
        }
        Path file = Files.writeString(bin.resolve(program), "#!/bin/bash\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }

    private BaseBackupResult make(BaseBackupPlan plan, Work work) throws SQLException {
        return make(settings(), plan, work);
    }

    private static BaseBackupResult make(BackupSettings settings, BaseBackupPlan plan, Work work) throws SQLException {
        try (DatabasePools pools = pools()) {
            return new BaseBackup(pools.database("shore"), settings, work).run(plan);
        }
    }

    private static DatabasePools pools() {
        return new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")));
    }

    private Catalogue catalogue() {
        return settings().catalogue("shore");
    }

    private BackupSettings settings() {
        return settings(folder.resolve("repository"), null);
    }

    private static BackupSettings settings(Path repository, @org.jspecify.annotations.Nullable Path bin) {
        return new BackupSettings(repository, null, Path.of("/nonexistent"), bin, "shore-1", Clock.systemUTC());
    }
}
