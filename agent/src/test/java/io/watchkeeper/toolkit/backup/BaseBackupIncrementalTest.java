package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.MemoryFolder;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs all programs of PostgreSQL 17 or newer: Debian's, or those in the folder that WATCHKEEPER_POSTGRES_17 names. */
class BaseBackupIncrementalTest {

    private static final BaseBackupPlan PLAN = BaseBackupPlan.USUAL
            .withFastCheckpoint(true)
            .withFormat(BaseBackupFormat.PLAIN)
            .withIncremental(true);

    private static PgBinaries binaries;
    private static LocalServer server;

    @TempDir(factory = MemoryFolder.class)
    private Path folder;

    @BeforeAll
    static void start() throws IOException {
        Optional<PgBinaries> found = Stream.of(
                        System.getenv().getOrDefault("WATCHKEEPER_POSTGRES_17", "/usr/lib/postgresql/17/bin"),
                        "/usr/lib/postgresql/18/bin")
                .map(Path::of)
                .filter(bin -> Files.isExecutable(bin.resolve("pg_combinebackup")))
                .map(PgBinaries::new)
                .findFirst();
        assumeTrue(
                found.isPresent(),
                "no pg_combinebackup here: install postgresql-17, or set WATCHKEEPER_POSTGRES_17 to the folder of its programs");
        binaries = found.get();
        server = LocalServer.create(
                binaries,
                Files.createTempDirectory("watchkeeper-test"),
                Map.of("summarize_wal", "on", "wal_level", "replica"));
        TestServers.execute(
                server,
                "postgres",
                "create table letters as select i as id, repeat(md5(i::text), 8) as body from generate_series(1, 50000) i");
    }

    @AfterAll
    static void delete() {
        if (server != null) {
            server.delete();
        }
    }

    @Test
    void bringsWhatChangedAndIsPutTogetherAgain() throws Exception {
        BaseBackupResult full = make(PLAN);
        assertThat(full.incremental()).isFalse();
        assertThat(full.notes()).containsExactly("whole, because there is no base backup of this cluster yet");
        TestServers.execute(server, "postgres", "update letters set body = 'first' where id = 7");
        BaseBackupResult first = make(PLAN);
        TestServers.execute(server, "postgres", "update letters set body = 'second' where id = 40000");
        BaseBackupResult second = make(PLAN);

        assertThat(first.incremental()).isTrue();
        assertThat(first.verified()).isTrue();
        assertThat(first.backup().manifest().parent()).isEqualTo(full.id());
        assertThat(second.backup().manifest().parent()).isEqualTo(first.id());
        assertThat(second.bytes()).isLessThan(full.bytes() * 3 / 4);

        BackupChain chain = BackupChain.of(catalogue(), catalogue().find(second.id()));
        assertThat(chain.backups()).extracting(Backup::id).containsExactly(full.id(), first.id(), second.id());
        Path restored = MemoryFolder.create("watchkeeper-restored");
        RestoredByHand.shell(binaries.program("pg_combinebackup") + " -o '" + restored + "/data' "
                + chain.backups().stream()
                        .map(one -> "'" + one.folder() + "/data'")
                        .collect(Collectors.joining(" ")));
        try (LocalServer again = RestoredByHand.start(binaries, restored)) {
            assertThat(TestHost.ask(again, "postgres", digest())).isEqualTo(TestHost.ask(server, "postgres", digest()));
        }
    }

    @Test
    void worksWithTarFilesToo() throws Exception {
        BaseBackupPlan tar = PLAN.withFormat(BaseBackupFormat.TAR).withCompression(Compression.ZSTD, 1);
        BaseBackupResult full = make(tar);

        BaseBackupResult next = make(tar);

        assertThat(next.backup().manifest().parent()).isEqualTo(full.id());
        // The log, a segment at least, is not compressed.
        assertThat(next.bytes() - (16 << 20)).isLessThan((full.bytes() - (16 << 20)) / 2);
    }

    @Test
    void saysWhyItIsWholeInstead() throws Exception {
        BaseBackupResult full = make(PLAN);
        assertThat(make(PLAN.withFullAfter(Duration.ofNanos(1))).notes().get(0))
                .startsWith("whole, because the whole backup ");
        Backup newest = make(PLAN).backup();
        assertThat(newest.manifest().parent()).isNotEqualTo(full.id());

        catalogue().status(newest.id(), status -> status.withDamages(List.of("a byte is another")));

        assertThat(make(PLAN).notes()).containsExactly("whole, because " + newest.id() + " is damaged");
        assertThatThrownBy(() -> BackupChain.of(catalogue(), catalogue().find(newest.id())))
                .hasMessageContaining("is damaged: a byte is another");
    }

    @Test
    void wantsSummariesOfTheLog() throws Exception {
        TestServers.execute(server, "postgres", "alter system set summarize_wal = off");
        TestServers.execute(server, "postgres", "select pg_reload_conf()");
        try {
            org.awaitility.Awaitility.await()
                    .until(() -> TestHost.ask(server, "postgres", "show summarize_wal")
                            .equals("off"));
            assertThatThrownBy(() -> make(PLAN))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).contains("ALTER SYSTEM SET summarize_wal = on"));
        } finally {
            TestServers.execute(server, "postgres", "alter system reset summarize_wal");
            TestServers.execute(server, "postgres", "select pg_reload_conf()");
        }
    }

    private static String digest() {
        return "select md5(string_agg(t::text, ',' order by id)) from letters t";
    }

    private BaseBackupResult make(BaseBackupPlan plan) throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")))) {
            return new BaseBackup(pools.database("shore"), settings(), Work.unattended("incremental")).run(plan);
        }
    }

    private Catalogue catalogue() {
        return settings().catalogue("shore");
    }

    private BackupSettings settings() {
        return new BackupSettings(
                folder.resolve("repository"),
                null,
                folder.resolve("state"),
                binaries.folder(),
                "shore-1",
                Clock.systemUTC());
    }
}
