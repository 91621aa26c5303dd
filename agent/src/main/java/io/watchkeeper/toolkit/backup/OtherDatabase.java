package io.watchkeeper.toolkit.backup;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.DatabaseSettings;
import io.watchkeeper.postgres.FailureClass;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.SqlStates;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.postgresql.Driver;

/** Databases on a configured server that are not themselves configured. */
final class OtherDatabase {

    private OtherDatabase() {}

    /** A pool that calls it by the configured database's name. Whoever asks for it closes it. */
    static DatabasePools on(Database configured, String name) {
        return new DatabasePools(List.of(configured.settings().onServer(name)));
    }

    /** What the server calls a configured database. */
    static String name(DatabaseSettings configured) {
        Properties parsed = Driver.parseURL(configured.url(), new Properties());
        return parsed == null ? configured.user() : parsed.getProperty("PGDBNAME", configured.user());
    }

    /**
     * Does something to databases as such, which may be done from any of them: from the configured one, or where that is missing from the
     * one that every server has.
     */
    static <T> T administer(Database configured, Work work, Administration<T> action) throws SQLException {
        try (Session session = configured.open(work)) {
            return action.run(session);
        } catch (OperatorException e) {
            if (!isMissing(e)) {
                throw e;
            }
        }
        try (DatabasePools pools = on(configured, "postgres");
                Session session = pools.database(configured.name()).open(work)) {
            return action.run(session);
        }
    }

    /** Whether the server was reached and has no such database. */
    static boolean isMissing(Throwable failure) {
        return FailureClass.sqlState(failure)
                .filter(SqlStates.INVALID_CATALOG_NAME::equals)
                .isPresent();
    }

    /** Some statements. */
    @FunctionalInterface
    interface Administration<T> {
        T run(Session session) throws SQLException;
    }
}
