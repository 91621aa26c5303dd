package io.watchkeeper.toolkit.wal;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestHost;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** A server of the test's own with small segments, an archive, and the receivers of an agent. Takes everything with it. */
final class WalFleet implements AutoCloseable {

    static final StoredForm GZIP =
            StoredForm.compressed(".gz", "gzip", () -> PgCommand.of(PgBinaries.onPath("gzip", "gzip"), "-c", "-q"));

    final LocalServer shore;
    final Path home;
    final WalArchive archive;
    private DatabasePools pools;
    private WalReceivers receivers;

    WalFleet(Map<String, String> settings) {
        shore = TestServers.own(settings);
        try {
            // Not a folder of JUnit's: a server's user must get at it.
            home = Files.createTempDirectory("watchkeeper-wal");
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        archive = new WalArchive(home.resolve("repository/shore/wal"));
        pools = new DatabasePools(List.of(TestServers.settings("shore", shore, "postgres")));
        receivers = new WalReceivers(true, Clock.systemUTC());
    }

    static WalFleet create() {
        return new WalFleet(Map.of());
    }

    /** The agent ends and another one begins, which reaches the server in this way. */
    void restartAgent(@Nullable DatabaseSettings login) {
        receivers.close();
        if (login != null) {
            pools.close();
            pools = new DatabasePools(List.of(login));
        }
        receivers = new WalReceivers(true, Clock.systemUTC());
    }

    Database database() {
        return pools.database("shore");
    }

    WalReceivers receivers() {
        return receivers;
    }

    static WalArchivePlan plan() {
        return plan(Duration.ofSeconds(20));
    }

    static WalArchivePlan plan(Duration patience) {
        WalArchivePlan usual = WalArchivePlan.of("watchkeeper_test", GZIP);
        return new WalArchivePlan(
                usual.method(),
                usual.slot(),
                usual.form(),
                usual.maxRetained(),
                null,
                io.watchkeeper.units.Bytes.megabytes(1),
                patience,
                false,
                null);
    }

    WalArchiver archiver(@Nullable WalStart newestBackup) {
        return archiver(receivers, newestBackup);
    }

    WalArchiver archiver(WalReceivers of, @Nullable WalStart newestBackup) {
        return new WalArchiver(database(), archive, of, Work.unattended("wal test"), Clock.systemUTC(), newestBackup);
    }

    WalArchiveResult archive() throws SQLException {
        return archiver(null).archive(plan());
    }

    /** The same, which must have gone well. */
    WalArchiveResult archiveWell() throws SQLException {
        WalArchiveResult result = archive();
        if (result.problem().isPresent()) {
            throw new AssertionError(
                    result.problem().get().getMessage(), result.problem().get());
        }
        return result;
    }

    void execute(String sql) {
        TestServers.execute(shore, "postgres", sql);
    }

    String ask(String sql) {
        return TestHost.ask(shore, "postgres", sql);
    }

    /** Fills the segment that is being written, and begins the next. @return the name of the full one */
    String fillSegment() {
        execute("select pg_logical_emit_message(true, 'test', repeat('x', 1000))");
        return ask("select pg_walfile_name(pg_switch_wal())");
    }

    static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(100));
    }

    boolean isArchived(String segment) {
        return Files.exists(archive.folder().resolve(segment + ".gz"));
    }

    /** Of the receiver that this fleet's process has started; empty when there is none just now. */
    Optional<ProcessHandle> receiver() {
        return ProcessHandle.current()
                .descendants()
                .filter(p -> p.info().command().orElse("").endsWith("pg_receivewal"))
                .findFirst();
    }

    @Override
    public void close() {
        receivers.close();
        pools.close();
        shore.close();
        try {
            FolderTree.delete(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
