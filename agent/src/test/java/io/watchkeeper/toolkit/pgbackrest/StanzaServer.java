package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A server of a test's own that archives into a repository of pgBackRest's, in a folder that goes with it. The folder belongs to the
 * server's user, as pgBackRest wants it.
 */
public final class StanzaServer implements AutoCloseable {

    public static final String STANZA = "main";

    private final Path folder;
    private final LocalServer server;
    private final DatabasePools pools;

    private StanzaServer(Path folder, LocalServer server) {
        this.folder = folder;
        this.server = server;
        this.pools = new DatabasePools(List.of(TestServers.settings("shore", server, "postgres")));
    }

    /** Skips the test, with a line that says why, where pgBackRest is not installed. */
    public static void requireProgram() {
        Assumptions.assumeTrue(
                PgBackRest.installed().isPresent(),
                "SKIPPED: pgbackrest is not installed here (apt-get install pgbackrest)");
    }

    /** A server and its configuration; the stanza is not created yet. */
    public static StanzaServer start() {
        requireProgram();
        try {
            Path folder = Files.createTempDirectory("watchkeeper-pgbackrest");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            LocalServer server = TestServers.own(Map.of(
                    "archive_mode",
                    "on",
                    "archive_command",
                    "'pgbackrest --config=" + folder.resolve("pgbackrest.conf") + " --stanza=main archive-push %p'"));
            StanzaServer made = new StanzaServer(folder, server);
            for (String name : List.of("repo", "spool", "lock", "log")) {
                Files.createDirectory(folder.resolve(name));
            }
            Files.writeString(made.config(), made.configuration());
            made.giveAll();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration() {
        return """
                [global]
                repo1-path=%1$s/repo
                repo1-retention-full=99
                lock-path=%1$s/lock
                spool-path=%1$s/spool
                log-path=%1$s/log
                log-level-file=off
                start-fast=y
                compress-level=1
                archive-timeout=10

                # Else it tries a damaged file again after 15 s.
                [global:verify]
                job-retry=0

                [global:restore]
                job-retry=0

                [main]
                pg1-path=%2$s
                pg1-port=%3$d
                pg1-socket-path=%4$s
                pg1-user=postgres
                """.formatted(folder, server.data(), server.port(), server.data().getParent());
    }

    private void giveAll() throws IOException {
        UserPrincipal owner = Files.getOwner(server.data());
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.toList()) {
                Files.setOwner(path, owner);
            }
        }
    }

    /** Gives a file or folder of the test's to the server's user. */
    public Path give(Path path) {
        try {
            Files.setOwner(path, Files.getOwner(server.data()));
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path folder() {
        return folder;
    }

    public Path config() {
        return folder.resolve("pgbackrest.conf");
    }

    public Path repository() {
        return folder.resolve("repo");
    }

    public Stanza stanza() {
        return new Stanza(STANZA, config());
    }

    public PgBackRest program(Work work) {
        return PgBackRest.of(stanza(), work);
    }

    public PgBackRest program() {
        return program(Work.unattended("watchkeeper:test"));
    }

    public LocalServer server() {
        return server;
    }

    public Database database() {
        return pools.database("shore");
    }

    /** The agent's own catalogue of the server's backups. */
    public Catalogue catalogue() {
        return settings().catalogue("shore");
    }

    /** The stanza's entries in it, renewed. */
    public StanzaCatalogue entries() {
        StanzaCatalogue entries = new StanzaCatalogue(catalogue(), stanza());
        LockFile turn = entries.lock("test");
        try {
            entries.renew(program().requireInfo());
        } finally {
            turn.close();
        }
        return entries;
    }

    public BackupSettings settings() {
        return new BackupSettings(
                folder.resolve("agent"), null, folder.resolve("state"), null, "here", Clock.systemUTC());
    }

    public void execute(String sql) {
        TestServers.execute(server, "postgres", sql);
    }

    public StanzaBackup backup(StanzaBackup.Type type) {
        return new StanzaBackupMaker(program())
                .make(new StanzaBackupMaker.Options(type, true, null, null, true))
                .backup();
    }

    /** A file of the repository. */
    public Path find(String below, Predicate<String> name) {
        try (Stream<Path> all = Files.walk(repository().resolve(below))) {
            return all.filter(Files::isRegularFile)
                    .filter(path -> name.test(path.getFileName().toString()))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        pools.close();
        server.delete();
        try {
            FolderTree.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
