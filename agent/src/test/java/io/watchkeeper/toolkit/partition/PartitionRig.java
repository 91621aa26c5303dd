package io.watchkeeper.toolkit.partition;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** A database with partitioned tables, a repository for their archive, and a clock. */
final class PartitionRig implements AutoCloseable {

    static final Work WORK = Work.unattended("partition test");

    final LocalServer server = TestServers.shore();
    final String name = TestServers.freshDatabase(server);
    final DatabaseSettings settings;
    final Path folder;
    private final DatabasePools pools;
    private Instant now;

    PartitionRig(Path folder, String now) {
        this(folder, now, "postgres");
    }

    PartitionRig(Path folder, String now, String user) {
        this.folder = folder;
        this.now = Instant.parse(now);
        this.settings = new DatabaseSettings("shore", server.url(name), user, null, 8, null, true);
        this.pools = new DatabasePools(List.of(settings));
    }

    void itIs(String moment) {
        now = Instant.parse(moment);
    }

    Database database() {
        return pools.database("shore");
    }

    static BackupSettings backups(Path folder, Clock clock) {
        return new BackupSettings(folder.resolve("repository"), null, folder.resolve("state"), null, "host", clock);
    }

    BackupSettings backups() {
        return backups(folder, Clock.systemUTC());
    }

    PartitionUpkeep upkeep(Work work) {
        return new PartitionUpkeep(database(), database(), backups(), Clock.fixed(now, ZoneOffset.UTC), work)
                .trustingItsClock();
    }

    UpkeepResult run(UpkeepPlan plan) throws SQLException {
        return upkeep(WORK).run(plan);
    }

    /** As {@link #run}, where nothing may fail. */
    UpkeepResult done(UpkeepPlan plan) throws SQLException {
        UpkeepResult result = run(plan);
        if (result.failure().isPresent()) {
            throw result.failure().get();
        }
        return result;
    }

    void on(String sql) {
        TestServers.execute(server, name, sql);
    }

    String value(String sql) {
        return String.join(",", values(sql));
    }

    List<String> values(String sql) {
        try (Connection connection = TestServers.connect(server, name);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (row.next()) {
                values.add(row.getString(1));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** The partitions of a table with their bounds, as UTC. */
    List<String> partitions(String table) {
        on("alter database " + name + " set timezone to 'UTC'");
        return values(
                "select c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                        + " where i.inhparent = '" + table + "'::regclass order by 1");
    }

    @Override
    public void close() {
        pools.close();
    }
}
