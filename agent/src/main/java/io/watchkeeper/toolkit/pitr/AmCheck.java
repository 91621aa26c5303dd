package io.watchkeeper.toolkit.pitr;

import io.watchkeeper.postgres.Identifiers;
import io.watchkeeper.postgres.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Looks through every b-tree index of every database of a recovered cluster: its order, and that it has an entry for each row of
 * its table, which reads the tables whole, too. Done by PostgreSQL's extension amcheck, made in the sandbox where it is not there.
 */
final class AmCheck {

    private static final int WORST = 5;

    /** The largest first, so that no worker is left alone with it. Unlogged ones are empty after a recovery. */
    private static final String INDEXES = """
            select n.nspname, c.relname, c.oid
              from pg_catalog.pg_index i
              join pg_catalog.pg_class c on c.oid = i.indexrelid
              join pg_catalog.pg_class t on t.oid = i.indrelid
              join pg_catalog.pg_am a on a.oid = c.relam
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
             where a.amname = 'btree' and c.relkind = 'i' and c.relpersistence = 'p'
               and i.indisready and i.indisvalid
             order by pg_catalog.pg_relation_size(t.oid) desc, c.oid""";

    private final SandboxServer server;
    private final int workers;

    AmCheck(SandboxServer server, int workers) {
        this.server = server;
        this.workers = workers;
    }

    /** What was looked at and what is wrong with it. */
    record Findings(int databases, int indexes, List<String> wrong) {

        String words() {
            String looked = indexes + " indexes in " + databases + (databases == 1 ? " database" : " databases");
            return wrong.isEmpty()
                    ? looked + ", all sound"
                    : wrong.size() + " of " + looked + " are wrong: "
                            + String.join("; ", wrong.subList(0, Math.min(WORST, wrong.size())));
        }
    }

    private record Index(String database, String name, long oid) {}

    /** @throws SQLException when the extension cannot be had, or a database cannot be looked at */
    Findings look() throws SQLException {
        List<String> databases = databases();
        List<String> wrong = new ArrayList<>();
        int indexes = 0;
        for (String database : databases) {
            Queue<Index> queue = new ConcurrentLinkedQueue<>();
            String schema = prepare(database, queue);
            indexes += queue.size();
            wrong.addAll(work(database, schema, queue));
        }
        return new Findings(databases.size(), indexes, wrong);
    }

    private List<String> databases() throws SQLException {
        try (Connection connection = server.connect("template1");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select datname from pg_catalog.pg_database where datallowconn order by datname")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        }
    }

    /** Lists the indexes. @return the schema that holds amcheck's functions */
    private String prepare(String database, Queue<Index> queue) throws SQLException {
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            // Listed before the extension adds to the catalogue.
            try (ResultSet rows = statement.executeQuery(INDEXES)) {
                while (rows.next()) {
                    queue.add(new Index(
                            database, new TableName(rows.getString(1), rows.getString(2)).toString(), rows.getLong(3)));
                }
            }
            statement.execute("create extension if not exists amcheck schema pg_catalog");
            try (ResultSet row = statement.executeQuery("""
                    select n.nspname from pg_catalog.pg_extension e
                      join pg_catalog.pg_namespace n on n.oid = e.extnamespace where e.extname = 'amcheck'""")) {
                row.next();
                return Identifiers.quote(row.getString(1));
            }
        }
    }

    private List<String> work(String database, String schema, Queue<Index> queue) throws SQLException {
        int streams = Math.max(1, Math.min(workers, queue.size()));
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(streams, task -> {
            Thread thread = new Thread(task, "amcheck-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<List<String>>> parts = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                parts.add(threads.submit(() -> look(database, schema, queue)));
            }
            List<String> wrong = new ArrayList<>();
            for (Future<List<String>> part : parts) {
                wrong.addAll(part.get());
            }
            return wrong;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while indexes were looked through", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private List<String> look(String database, String schema, Queue<Index> queue) throws SQLException {
        List<String> wrong = new ArrayList<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement()) {
            for (Index index = queue.poll(); index != null; index = queue.poll()) {
                try {
                    statement.execute("select " + schema + ".bt_index_check(" + index.oid() + "::oid::regclass, true)");
                } catch (SQLException e) {
                    if (!server.isAlive() || connection.isClosed()) {
                        throw e;
                    }
                    wrong.add(database + ": " + index.name() + ": " + Reason.of(e));
                }
            }
        }
        return wrong;
    }
}
