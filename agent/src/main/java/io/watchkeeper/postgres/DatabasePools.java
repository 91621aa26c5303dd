package io.watchkeeper.postgres;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.problem.Suggestion;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The configured databases, one capped pool each, opened on first use. */
public final class DatabasePools implements AutoCloseable {

    private final Map<String, Database> databases = new LinkedHashMap<>();

    /** Pools that know of no other process. */
    public DatabasePools(Collection<DatabaseSettings> settings) {
        this(settings, LinkLimits.USUAL);
    }

    DatabasePools(Collection<DatabaseSettings> settings, LinkLimits limits) {
        for (DatabaseSettings one : settings) {
            databases.put(one.name(), new Database(one, null, limits));
        }
    }

    /**
     * Pools whose caps hold over all processes of this host that share the state directory: a connection that any of them uses
     * counts, the idle ones that each keeps do not. Where the directory cannot be written, each process keeps to the cap by
     * itself, and says so in its log.
     */
    public DatabasePools(Collection<DatabaseSettings> settings, Path state) {
        Path folder = state.resolve("connections");
        for (DatabaseSettings one : settings) {
            databases.put(one.name(), new Database(one, new HostSlots(folder, one.name(), one.maxConnections())));
        }
    }

    /** @throws OperatorException when no database has this name */
    public Database database(String name) {
        Database database = databases.get(name);
        if (database == null) {
            throw new OperatorException(
                    "database '" + name + "' is not in the configuration",
                    Suggestion.didYouMean(name, databases.keySet()) + "Configured: "
                            + String.join(", ", databases.keySet()) + ".");
        }
        return database;
    }

    /** All of them, in the order of the configuration. */
    public Collection<Database> all() {
        return databases.values();
    }

    @Override
    public void close() {
        databases.values().forEach(Database::close);
    }
}
