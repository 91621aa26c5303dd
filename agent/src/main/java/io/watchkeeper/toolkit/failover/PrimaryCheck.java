package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** For what only a primary can do: says where the primary is now when the database that was named has become a standby. */
public final class PrimaryCheck {

    private static final String UPSTREAM = """
            select pg_is_in_recovery(),
                   (select sender_host || ':' || sender_port from pg_stat_wal_receiver where sender_host <> '')""";

    private final FailoverProbe probe;
    private final Work work;

    public PrimaryCheck(FailoverProbe probe, Work work) {
        this.probe = probe;
        this.work = work;
    }

    /** @throws OperatorException when the server takes no writes, with where the primary is as far as anybody knows */
    public void require(Database database) throws SQLException {
        @Nullable String upstream;
        try (Session session = database.open(work)) {
            Optional<String> found = session.oneVerbatim(
                    UPSTREAM,
                    row -> row.getBoolean(1)
                            ? Optional.of(row.getString(2) == null ? "" : row.getString(2))
                            : Optional.empty());
            if (found.isEmpty()) {
                return;
            }
            upstream = found.get();
        }
        throw moved(database, upstream, probe.look(database).flatMap(FailoverCluster::leader));
    }

    private static OperatorException moved(Database database, String upstream, Optional<FailoverMember> leader) {
        String name = database.name();
        String where = leader.map(one -> "its primary is " + one.name() + " at " + one.address() + " now")
                .orElse(
                        upstream.isEmpty()
                                ? "it gets its log from nobody right now"
                                : "it gets its log from " + upstream);
        String address = leader.map(FailoverMember::address).orElse(upstream);
        String hosts = database.settings().address() + (address.isEmpty() ? "" : "," + address);
        return new OperatorException(
                "the server of database '" + name + "' at "
                        + database.settings().address() + " is a standby; " + where,
                "name both in databases." + name + ".url, as jdbc:postgresql://" + hosts + "/"
                        + database.settings().databaseName()
                        + "?targetServerType=primary: the agent follows whichever is the primary then.");
    }
}
