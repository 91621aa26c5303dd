package io.watchkeeper.toolkit.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.watchkeeper.files.FileDigest;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PlannedAction;
import io.watchkeeper.postgres.Progress;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.testing.MemoryFolder;
import io.watchkeeper.testing.StandbyServers;
import io.watchkeeper.testing.StoppableWork;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.units.Bytes;
import io.watchkeeper.units.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseBackupTest {

    private static final BaseBackupPlan FAST = BaseBackupPlan.USUAL.withFastCheckpoint(true);

    /** Few files, where it does not matter. */
    private static final BaseBackupPlan TAR = FAST.withFormat(BaseBackupFormat.TAR);

    private static final String DIGEST = "select md5(string_agg(t::text, ',' order by id)) from letters t";

    private static LocalServer server;
    private static String rows;

    @TempDir(factory = MemoryFolder.class)
    private Path folder;

    @BeforeAll
    static void fill() {
        server = TestServers.own(Map.of("max_wal_senders", "4", "wal_level", "replica"));
        TestServers.execute(server, "postgres", """
                create table letters (id int primary key, body text);
                insert into letters select i, repeat(md5(i::text), 8) from generate_series(1, 20000) i""");
        rows = TestHost.ask(server, "postgres", DIGEST);
    }

    @AfterAll
    static void delete() {
        server.delete();
    }

    @ParameterizedTest
    @CsvSource({
        "plain, none,   ,       data/PG_VERSION",
        "plain, zstd,   server, data/PG_VERSION",
        "tar,   none,   ,       base.tar",
        ",      gzip:1, client, base.tar.gz",
        ",      zstd:1, ,       base.tar.zst",
        "tar,   lz4,    server, base.tar.lz4",
    })
    void canBeRestoredByHand(String format, String compression, String at, String file) throws Exception {
        String[] method = compression.split(":");
        BaseBackupPlan plan = FAST.withCompression(
                        Compression.valueOf(method[0].toUpperCase(java.util.Locale.ROOT)),
                        method.length == 1 ? null : (Integer) Integer.parseInt(method[1]))
                .withFormat(format == null ? null : BaseBackupFormat.valueOf(format.toUpperCase(java.util.Locale.ROOT)))
                .withCompressAt(at == null ? null : CompressAt.valueOf(at.toUpperCase(java.util.Locale.ROOT)));

        BaseBackupResult result = make(plan, null);

        assertThat(result.verified()).isTrue();
        assertThat(result.backup().folder().resolve(file)).exists();
        requireWholeAndRestorable(result.backup(), null);
    }

    @Test
    void encryptsEveryFileThatHoldsData() throws Exception {
        Path key = folder.resolve("key");
        RestoredByHand.shell("age-keygen -o '" + key + "' 2>/dev/null");
        String recipient = Files.readString(key)
                .lines()
                .filter(line -> line.startsWith("# public key: "))
                .map(line -> line.substring(14))
                .findFirst()
                .orElseThrow();

        BaseBackupResult result = make(
                FAST.withCompression(Compression.GZIP, 1).withFormat(BaseBackupFormat.PLAIN),
                new Encryption(List.of(recipient), null));

        Backup backup = result.backup();
        assertThat(result.notes()).containsExactly("tar instead of plain, because it is encrypted");
        assertThat(backup.manifest().encryption()).isEqualTo("age");
        try (Stream<Path> files = Files.list(backup.folder())) {
            assertThat(files.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "base.tar.gz.age",
                            "pg_wal.tar.gz.age",
                            "backup_manifest",
                            "manifest.json",
                            "manifest.json.sha256");
        }
        requireWholeAndRestorable(backup, key);
    }

    @Test
    void tellsWhereItBeginsAndEnds() throws Exception {
        BackupManifest manifest =
                make(FAST.withLabel("before the upgrade"), null).backup().manifest();

        assertThat(manifest.startLsn()).isLessThan(manifest.stopLsn());
        assertThat(manifest.timeline()).isEqualTo(1);
        assertThat(String.valueOf(manifest.systemId()))
                .isEqualTo(TestHost.ask(server, "postgres", "select system_identifier from pg_control_system()"));
        assertThat(manifest.serverVersion())
                .isEqualTo(TestHost.ask(server, "postgres", "select current_setting('server_version')"));
        assertThat(manifest.walSegmentSize()).isEqualTo(16 << 20);
        assertThat(manifest.finishedAt()).isAfter(manifest.startedAt());
        assertThat(manifest.tools().get("pg_basebackup")).startsWith("pg_basebackup (PostgreSQL) ");
        assertThat(manifest.options())
                .containsEntry("label", "before the upgrade")
                .containsEntry("format", "plain");
        assertThat(manifest.parent()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"PLAIN", "TAR"})
    void bringsTablespaces(BaseBackupFormat format) throws Exception {
        Path location = Files.createTempDirectory(server.data().getParent(), "space=1,");
        RestoredByHand.shell("chown --reference='" + server.data() + "' '" + location + "'");
        TestServers.execute(server, "postgres", "create tablespace other location '" + location + "'");
        try {
            TestServers.execute(
                    server,
                    "postgres",
                    "create table far (id int primary key) tablespace other; insert into far values (7)");
            String number = TestHost.ask(server, "postgres", "select oid from pg_tablespace where spcname = 'other'");

            Backup backup = make(FAST.withFormat(format), null).backup();

            assertThat(backup.manifest().options()).containsEntry("tablespace." + number, location.toString());
            try (LocalServer restored = RestoredByHand.start(backup, null)) {
                assertThat(TestHost.ask(restored, "postgres", "select id from far"))
                        .isEqualTo("7");
                assertThat(TestHost.ask(restored, "postgres", "select pg_tablespace_location(" + number + ")"))
                        .doesNotContain(location.toString())
                        .doesNotContain(backup.folder().toString());
            }
            requireWhole(backup);
        } finally {
            TestServers.execute(server, "postgres", "drop table if exists far");
            TestServers.execute(server, "postgres", "drop tablespace other");
        }
    }

    @Test
    void isMadeFromAStandbyToo() throws Exception {
        try (LocalServer standby = StandbyServers.of(server);
                DatabasePools pools = new DatabasePools(List.of(TestServers.settings("ship", standby, "postgres")))) {
            Backup backup = new BaseBackup(pools.database("ship"), settings(null), Work.unattended("standby-test"))
                    .run(FAST.withFormat(BaseBackupFormat.TAR))
                    .backup();

            assertThat(backup.manifest().options()).containsEntry("from", "standby");
            requireWhole(backup);
        }
    }

    @Test
    void showsHowFarItIs() throws Exception {
        StoppableWork work = new StoppableWork("progress-test");
        try (DatabasePools pools = pools()) {
            new BaseBackup(pools.database("shore"), settings(null), work)
                    .run(FAST.withRateLimit(Bytes.megabytes(16)).withVerify(false));
        }

        List<Progress> streaming = work.progress.stream()
                .filter(one -> one.stage().equals("streaming database files"))
                .toList();
        assertThat(streaming).isNotEmpty();
        assertThat(streaming.get(streaming.size() - 1).totalBytes()).isGreaterThan(20 << 20);
        assertThat(work.progress.get(work.progress.size() - 1).isFinished()).isTrue();
    }

    @Test
    void oneIsMadeAtATime() throws Exception {
        try (LockFile lock = settings(null).catalogue("shore").lock("run 01A, base-backup-hourly")) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> make(FAST, null)).hasMessageContaining("run 01A, base-backup-hourly");
        }
        assertThat(make(TAR, null).backup().isGood()).isTrue();
    }

    @Test
    void refusesWhatTheRoleMayNot() throws Exception {
        TestServers.execute(server, "postgres", "create role base_reader login");

        assertThatThrownBy(() -> make(as("base_reader", null)))
                .isInstanceOfSatisfying(
                        OperatorException.class,
                        e -> assertThat(e.hint())
                                .startsWith("as a superuser there: ALTER ROLE base_reader REPLICATION"));

        TestServers.execute(server, "postgres", "alter role base_reader replication");
        assertThat(make(as("base_reader", null)).backup().isGood()).isTrue();
        requireNothingLeft();
    }

    @Test
    void refusesWhereAllSendersAreInUse() throws Exception {
        try (var first = replication();
                var second = replication();
                var third = replication()) {
            assertThat(List.of(first, second, third)).hasSize(3);
            assertThatThrownBy(() -> make(FAST, null))
                    .hasMessage("a base backup of database 'shore' needs 2 WAL senders, and 3 of 4 are in use");
        }
    }

    @Test
    void passesOnWhatPgHbaRefuses() throws Exception {
        Path hba = server.data().resolve("pg_hba.conf");
        String before = Files.readString(hba);
        Files.writeString(hba, "host replication base_hba 127.0.0.1/32 reject\n" + before);
        try {
            TestServers.execute(server, "postgres", "create role base_hba login replication");
            TestServers.execute(server, "postgres", "select pg_reload_conf()");

            assertThatThrownBy(() -> make(as("base_hba", null)))
                    .isInstanceOfSatisfying(
                            OperatorException.class,
                            e -> assertThat(e.hint()).startsWith("add to pg_hba.conf on the server: host replication"));
            requireNothingLeft();
        } finally {
            Files.writeString(hba, before);
            TestServers.execute(server, "postgres", "select pg_reload_conf()");
        }
    }

    @Test
    void saysThatThePasswordIsWrongAndNotWhichItWas() throws Exception {
        Path hba = server.data().resolve("pg_hba.conf");
        String before = Files.readString(hba);
        Files.writeString(hba, "host all,replication base_secret 127.0.0.1/32 scram-sha-256\n" + before);
        try {
            TestServers.execute(
                    server, "postgres", "create role base_secret login replication password 'right-one-here'");
            TestServers.execute(server, "postgres", "select pg_reload_conf()");

            assertThatThrownBy(() -> make(as("base_secret", Secret.of("wrong-one-here"))))
                    .hasMessageContaining("password authentication failed")
                    .hasMessageNotContaining("wrong-one-here");
            assertThat(make(as("base_secret", Secret.of("right-one-here")))
                            .backup()
                            .isGood())
                    .isTrue();
        } finally {
            Files.writeString(hba, before);
            TestServers.execute(server, "postgres", "select pg_reload_conf()");
        }
    }

    @Test
    void refusesCompressionThatNobodyOffers() {
        assertThatThrownBy(() -> make(FAST.withCompression(Compression.ZSTD, 99), null))
                .hasMessageContaining("compression algorithm \"zstd\" expects a compression level");
        assertThatThrownBy(() -> make(
                        FAST.withCompression(Compression.GZIP, null)
                                .withFormat(BaseBackupFormat.PLAIN)
                                .withCompressAt(CompressAt.CLIENT),
                        null))
                .hasMessage("a plain base backup is not compressed on this host");
        assertThatThrownBy(() -> FAST.withRateLimit(Bytes.of(1000))).hasMessageContaining("1000 bytes a second");
        assertThatThrownBy(() -> make(FAST.withIncremental(true), null))
                .hasMessageContaining("incremental base backups begin with 17");
    }

    @Test
    void saysWhetherTheArchivedLogHasGaps() throws Exception {
        assertThat(make(TAR, null).archive()).isNull();
        Path wal =
                Files.createDirectories(settings(null).catalogue("shore").wal().folder());
        for (String name : List.of("000000010000000000000001", "000000010000000000000003")) {
            Files.write(wal.resolve(name), new byte[16 << 20]);
        }

        BaseBackupResult result = make(TAR, null);

        assertThat(result.fields()).containsEntry("archiveMissing", 1L);
        assertThat(result.archiveGap().orElseThrow())
                .startsWith("the archived log of shore has gaps: 000000010000000000000002 missing");
    }

    @Test
    void describesItselfWithoutDoingAnything() throws Exception {
        try (DatabasePools pools = pools()) {
            BaseBackup backup = new BaseBackup(pools.database("shore"), settings(null), Work.unattended("dry"));

            List<PlannedAction> plan = backup.describe(FAST.withCompression(Compression.GZIP, 6));

            assertThat(plan).hasSize(1);
            assertThat(plan.get(0).sql())
                    .startsWith("pg_basebackup --pgdata=")
                    .contains("--format=tar")
                    .contains("--compress=client-gzip:6");
            assertThat(plan.get(0).bytes()).isGreaterThan(20 << 20);
            assertThat(plan.get(0).note())
                    .startsWith("base backup into " + folder)
                    .contains(" free");
            assertThat(folder.resolve("repository")).doesNotExist();
        }
    }

    private void requireWholeAndRestorable(Backup backup, @Nullable Path identity) throws IOException {
        requireWhole(backup);
        try (LocalServer restored = RestoredByHand.start(backup, identity)) {
            assertThat(TestHost.ask(restored, "postgres", DIGEST)).isEqualTo(rows);
        }
        requireWhole(backup);
    }

    /** Its manifest tells the truth about each of its files. */
    private void requireWhole(Backup backup) throws IOException {
        Backup found = settings(null).catalogue(backup.manifest().database()).find(backup.id());
        assertThat(found.isGood()).isTrue();
        assertThat(found.manifest().files()).isNotEmpty();
        for (StoredFile file : found.manifest().files()) {
            assertThat(FileDigest.of(found.file(file))).as(file.path()).isEqualTo(file.sha256());
        }
    }

    private void requireNothingLeft() throws IOException {
        try (Stream<Path> left = Files.walk(folder.resolve("repository"))) {
            assertThat(left.map(Path::toString)).noneMatch(path -> path.endsWith(".making"));
        }
    }

    private BaseBackupResult make(BaseBackupPlan plan, @Nullable Encryption encryption) throws SQLException {
        try (DatabasePools pools = pools()) {
            return new BaseBackup(pools.database("shore"), settings(encryption), Work.unattended("base-test"))
                    .run(plan);
        }
    }

    private BaseBackupResult make(DatabaseSettings database) throws SQLException {
        try (DatabasePools pools = new DatabasePools(List.of(database))) {
            return new BaseBackup(pools.database("shore"), settings(null), Work.unattended("base-test")).run(TAR);
        }
    }

    private static DatabasePools pools() {
        return new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")));
    }

    private static DatabaseSettings as(String role, @Nullable Secret password) {
        return new DatabaseSettings("shore", server.url("postgres"), role, password, 4, null, true);
    }

    private BackupSettings settings(@Nullable Encryption encryption) {
        return new BackupSettings(
                folder.resolve("repository"), encryption, folder.resolve("state"), null, "shore-1", Clock.systemUTC());
    }

    /** A connection that takes one of the WAL senders. */
    private static java.sql.Connection replication() throws SQLException {
        java.util.Properties properties = new java.util.Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "14");
        return java.sql.DriverManager.getConnection(server.url("postgres"), properties);
    }
}
