package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what a pg_auto_failover monitor knows of a cluster. */
final class AutoFailoverMonitor {

    /** States of a node that takes writes, or waits for a standby before it does. */
    private static final Set<String> LEADING =
            Set.of("single", "wait_primary", "primary", "join_primary", "apply_settings");

    private static final String NODES = """
            select formationid, nodename, nodehost || ':' || nodeport, reportedstate::text, goalstate::text
              from pgautofailover.node where sysidentifier::text = ?
             order by nodeid""";

    private AutoFailoverMonitor() {}

    /** @param system the system identifier of the server that is looked after */
    static FailoverCluster ask(Database monitor, Work work, String system, List<String> signs) throws SQLException {
        List<FailoverMember> members = new ArrayList<>();
        List<String> formation = new ArrayList<>();
        try (Session session = monitor.open(work)) {
            session.list(
                    NODES,
                    row -> {
                        formation.add(row.getString(1));
                        String reported = row.getString(4);
                        String goal = row.getString(5);
                        return members.add(new FailoverMember(
                                row.getString(2),
                                LEADING.contains(reported) && LEADING.contains(goal),
                                reported,
                                reported.equals(goal) ? reported : reported + " → " + goal,
                                row.getString(3),
                                null));
                    },
                    system);
        } catch (OperatorException e) {
            return unasked(signs, String.valueOf(e.getMessage()));
        } catch (SQLException e) {
            if (!SqlStates.UNDEFINED_TABLE.equals(e.getSQLState())
                    && !SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())
                    && !"3F000".equals(e.getSQLState())) {
                throw e;
            }
            return unasked(
                    signs,
                    "pgautofailover.node of database '" + monitor.name() + "' cannot be read: " + e.getMessage());
        }
        if (members.isEmpty()) {
            return unasked(
                    signs, "the monitor '" + monitor.name() + "' knows no node with system identifier " + system);
        }
        return new FailoverCluster(FailoverTool.PG_AUTO_FAILOVER, formation.get(0), members, signs, null);
    }

    private static FailoverCluster unasked(List<String> signs, String problem) {
        return new FailoverCluster(FailoverTool.PG_AUTO_FAILOVER, "", List.of(), signs, problem);
    }
}
