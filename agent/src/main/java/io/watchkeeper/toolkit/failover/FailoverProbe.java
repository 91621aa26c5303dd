package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Recognises what looks after a server: by what the configuration says, and by what Patroni, pg_auto_failover and repmgr leave in every
 * server that they look after. Changes nothing.
 */
public final class FailoverProbe {

    /** Settings that Patroni hands to the server on its command line, and nobody else all of them. */
    private static final int PATRONI_SETTINGS = 5;

    private static final String SIGNS = """
            select (select system_identifier::text from pg_control_system()),
                   current_setting('cluster_name'),
                   array(select distinct application_name from pg_stat_activity where application_name like 'Patroni%' order by 1),
                   (select count(*) from pg_settings where source = 'command line'
                       and name in ('cluster_name', 'wal_level', 'hot_standby', 'max_worker_processes', 'max_replication_slots')),
                   array(select rolname::text from pg_roles
                          where rolname in ('pgautofailover_replicator', 'pgautofailover_monitor') order by 1),
                   array(select slot_name::text from pg_replication_slots
                          where slot_name ~ '^(pgautofailover_standby|repmgr_slot)_[0-9]+$' order by 1),
                   exists (select from pg_database where datname = 'repmgr' and datallowconn),
                   to_regclass('repmgr.nodes') is not null,
                   array(select application_name from pg_stat_replication where application_name ~ '^pgautofailover_standby_[0-9]+$')""";

    private final Function<String, Database> databases;
    private final Work work;

    /** @param databases the configured ones, by name */
    public FailoverProbe(Function<String, Database> databases, Work work) {
        this.databases = databases;
        this.work = work;
    }

    /**
     * What the server says of itself.
     *
     * @param patroniSettings how many of {@value FailoverProbe#PATRONI_SETTINGS}
     * @param roles that pg_auto_failover makes
     * @param slots that pg_auto_failover and repmgr make
     * @param repmgrHere whether this database has repmgr's table, @param repmgrDatabase whether there is a database of that name
     */
    private record Signs(
            String system,
            String cluster,
            List<String> patroniSessions,
            int patroniSettings,
            List<String> roles,
            List<String> slots,
            boolean repmgrDatabase,
            boolean repmgrHere,
            List<String> autoFailoverStandbys) {

        static Signs read(ResultSet row) throws SQLException {
            return new Signs(
                    row.getString(1),
                    row.getString(2),
                    texts(row, 3),
                    row.getInt(4),
                    texts(row, 5),
                    texts(row, 6),
                    row.getBoolean(7),
                    row.getBoolean(8),
                    texts(row, 9));
        }

        private static List<String> texts(ResultSet row, int column) throws SQLException {
            return Arrays.asList((String[]) row.getArray(column).getArray());
        }

        List<String> slotsLike(String prefix) {
            return slots.stream().filter(slot -> slot.startsWith(prefix)).toList();
        }
    }

    /**
     * Looks once.
     *
     * @return empty where nothing looks after the server
     */
    public Optional<FailoverCluster> look(Database database) throws SQLException {
        Signs signs;
        try (Session session = database.open(work)) {
            signs = session.oneVerbatim(SIGNS, Signs::read);
        }
        Optional<FailoverCluster> patroni = patroni(database, signs);
        if (patroni.isPresent()) {
            return patroni;
        }
        Optional<FailoverCluster> autoFailover = autoFailover(database, signs);
        return autoFailover.isPresent() ? autoFailover : repmgr(database, signs);
    }

    /** @throws OperatorException when something looks after the server whose business the action is */
    public void refuse(Database database, ManagedAction action) throws SQLException {
        Optional<FailoverCluster> cluster = look(database);
        if (cluster.isPresent()) {
            cluster.get().refuse(action, database.name());
        }
    }

    private static Optional<FailoverCluster> patroni(Database database, Signs found) {
        List<String> signs = new ArrayList<>();
        if (!found.patroniSessions().isEmpty()) {
            signs.add("sessions called " + String.join(", ", found.patroniSessions()));
        }
        if (found.patroniSettings() == PATRONI_SETTINGS) {
            signs.add("it was started with Patroni's settings on its command line");
        }
        String address = database.settings().patroni();
        if (address == null) {
            return signs.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new FailoverCluster(
                            FailoverTool.PATRONI,
                            found.cluster(),
                            List.of(),
                            signs,
                            "databases." + database.name() + ".patroni does not name its REST API"));
        }
        signs.add(0, "configured at " + address);
        PatroniClient client = new PatroniClient(address);
        try {
            PatroniClient.Node node = client.node();
            if (!node.systemIdentifier().isEmpty() && !node.systemIdentifier().equals(found.system())) {
                throw new OperatorException(
                        "databases." + database.name() + ".patroni leads to cluster " + node.scope()
                                + ", which has another system identifier than the server of '" + database.name() + "'",
                        "name the REST API of one of its own members.");
            }
            return Optional.of(
                    new FailoverCluster(FailoverTool.PATRONI, node.scope(), client.members(), signs, paused(node)));
        } catch (OperatorException e) {
            // Not fought with because it does not answer: its own members may very well reach each other.
            return Optional.of(new FailoverCluster(
                    FailoverTool.PATRONI, found.cluster(), List.of(), signs, String.valueOf(e.getMessage())));
        }
    }

    /** A paused Patroni still has the leader's lock, and goes on where it was as soon as it is resumed. */
    private static @Nullable String paused(PatroniClient.Node node) {
        return node.paused() ? "it is paused (patronictl resume " + node.scope() + " ends that)" : null;
    }

    private Optional<FailoverCluster> autoFailover(Database database, Signs found) throws SQLException {
        List<String> signs = new ArrayList<>();
        String monitor = database.settings().monitor();
        if (monitor != null) {
            signs.add("its monitor is database '" + monitor + "'");
        }
        if (!found.roles().isEmpty()) {
            signs.add("role " + String.join(", ", found.roles()));
        }
        List<String> slots = found.slotsLike("pgautofailover_");
        if (!slots.isEmpty()) {
            signs.add("slot " + String.join(", ", slots));
        }
        if (!found.autoFailoverStandbys().isEmpty()) {
            signs.add("standby " + String.join(", ", found.autoFailoverStandbys()));
        }
        if (signs.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                monitor == null
                        ? new FailoverCluster(
                                FailoverTool.PG_AUTO_FAILOVER,
                                "",
                                List.of(),
                                signs,
                                "databases." + database.name() + ".autoFailoverMonitor does not name its monitor")
                        : AutoFailoverMonitor.ask(databases.apply(monitor), work, found.system(), signs));
    }

    private Optional<FailoverCluster> repmgr(Database database, Signs found) throws SQLException {
        List<String> signs = new ArrayList<>();
        List<String> slots = found.slotsLike("repmgr_");
        if (!slots.isEmpty()) {
            signs.add("slot " + String.join(", ", slots));
        }
        Optional<FailoverCluster> asked = Optional.empty();
        if (found.repmgrHere()) {
            asked = RepmgrNodes.ask(database, work, signs);
        } else if (found.repmgrDatabase()) {
            try (DatabasePools pools =
                    new DatabasePools(List.of(database.settings().onServer("repmgr")))) {
                asked = RepmgrNodes.ask(pools.database(database.name()), work, signs);
            }
        }
        return asked.isPresent() || signs.isEmpty()
                ? asked
                : Optional.of(new FailoverCluster(
                        FailoverTool.REPMGR, "", List.of(), signs, "its table repmgr.nodes was not found"));
    }
}
