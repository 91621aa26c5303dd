package io.watchkeeper.toolkit.pitr;

import static org.awaitility.Awaitility.await;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupDraft;
import io.watchkeeper.toolkit.backup.BackupKind;
import io.watchkeeper.toolkit.backup.BackupManifest;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import io.watchkeeper.toolkit.backup.Compression;
import io.watchkeeper.toolkit.backup.Encryption;
import io.watchkeeper.toolkit.wal.WalSegment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A cluster of a test's own that archives its WAL, with a repository for its backups: database {@code app}, configured as shore. */
final class BackedUpCluster implements AutoCloseable {

    private static final Pattern RANGE =
            Pattern.compile("\"Start-LSN\": \"([0-9A-F/]+)\", \"End-LSN\": \"([0-9A-F/]+)\"");

    final Path home;
    final LocalServer server;
    final BackupSettings settings;
    private final DatabasePools pools;

    BackedUpCluster() {
        this(null);
    }

    BackedUpCluster(@Nullable Encryption encryption) {
        try {
            home = Files.createTempDirectory("watchkeeper-pitr");
            // The cluster and the sandboxes run as other users than root.
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path wal = Files.createDirectories(home.resolve("repository/shore/wal"));
            Files.createDirectories(home.resolve("state"));
            Files.setPosixFilePermissions(wal, PosixFilePermissions.fromString("rwxrwxrwx"));
            String recipients = encryption == null
                    ? ""
                    : "--recipient " + encryption.recipients().get(0) + " ";
            server = TestServers.own(Map.of(
                    "archive_mode", "on",
                    "archive_command",
                            "'" + Path.of("bin/archive-wal").toAbsolutePath() + " " + recipients + wal + " %p %f'",
                    "max_wal_senders", "10",
                    "autovacuum", "off"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings = new BackupSettings(
                home.resolve("repository"), encryption, home.resolve("state"), null, "shore-1", Clock.systemUTC());
        TestServers.execute(server, "postgres", "create database app");
        pools = new DatabasePools(List.of(TestServers.settings("shore", server, "app")));
    }

    Database database() {
        return pools.database("shore");
    }

    Catalogue catalogue() {
        return settings.catalogue("shore");
    }

    void run(String sql) {
        TestServers.execute(server, "app", sql);
    }

    String ask(String sql) {
        return TestHost.ask(server, "app", sql);
    }

    Instant now() {
        return Instant.parse(
                ask("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"));
    }

    /** Everything written until now is in the archive afterwards. */
    void archive() {
        String segment = ask("select pg_walfile_name(pg_switch_wal())");
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> catalogue().wal().find(segment).isPresent());
    }

    /** A base backup in the form that pg_basebackup makes with these options. */
    Backup backup(Compression compression, String... options) {
        try (LockFile lock = catalogue().lock("test");
                BackupDraft draft = catalogue().begin(BackupKind.BASE)) {
            Instant started = now();
            boolean tar = List.of(options).contains("--format=tar");
            Path to = tar ? draft.folder() : draft.folder().resolve("data");
            PgCommand.of(TestServers.binaries().program("pg_basebackup"), options)
                    .arguments("--pgdata=" + to, "--checkpoint=fast", "--no-sync", "--wal-method=stream")
                    .connect(TestServers.settings("shore", server, "app"), "test")
                    .run(Work.unattended("test"));
            Matcher range = RANGE.matcher(Files.readString(to.resolve("backup_manifest")));
            if (!range.find() || lock == null) {
                throw new IllegalStateException("no range");
            }
            return draft.finish(
                    new BackupManifest(
                            draft.id(),
                            BackupKind.BASE,
                            BackupManifest.NATIVE,
                            "shore",
                            "app",
                            ask("show server_version"),
                            Long.parseLong(ask("select system_identifier from pg_control_system()")),
                            Long.parseLong(ask("select timeline_id from pg_control_checkpoint()")),
                            Lsn.parse(range.group(1)).orElseThrow(),
                            Lsn.parse(range.group(2)).orElseThrow(),
                            started,
                            now(),
                            WalSegment.USUAL_SIZE,
                            List.of(),
                            Map.of(),
                            "",
                            compression,
                            null,
                            Map.of()),
                    Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    DrillResult drill(DrillPlan plan) {
        return new PitrDrill(settings, database(), Work.unattended("drill"), "01TESTRUN").run(plan);
    }

    /** What is left in the folder of sandboxes, locks that nobody holds left out. */
    List<String> sandboxes() {
        Path folder = home.resolve("state/sandboxes");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var all = Files.list(folder)) {
            return all.filter(one -> !one.toString().endsWith(".lock")
                            || LockFile.holder(one).isPresent())
                    .map(one -> one.getFileName().toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        pools.close();
        server.delete();
        try {
            FolderTree.delete(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
