package io.watchkeeper.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The demo's tables and rows: tenants, pipelines, incidents, documents, document_chunks and audit_events, in Korean and English.
 * The rows come from hashes of their numbers, so that every demo of one size holds the same.
 */
public final class DemoData {

    /** How many of what; each document has seven chunks, each tenant ten pipelines. */
    public record Size(int tenants, int documents, int incidents, int auditEvents) {

        /** A million rows in all, 250 MB on disk, made in about five seconds on two cores. */
        public static final Size MILLION = new Size(240, 60_000, 160_000, 357_360);

        /** A thousand rows in all, for trying things out quickly. */
        public static final Size THOUSAND = new Size(10, 60, 160, 310);

        public long rows() {
            return tenants * 11L + documents * 8L + incidents + auditEvents;
        }
    }

    /** Opens a connection to the database the tables go to. */
    @FunctionalInterface
    public interface Connector {
        Connection connect() throws SQLException;
    }

    /** What the files of rows count with. They live as long as their session, so that nothing of them stays in the database. */
    private static final String FUNCTIONS = """
            create function pg_temp.pick(n bigint, seed bigint, size bigint) returns integer immutable language sql
                as $$ select ((hashint8extended(n, seed) & 9223372036854775807) %% size)::integer $$;
            create function pg_temp.unit(n bigint, seed bigint) returns real immutable language sql
                as $$ select ((pg_temp.pick(n, seed, 2000001) - 1000000) / 1000000.0)::real $$;
            create function pg_temp.tenants() returns integer immutable language sql as 'select %d';
            create function pg_temp.documents() returns integer immutable language sql as 'select %d';
            create function pg_temp.incidents() returns integer immutable language sql as 'select %d';
            create function pg_temp.audit_events() returns integer immutable language sql as 'select %d';
            """;

    private DemoData() {}

    /** Makes the tables, empty. */
    public static void createTables(Connector database) throws SQLException {
        run(database, List.of(file("tables.sql"), file("keys.sql")));
    }

    /** Makes the tables with their rows, over two connections at once. */
    public static void createTablesWithRows(Connector database, Size size) throws SQLException {
        String functions = FUNCTIONS.formatted(size.tenants(), size.documents(), size.incidents(), size.auditEvents());
        run(database, List.of(functions, file("tables.sql"), file("rows-tenants.sql")));
        CompletableFuture<Void> events = CompletableFuture.runAsync(() -> {
            try {
                run(database, List.of(functions, file("rows-events.sql")));
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        });
        try {
            run(database, List.of(functions, file("rows-documents.sql")));
        } finally {
            join(events);
        }
        run(database, List.of(file("keys.sql"), "analyze"));
    }

    private static void run(Connector database, List<String> scripts) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String script : scripts) {
                statement.execute(script);
            }
        }
    }

    private static void join(CompletableFuture<Void> task) throws SQLException {
        try {
            task.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException sql) {
                throw sql;
            }
            throw e;
        }
    }

    /** The text of one of the demo's scripts. */
    static String file(String name) {
        try (InputStream in = DemoData.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not in the program's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
