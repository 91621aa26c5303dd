package io.watchkeeper.toolkit.remedy;

import io.watchkeeper.postgres.Session;
import java.sql.SQLException;

/**
 * One server of a cluster, so that a change is taken back where it was made: after a failover the same name of the configuration
 * may lead to another server.
 *
 * @param system the cluster's identifier, the same for a primary and its standbys
 * @param address as the server itself sees it, with its port
 */
record ServerIdentity(String system, String address) {

    static ServerIdentity of(Session session) throws SQLException {
        return session.one("""
                select (select system_identifier::text from pg_control_system()),
                       coalesce(host(inet_server_addr()), 'local') || ':' || current_setting('port')""", row -> new ServerIdentity(row.getString(1), row.getString(2)));
    }
}
