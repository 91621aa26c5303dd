package io.watchkeeper.toolkit.failover;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the nodes that repmgr has registered. Of their connection strings only host and port leave the server: there may be a password. */
final class RepmgrNodes {

    private static final String NODES = """
            select node_name, type, active,
                   coalesce(substring(conninfo from '(?:^|\\s)host\\s*=\\s*''?([^''\\s]+)'), ''),
                   coalesce(substring(conninfo from '(?:^|\\s)port\\s*=\\s*''?(\\d+)'), '5432')
              from repmgr.nodes order by node_id""";

    private RepmgrNodes() {}

    /** @return empty where the table is missing, or nobody is registered in it */
    static Optional<FailoverCluster> ask(Database database, Work work, List<String> signs) throws SQLException {
        List<String> all = new ArrayList<>(signs);
        try (Session session = database.open(work)) {
            List<FailoverMember> members = session.listVerbatim(NODES, row -> {
                boolean active = row.getBoolean(3);
                String type = row.getString(2);
                String host = row.getString(4);
                return new FailoverMember(
                        row.getString(1),
                        active && type.equals("primary"),
                        type,
                        active ? "active" : "inactive",
                        host.isEmpty() ? "" : host + ":" + row.getString(5),
                        null);
            });
            if (members.isEmpty()) {
                return Optional.empty();
            }
            all.add(members.size() + " nodes in repmgr.nodes");
            return Optional.of(new FailoverCluster(FailoverTool.REPMGR, "", members, all, null));
        } catch (OperatorException e) {
            all.add("a database repmgr");
            return Optional.of(unasked(all, String.valueOf(e.getMessage())));
        } catch (SQLException e) {
            if (SqlStates.UNDEFINED_TABLE.equals(e.getSQLState()) || "3F000".equals(e.getSQLState())) {
                return Optional.empty();
            }
            if (!SqlStates.INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw e;
            }
            all.add("a schema repmgr");
            String role = Identifiers.quote(database.settings().user());
            return Optional.of(unasked(
                    all,
                    "repmgr.nodes cannot be read (GRANT USAGE ON SCHEMA repmgr TO " + role
                            + "; GRANT SELECT ON repmgr.nodes TO " + role + ";)"));
        }
    }

    private static FailoverCluster unasked(List<String> signs, String problem) {
        return new FailoverCluster(FailoverTool.REPMGR, "", List.of(), signs, problem);
    }
}
