package io.watchkeeper.toolkit.standby;

import io.watchkeeper.files.FolderTree;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.LocalServer;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
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

/** A primary that lets nobody in for replication, and a folder for its standbys. */
public final class StandbyRig implements AutoCloseable {

    public static final String HBA = """
            local all all trust
            host  all postgres 127.0.0.1/32 trust
            host  all all 127.0.0.1/32 scram-sha-256
            """;

    public final LocalServer primary;
    public final Path home;
    public final Path state;
    public final int port = LocalServer.freePort();
    public final DatabasePools pools;

    public StandbyRig(Map<String, String> settings) {
        primary = TestServers.own(settings);
        try {
            home = Files.createTempDirectory("watchkeeper-standbys");
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setOwner(home, Files.getOwner(primary.data()));
            state = Files.createDirectory(home.resolve("state"));
            Files.write(hba(), HBA.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pools = new DatabasePools(List.of(TestServers.settings("shore", primary, "postgres")));
        run("select pg_reload_conf()");
    }

    public Path hba() {
        return primary.data().resolve("pg_hba.conf");
    }

    public Path data() {
        return home.resolve("ship");
    }

    public Database shore() {
        return pools.database("shore");
    }

    public void run(String sql) {
        TestServers.execute(primary, "postgres", sql);
    }

    public String ask(String sql) {
        try (Session session = shore().open(Work.unattended("test"))) {
            return session.one(sql, row -> String.valueOf(row.getString(1)));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Everything that may be done is allowed. */
    public StandbyPlan plan() {
        return plan(state, data(), port);
    }

    static StandbyPlan plan(Path state, Path data, int port) {
        StandbyPlan usual = StandbyPlan.of("ship", data, port);
        return usual.with(new StandbyPlan.Settings(true, true, null, null))
                .with(new StandbyPlan.Access(usual.access().role(), null, true, null, null, null));
    }

    StandbyProvisioner provisioner() {
        return provisioner(Work.unattended("provision"));
    }

    StandbyProvisioner provisioner(Work work) {
        return new StandbyProvisioner(shore(), state, work, Clock.systemUTC(), Duration.ofSeconds(15));
    }

    StandbyResult provision(StandbyPlan plan) throws SQLException {
        return provisioner().provision(plan);
    }

    /** The password as it lies in the file. */
    public String secret() throws IOException {
        return Files.readString(PassFile.beside(data())).strip().replaceFirst("^.*:", "");
    }

    /** Ends a standby that no undo has ended. */
    public void stopStandby() {
        if (Files.exists(data().resolve("postmaster.pid"))) {
            PgCommand.of(TestServers.binaries().program("pg_ctl"), "stop", "--mode=immediate", "--pgdata=" + data())
                    .asOwnerOf(data())
                    .attempt(Work.unattended("test"), line -> {});
        }
    }

    @Override
    public void close() {
        pools.close();
        stopStandby();
        primary.delete();
        try {
            FolderTree.delete(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
