package io.watchkeeper.schedule;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import org.quartz.utils.ConnectionProvider;

/** Gives Quartz connections of the agent's own pool; closing one gives it back as the pool lends it. */
final class ClusterConnections implements ConnectionProvider {

    private final Database database;
    private final ClusterWork work = new ClusterWork();

    ClusterConnections(Database database) {
        this.database = database;
    }

    @Override
    public Connection getConnection() throws SQLException {
        try {
            return givingBack(database.open(work));
        } catch (OperatorException e) {
            // Quartz expects this of a database that is away, and tries again later.
            throw new SQLException(e.getMessage(), e);
        }
    }

    private static Connection givingBack(Session session) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        session.close();
                        return null;
                    }
                    try {
                        return method.invoke(session.connection(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public void shutdown() {}

    @Override
    public void initialize() {}
}
