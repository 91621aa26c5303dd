package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.files.FreeSpace;
import io.watchkeeper.files.LockFile;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.LocalSocketFactory;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.ServerUser;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.Backup;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.toolkit.backup.Catalogue;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster that was restored from its newest backup into a {@link Sandbox} and recovered to the latest, for trying things out: it can be
 * written to, and nobody else reaches it. It has no network, else it is not made; what is left are the Unix sockets of this host, so that
 * the database has no logins for foreign servers, no event triggers, and its subscriptions know no publisher. Sessions have the role of
 * the configured database, with the rights that it has there. It is gone when it is closed; when the process dies, {@link SandboxSweep}
 * removes it.
 */
public final class RestoredCluster implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RestoredCluster.class);
    private static final int CONNECTIONS = 8;

    private static final String DOORS = """
            select format('DROP EVENT TRIGGER %I', evtname) from pg_catalog.pg_event_trigger
            union all
            select format('DROP USER MAPPING FOR %s SERVER %I', case when umuser = 0 then 'PUBLIC' else quote_ident(usename) end, srvname)
              from pg_catalog.pg_user_mappings
            union all
            select format('ALTER SUBSCRIPTION %I %s', subname, what)
              from pg_catalog.pg_subscription, (values (1, 'DISABLE'), (2, 'SET (slot_name = NONE)'),
                   (3, 'CONNECTION ''host=/nonexistent dbname=none password=none''')) as t (n, what)
             where subdbid = (select oid from pg_catalog.pg_database where datname = current_database())""";

    /** What is to be closed, in this order. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private final Database source;
    private final DatabasePools pools;
    private final String backup;

    private RestoredCluster(BackupSettings settings, Database source, Work work, String id)
            throws IOException, SQLException {
        this.source = source;
        try {
            RestorePlanner.Plan chosen = new RestorePlanner(
                            settings, new RepositorySource(settings, source.name(), work), source.name(), work)
                    .asking(source)
                    .plan(RecoveryTarget.LATEST, null, settings.state());
            backup = chosen.preview().backup().id();
            pin(settings.catalogue(source.name()), chosen.preview().chain(), id);
            Sandbox sandbox = Sandbox.make(settings.state(), id, id, DrillPlan.PORT);
            open.push(sandbox);
            open.push(work.onCancel(() -> OtherProcesses.end(sandbox.folder())));
            FreeSpace.require(sandbox.folder(), chosen.preview().needed(), "restoring " + source.name());
            chosen.bring(
                    sandbox.data(),
                    sandbox.tablespaces(),
                    Files.createDirectory(sandbox.folder().resolve("parts")),
                    sandbox.user());
            recover(settings, sandbox, chosen, work);
            pools = new DatabasePools(List.of(reached(source.settings(), sandbox)));
            open.push(pools);
        } catch (IOException | SQLException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Whether a server of its own would have no network here. Where the system lets nobody have a namespace, a query could leave. */
    public static boolean isCutOff(BackupSettings settings) {
        return Isolation.best(ServerUser.forSandboxesIn(settings.state())) == Isolation.NO_NETWORK;
    }

    /** Whether this host has a backup of the database's cluster that can be restored. */
    public static boolean isPossible(BackupSettings settings, Database source, Work work) {
        return settings.repository() != null
                && new RepositorySource(settings, source.name(), work)
                        .backups().stream().anyMatch(Backup::isGood);
    }

    /**
     * Restores and recovers; takes as long as a drill.
     *
     * @param id unique, of letters, digits and dashes
     * @throws OperatorException when it cannot be restored; nothing is left of it then
     */
    public static RestoredCluster of(BackupSettings settings, Database source, Work work, String id)
            throws SQLException {
        SandboxSweep.sweep(settings.state());
        try {
            return new RestoredCluster(settings, source, work, id);
        } catch (IOException e) {
            throw new OperatorException(
                    "a backup of '" + source.name() + "' cannot be restored: " + Reason.of(e),
                    "make room in " + settings.state() + "; watchkeeper drill tells more.",
                    e);
        }
    }

    private void pin(Catalogue catalogue, List<Backup> chain, String holder) {
        if (Files.isWritable(catalogue.folder())) {
            List<LockFile> held = new ArrayList<>();
            open.push(() -> held.forEach(LockFile::close));
            chain.forEach(one -> held.add(catalogue.pin(one.id(), holder)));
        }
    }

    private void recover(BackupSettings settings, Sandbox sandbox, RestorePlanner.Plan chosen, Work work)
            throws IOException, SQLException {
        PgBinaries programs = BaseRestore.programs(settings, chosen.preview().backup());
        ControlData control = ControlData.of(programs, sandbox.data(), work);
        SandboxServer server =
                new SandboxServer(programs, sandbox, source.settings().user());
        if (server.isolation() != Isolation.NO_NETWORK) {
            throw new OperatorException(
                    "this system lets nobody have a network namespace, so that a restored cluster could reach others",
                    "in the unit of systemd, RestrictNamespaces forbids it.");
        }
        open.push(server);
        WalFeeder feeder = new WalFeeder(sandbox.wal(), sandbox.user(), WalFeeder.Source.of(chosen));
        open.push(feeder);
        Recovery.Reached unused = new Recovery(server, feeder, chosen, work)
                .run(control, feeder.start(sandbox.folder().resolve("fetch.sh")));
        shut(server);
    }

    /** What leads outward: the server of a foreign table may be reached through a socket of this host. */
    private void shut(SandboxServer server) throws SQLException {
        try (Connection connection = server.connect(source.settings().databaseName());
                Statement statement = connection.createStatement()) {
            List<String> doors = new ArrayList<>();
            try (ResultSet row = statement.executeQuery(DOORS)) {
                while (row.next()) {
                    doors.add(row.getString(1));
                }
            }
            for (String door : doors) {
                boolean unused = statement.execute(door);
            }
        }
    }

    /** The same database, through the sandbox's socket. The address's own parameters win over the pool's. */
    private static DatabaseSettings reached(DatabaseSettings real, Sandbox sandbox) {
        String url = "jdbc:postgresql://localhost:" + sandbox.port() + "/"
                + URLEncoder.encode(real.databaseName(), StandardCharsets.UTF_8).replace("+", "%20")
                + "?sslmode=disable&gssEncMode=disable&socketFactory=" + LocalSocketFactory.class.getName()
                + "&socketFactoryArg="
                + URLEncoder.encode(sandbox.socket().toString(), StandardCharsets.UTF_8);
        return new DatabaseSettings(real.name(), url, real.user(), null, CONNECTIONS, null, true);
    }

    /** The restored database, under the name of the configured one. */
    public Database database() {
        return pools.database(source.name());
    }

    /** Which backup it was made of. */
    public String backup() {
        return backup;
    }

    /** Ends the server and removes everything. */
    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                LOG.warn("something of a restored cluster stays until the next sweep: {}", e.toString());
            }
        }
    }
}
