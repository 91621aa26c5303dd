package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A database to dump, a repository, and short ways to fill, dump, restore and compare. */
final class DumpRig implements AutoCloseable {

    static final Work WORK = Work.unattended("dump test");

    final LocalServer server;
    final DatabaseSettings shore;
    final BackupSettings settings;
    final Path folder;
    private final DatabasePools pools;
    private final List<String> made = new ArrayList<>();

    DumpRig(Path folder) {
        this(folder, TestServers.shore(), "postgres", null);
    }

    DumpRig(Path folder, LocalServer server, String user, @Nullable Encryption encryption) {
        this(
                folder,
                server,
                encryption,
                new DatabaseSettings(
                        "shore", server.url(TestServers.freshDatabase(server)), user, null, 8, null, true));
    }

    private DumpRig(Path folder, LocalServer server, @Nullable Encryption encryption, DatabaseSettings shore) {
        this.folder = folder;
        this.server = server;
        this.shore = shore;
        this.settings = new BackupSettings(
                folder.resolve("repository"), encryption, folder.resolve("state"), null, "host", Clock.systemUTC());
        this.pools = new DatabasePools(List.of(shore));
    }

    /** The same database and repository, reached in another way. */
    DumpRig through(DatabaseSettings other) {
        return new DumpRig(folder, server, settings.encryption(), other);
    }

    DumpRig loggingInAs(String user) {
        return through(new DatabaseSettings("shore", shore.url(), user, null, 8, null, true));
    }

    Database database() {
        return pools.database("shore");
    }

    Catalogue catalogue() {
        return settings.catalogue("shore");
    }

    Dump dump() {
        return dump(WORK);
    }

    Dump dump(Work work) {
        return new Dump(database(), database(), settings, work);
    }

    Backup made(DumpPlan plan) throws SQLException {
        return catalogue().find(dump().run(plan).id());
    }

    DumpRestore restore() {
        return restore(WORK);
    }

    DumpRestore restore(Work work) {
        return new DumpRestore(
                database(), name -> name.equals("shore") ? Optional.of(database()) : Optional.empty(), settings, work);
    }

    DumpRestoreResult restored(DumpRestorePlan plan) throws SQLException {
        return restore().restore(plan, folder);
    }

    /** A name that no database has yet; what is made of it goes with the rig. */
    String newName() {
        String name = OtherDatabase.name(shore) + "_restored_" + made.size();
        made.add(name);
        return name;
    }

    void on(String sql) {
        on(OtherDatabase.name(shore), sql);
    }

    void on(String database, String sql) {
        TestServers.execute(server, database, sql);
    }

    String value(String sql) {
        return value(OtherDatabase.name(shore), sql);
    }

    String value(String database, String sql) {
        try (Connection connection = TestServers.connect(server, database);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** All that PostgreSQL's own program says of a database, which two equal ones share. */
    String everything(String database) {
        DatabaseSettings superuser = new DatabaseSettings("any", server.url(database), "postgres", null, 1, null, true);
        return PgCommand.of(PgBinaries.forClient(null, 14, "pg_dump"), "--no-subscriptions")
                .connect(superuser, "test")
                .run(WORK)
                .output()
                .lines()
                .filter(line -> !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .collect(Collectors.joining("\n"));
    }

    List<String> databases() {
        return List.of(value("select coalesce(string_agg(datname, ',' order by 1), '') from pg_database"
                        + " where datname like 'watchkeeper_scratch%' or datname like '%restored%'")
                .split(","));
    }

    String scratchDatabases() {
        return value("select count(*) from pg_database where datname like 'watchkeeper_scratch%'");
    }

    /** Everything below the repository's folder of backups, and below the state's of what is temporary. */
    List<String> leftovers() {
        List<String> names = new ArrayList<>();
        for (Path one : List.of(catalogue().backupsFolder(), settings.state().resolve("scratch"))) {
            if (Files.isDirectory(one)) {
                try (Stream<Path> all = Files.list(one)) {
                    all.map(path -> String.valueOf(path.getFileName())).forEach(names::add);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return names;
    }

    @Override
    public void close() {
        pools.close();
        made.forEach(name -> TestServers.execute(server, "postgres", "drop database if exists \"" + name + "\""));
    }
}
