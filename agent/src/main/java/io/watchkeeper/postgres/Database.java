package io.watchkeeper.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One configured database and its pool. */
public final class Database implements AutoCloseable {

    private final DatabaseSettings settings;
    private @Nullable HikariDataSource pool;

    Database(DatabaseSettings settings) {
        this.settings = settings;
    }

    public String name() {
        return settings.name();
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /**
     * A session for the work: it carries the work's name, its statements end at the work's deadline, and it is cancelled on
     * the server when the work is. Waits for a free connection of the pool.
     */
    public Session open(Work work) throws SQLException {
        work.throwIfCancelled();
        HikariDataSource source = pool();
        Connection connection = source.getConnection();
        return new Session(this, connection, work, () -> source.evictConnection(connection));
    }

    private synchronized HikariDataSource pool() {
        if (pool == null) {
            HikariConfig config = new HikariConfig();
            config.setPoolName(settings.name());
            config.setJdbcUrl(settings.url());
            config.setUsername(settings.user());
            if (settings.password() != null) {
                config.setPassword(settings.password().reveal());
            }
            config.setMaximumPoolSize(settings.maxConnections());
            config.setMinimumIdle(0);
            config.setInitializationFailTimeout(-1);
            pool = new HikariDataSource(config);
        }
        return pool;
    }

    @Override
    public synchronized void close() {
        if (pool != null) {
            pool.close();
            pool = null;
        }
    }
}
